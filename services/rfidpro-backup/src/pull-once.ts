import { parseArgs } from "node:util";
import { openBus } from "@tagwire/bus";
import {
  Fault,
  newId,
  type PullVerdict,
  type RfidproDataset,
  type RfidproRun,
  rfidproDatasets,
} from "@tagwire/messages";
import { openLog } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { openContext } from "./open-context.ts";
import { keepRuns } from "./running/runs.ts";
import { migrations, schema } from "./store/migrations.ts";
import { findRun } from "./store/runs.ts";

const usage =
  "pull --site SITE [--datasets classes,items,transactions] [--compare] [--incremental]: reads RFIDpro once, archives it and ends with 0 " +
  "when all of it was read, or when the site has switched and no schedule pulls it any more; 3 when not all was, 1 when nothing was.";

/** What the process ends with, so that whoever scheduled it knows how the pull ended. */
export const exitCodes: Readonly<Record<PullVerdict, number>> = {
  complete: 0,
  partial: 3,
  unstable: 3,
  failed: 1,
};

const name = "rfidpro-pull";
const connectionsMax = 3;

const readWords = (words: readonly string[]) => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      site: { type: "string" },
      datasets: { type: "string" },
      compare: { type: "boolean" },
      incremental: { type: "boolean" },
    },
    strict: true,
  });
  const { site, datasets } = values;
  if (site === undefined || !/^[a-z0-9-]{1,32}$/.test(site)) throw new Error("name a site with --site");
  const wanted = datasets === undefined ? rfidproDatasets : datasets.split(",");
  const unknown = wanted.find((one) => !rfidproDatasets.includes(one as RfidproDataset));
  if (unknown !== undefined) throw new Error(`${unknown} is no data set`);
  return {
    site,
    datasets: [...new Set(wanted)] as RfidproDataset[],
    compare: values.compare === true,
    ...(values.incremental === true ? { incremental: true } : {}),
  };
};

const pull = async (words: readonly string[]): Promise<RfidproRun> => {
  const asked = readWords(words);
  const config = readConfig();
  const log = openLog(name, config.logLevel);
  await migrate(config.databaseUrl, schema, migrations);
  const store = await openStore({ url: config.databaseUrl, schema, name, log, connectionsMax });
  const { natsUrl, streamReplicas } = config;
  const bus = await openBus({ url: natsUrl, streamReplicas, name, log, faultOf: faultOfStore });
  const { sql } = store;
  const runs = keepRuns(await openContext(config, { sql, bus, log, goesOn: false }));
  const stopping = () => void runs.stop();
  process.once("SIGTERM", stopping);
  process.once("SIGINT", stopping);
  try {
    const run = await runs.begin({ ...asked, id: newId(), by: "tagwire", how: "scheduled", import: false });
    // One that ended in no time is not going on here any more.
    return (await runs.ended(run.id)) ?? (await findRun(sql, run.id))?.run ?? run;
  } finally {
    await runs.stop();
    await bus.close();
    await store.close();
  }
};

/** Reads RFIDpro once, as the service does when a person asks for it, and gives the code that the process ends with. */
export const pullOnce = async (words: readonly string[]): Promise<number> => {
  try {
    const { verdict, why } = await pull(words);
    process.stdout.write(`${why ?? ""}\n`);
    return verdict === null ? 1 : exitCodes[verdict];
  } catch (error) {
    // A schedule that goes on after a site has switched does what is asked of it: nothing. It would raise an alarm every night.
    if (error instanceof Fault && error.code === "rfidpro.polling_off") {
      process.stdout.write(
        `Nothing was read: automatic pulls are off, since ${error.detail}. ${error.advice}\n`,
      );
      return 0;
    }
    const advice = error instanceof Fault ? `\n  ${error.advice}` : `\n  ${usage}`;
    process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}${advice}\n`);
    return 1;
  }
};
