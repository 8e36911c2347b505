import { type Leases, supervise } from "@tagwire/actor";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { pause } from "./pause.ts";
import { deleteOldReceipts, receiptsKeptMs } from "./store/old-receipts.ts";
import { deleteUnnamed, unnamedKeptMs } from "./store/photos.ts";
import { deleteOldPlans } from "./store/undo-plans.ts";

const roundIntervalMs = 60_000;
/** So many rows at once, with a rest after each: what is deleted here must never be felt by a scan. */
const rowsPerStep = 1_000;
const stepPauseMs = 100;
/** Whoever owns this partition deletes for all sites, so that replicas do not do the same work. */
const dutyPartition = 0;

/** Deletes what is older than it has to be kept, step by step, for as long as this process has that duty. */
export const startRetention = (options: {
  sql: Sql;
  leases: Pick<Leases, "epochOf">;
  log: Logger;
  now?: () => number;
  rowsPerStep?: number;
}): { readonly stop: () => Promise<void> } => {
  const { sql, leases, log, now = Date.now } = options;
  const limit = options.rowsPerStep ?? rowsPerStep;

  const deleteAll = async (signal: AbortSignal) => {
    const before = new Date(now() - receiptsKeptMs);
    const hasDuty = () => !signal.aborted && leases.epochOf(dutyPartition) !== undefined;
    if (hasDuty()) await deleteOldPlans(sql, before);
    const unnamedBefore = new Date(now() - unnamedKeptMs);
    while (hasDuty() && (await deleteUnnamed(sql, unnamedBefore, limit)) === limit) {
      await pause(stepPauseMs, signal);
    }
    while (hasDuty() && (await deleteOldReceipts(sql, before, limit)) === limit) {
      await pause(stepPauseMs, signal);
    }
  };

  return supervise({
    name: "retention",
    log,
    run: async (signal) => {
      while (!signal.aborted) {
        await deleteAll(signal);
        await pause(roundIntervalMs, signal);
      }
    },
  });
};
