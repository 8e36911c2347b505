import { setTimeout as wait } from "node:timers/promises";
import { supervise } from "@tagwire/actor";
import { Fault, type RfidproRun, rfidproDatasets } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { idOf } from "../actors/deterministic-id.ts";
import { rechecksMax } from "../comparing/recheck-at.ts";
import type { Runs } from "../running/runs.ts";
import { type DueRecheck, findDueRechecks, takeBackRechecks } from "../store/rechecks.ts";
import { findRun } from "../store/runs.ts";

const lookEveryMs = 30_000;

type Rechecks = {
  readonly sql: Sql;
  readonly log: Logger;
  readonly runs: Pick<Runs, "begin">;
  readonly now?: () => number;
  readonly everyMs?: number;
};

/** The run that decides what was pending after another: everything is read, since nothing less tells what is missing. */
const followUpOf = ({ id, site, rechecks }: RfidproRun) => ({
  ...{ site, id: idOf(site, "rfidpro-recheck", id), by: "tagwire", how: "scheduled" as const },
  datasets: [...rfidproDatasets],
  ...{ compare: true, import: false, rechecks: { run: id, number: (rechecks?.number ?? 0) + 1 } },
});

/**
 * Reads RFIDpro again when it was said that what is pending is decided, until stopped. The run has an id that follows from the one before, so
 * that several replicas begin it once. Where it cannot be begun, nothing goes on to say that it will be.
 */
export const keepRechecks = ({ sql, log, runs, now = Date.now, everyMs = lookEveryMs }: Rechecks) => {
  const begin = async ({ site, run: before }: DueRecheck): Promise<void> => {
    const run = (await findRun(sql, before))?.run;
    try {
      if (run !== undefined && (run.rechecks?.number ?? 0) < rechecksMax) {
        const begun = await runs.begin(followUpOf(run));
        if (begun.state === "running") return;
      }
    } catch (error) {
      // Another run is going on, which may decide it; or nobody answers just now. The next look tries again.
      if (!(error instanceof Fault)) throw error;
      if (error.retryable || error.code === "rfidpro.running") return;
      log.info({ site, code: error.code }, "what is pending is not looked at again by itself");
    }
    await takeBackRechecks(sql, { site, run: before });
  };

  const looking = supervise({
    name: "rechecks",
    log,
    run: async (signal) => {
      while (!signal.aborted) {
        for (const due of await findDueRechecks(sql, new Date(now()))) await begin(due);
        await wait(everyMs, undefined, { signal }).catch(() => {});
      }
    },
  });
  return { stop: () => looking.stop() };
};
