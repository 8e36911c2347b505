import { setTimeout as wait } from "node:timers/promises";
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
import { type Logger, openLog } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { readConfig } from "./config.ts";
import { openContext } from "./open-context.ts";
import { keepRuns } from "./running/runs.ts";
import { migrations, schema } from "./store/migrations.ts";
import { findRun } from "./store/runs.ts";

const usage =
  "pull --site SITE [--datasets classes,items,transactions] [--compare] [--incremental] [--wait SECONDS]: reads RFIDpro once, archives it and ends with 0 " +
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
/**
 * So long it is tried to begin, in seconds, unless `--wait` says otherwise: a run that was never begun is no run that could be begun again, so
 * that a neighbour that is away for a moment, or another run of the site, would cost the night.
 */
const waitSecondsDefault = 600;
const waitSecondsMax = 3_600;
const betweenTriesMs = 2_000;

const readWords = (words: readonly string[]) => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      site: { type: "string" },
      datasets: { type: "string" },
      compare: { type: "boolean" },
      incremental: { type: "boolean" },
      wait: { type: "string", default: String(waitSecondsDefault) },
    },
    strict: true,
  });
  const { site, datasets } = values;
  if (site === undefined || !/^[a-z0-9-]{1,32}$/.test(site)) throw new Error("name a site with --site");
  const wanted = datasets === undefined ? rfidproDatasets : datasets.split(",");
  const unknown = wanted.find((one) => !rfidproDatasets.includes(one as RfidproDataset));
  if (unknown !== undefined) throw new Error(`${unknown} is no data set`);
  const waitSeconds = Number(values.wait);
  if (!(/^\d+$/.test(values.wait) && waitSeconds <= waitSecondsMax))
    throw new Error(`--wait is a number of seconds, ${waitSecondsMax} at most`);
  const asked = {
    site,
    datasets: [...new Set(wanted)] as RfidproDataset[],
    compare: values.compare === true,
    ...(values.incremental === true ? { incremental: true } : {}),
  };
  return { asked, waitMs: waitSeconds * 1_000 };
};

type Asking = ReturnType<typeof readWords>["asked"];
type Pulling = {
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Is told once a run has begun: from then on the run says how it goes. */
  readonly begun: () => void;
};

/** Begins a run and reads to its end. @throws Fault as `Runs.begin` does, or as the world says it before a run is begun */
const pull = async (asked: Asking, { log, signal, begun }: Pulling): Promise<RfidproRun> => {
  const config = readConfig();
  await using stack = new AsyncDisposableStack();
  await migrate(config.databaseUrl, schema, migrations);
  const store = await openStore({ url: config.databaseUrl, schema, name, log, connectionsMax });
  stack.defer(() => store.close());
  const { natsUrl, streamReplicas } = config;
  const bus = await openBus({ url: natsUrl, streamReplicas, name, log, faultOf: faultOfStore });
  stack.defer(() => bus.close());
  const { sql } = store;
  const runs = keepRuns(await openContext(config, { sql, bus, log, goesOn: false }));
  stack.defer(() => runs.stop());
  const stopping = () => void runs.stop();
  signal.throwIfAborted();
  signal.addEventListener("abort", stopping, { once: true });
  const run = await runs.begin({ ...asked, id: newId(), by: "tagwire", how: "scheduled", import: false });
  begun();
  // One that ended in no time is not going on here any more.
  return (await runs.ended(run.id)) ?? (await findRun(sql, run.id))?.run ?? run;
};

/** Whether what stood in the way of a beginning may be gone in a moment. */
const passes = (error: unknown): boolean => {
  const fault = error instanceof Fault ? error : faultOfStore(error);
  return fault !== undefined && (fault.retryable || fault.code === "rfidpro.running");
};

/** Tries to begin a run until that can be, or has not been for so long; what ends a run that was begun is told by the run. */
const pullWhenPossible = async (words: readonly string[]): Promise<RfidproRun> => {
  const { asked, waitMs } = readWords(words);
  const ending = new AbortController();
  const { signal } = ending;
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => ending.abort());
  const log = openLog(name, readConfig().logLevel);
  let isBegun = false;
  const begun = () => {
    isBegun = true;
  };
  for (const untilMs = performance.now() + waitMs; ; ) {
    try {
      return await pull(asked, { log, signal, begun });
    } catch (error) {
      if (isBegun || signal.aborted || !passes(error) || performance.now() + betweenTriesMs > untilMs)
        throw error;
      log.warn({ err: error, site: asked.site }, "a pull cannot begin yet");
      await wait(betweenTriesMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) throw error;
    }
  }
};

/** Reads RFIDpro once, as the service does when a person asks for it, and gives the code that the process ends with. */
export const pullOnce = async (words: readonly string[]): Promise<number> => {
  try {
    const { verdict, why } = await pullWhenPossible(words);
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
