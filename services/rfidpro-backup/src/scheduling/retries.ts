import { setTimeout as wait } from "node:timers/promises";
import { supervise } from "@tagwire/actor";
import { Fault, type RfidproRun } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { idOf } from "../actors/deterministic-id.ts";
import type { Asked } from "../running/begin-run.ts";
import type { Runs } from "../running/runs.ts";
import { findDueRetries } from "../store/retries.ts";

const lookEveryMs = 30_000;
/** A run of a schedule is begun again so often: what RFIDpro lacks for longer than its pauses together is another day's. */
export const retriesMax = 3;
/** After so long the next day's pull is near, in ms. */
const agedMsMax = 12 * 3_600_000;

type Retries = {
  readonly sql: Sql;
  readonly log: Logger;
  readonly runs: Pick<Runs, "begin">;
  /** So long after the end of a run it is begun again, in ms; after twice and four times as long for the second and third time. */
  readonly afterMs: number;
  readonly now?: () => number;
  readonly everyMs?: number;
};

/** The same once more. Its id follows from the one before, so that several replicas begin it once. */
const again = (run: RfidproRun): Asked => {
  const { id, site, by, how, datasets, compare, import: imported, incremental, rechecks, retries } = run;
  return {
    ...{ id: idOf(site, "rfidpro-retry", id), site, by, how, compare, import: imported },
    datasets: datasets.map(({ dataset }) => dataset),
    ...(incremental === undefined ? {} : { incremental }),
    ...(rechecks === undefined ? {} : { rechecks }),
    retries: { run: id, number: (retries?.number ?? 0) + 1 },
  };
};

/**
 * Begins what a schedule began and what came to nothing again, some times at growing distances, until stopped: a day without a whole pull that was
 * compared sets a site back by a week. Whoever began it, the daily pull of this service or a CronJob's one-shot, is all the same.
 */
export const keepRetries = ({ sql, log, runs, afterMs, now = Date.now, everyMs = lookEveryMs }: Retries) => {
  /** Of each site the last one that cannot be begun at all: it is told of once. */
  const refused = new Map<string, string>();

  const begin = async (run: RfidproRun): Promise<void> => {
    const { site, id } = run;
    if (refused.get(site) === id) return;
    try {
      const begun = await runs.begin(again(run));
      log.info({ site, run: begun.id, before: id, number: begun.retries?.number }, "a pull is begun again");
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // Another run goes on, or nobody answers just now: the next look tries again.
      if (error.retryable || error.code === "rfidpro.running") return;
      refused.set(site, id);
      log.info({ site, run: id, code: error.code }, "a pull that was not whole is not begun again by itself");
    }
  };

  const looking = supervise({
    name: "retries",
    log,
    run: async (signal) => {
      while (!signal.aborted) {
        const due = await findDueRetries(sql, { now: new Date(now()), afterMs, retriesMax, agedMsMax });
        for (const run of due) await begin(run);
        await wait(everyMs, undefined, { signal }).catch(() => {});
      }
    },
  });
  return { stop: () => looking.stop() };
};
