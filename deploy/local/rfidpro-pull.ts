import { setTimeout as wait } from "node:timers/promises";
import { type DatasetProgress, newId, type PullVerdict, type RfidproRun } from "@tagwire/messages";
import { type Access, accessOf } from "./access.ts";
import { call, faultOf } from "./call.ts";
import { type PullOptions, rfidproUsage } from "./rfidpro-options.ts";
import { say } from "./tool-command.ts";

const lookEveryMs = 500;

/** As the service's own one-shot ends, so that a script need not care which of them it calls. */
const exitCodes: Readonly<Record<PullVerdict, number>> = { complete: 0, partial: 3, unstable: 3, failed: 1 };

const farness = ({ dataset, rows, total, verdict }: DatasetProgress): string =>
  `${dataset} ${rows}${total === null ? "" : ` of ${total}`}${verdict === null ? "" : ` (${verdict})`}`;

const lineOf = ({ datasets }: RfidproRun): string =>
  `  ${datasets
    .filter(({ requests }) => requests > 0)
    .map(farness)
    .join(", ")}`;

const lookAt = async (access: Access, id: string): Promise<RfidproRun> => {
  const answer = await call(access, "GET", `/rfidpro/runs/${id}`);
  if (answer.status !== 200) throw faultOf("rfidpro pull", answer);
  return answer.body as RfidproRun;
};

/** Pulls RFIDpro through the Tagwire that runs, tells how far it is, and gives the code to end with. */
export const pullRfidpro = async (options: PullOptions, signal: AbortSignal): Promise<number> => {
  const { site, datasets, compare, incremental, json } = options;
  const access = accessOf(options.access, rfidproUsage, signal);
  const body = { id: newId(), site, compare, incremental, ...(datasets === undefined ? {} : { datasets }) };
  const begun = await call(access, "POST", "/rfidpro/runs", body);
  if (begun.status !== 202) throw faultOf("rfidpro pull", begun);
  let run = begun.body as RfidproRun;
  if (!json) say(`${site}: reading RFIDpro, run ${run.id}`);
  for (let told = ""; run.state === "running"; run = await lookAt(access, run.id)) {
    const line = lineOf(run);
    if (!json && line.trim() !== "" && line !== told) say(line);
    told = line;
    await wait(lookEveryMs, undefined, { signal });
  }
  if (json) say(JSON.stringify(run));
  else {
    say(lineOf(run));
    say(`${site}: ${run.why ?? run.state}`);
  }
  return run.verdict === null ? exitCodes.failed : exitCodes[run.verdict];
};
