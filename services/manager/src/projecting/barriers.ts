import type { Transaction } from "@tagwire/actor";
import { takeVectors } from "@tagwire/audit";
import { AuditBarrier, type LoggedEvent } from "@tagwire/messages";

/** Whoever placed an older barrier has given up asking: while a log is read again from its beginning, thousands of them come by. */
const barrierAgeMsMax = 15 * 60_000;

/** Cuts a run before each of its barriers: what comes before one must be in the rows, and nothing of what comes after. */
export const cutAtBarriers = (events: readonly LoggedEvent[]): (readonly LoggedEvent[])[] => {
  const runs: LoggedEvent[][] = [];
  for (const event of events) {
    const open = runs.at(-1);
    if (open === undefined || event.type === AuditBarrier.type) runs.push([event]);
    else open.push(event);
  }
  return runs;
};

/** Takes what is kept of a site, when a run begins with a barrier. */
export const takeAtBarrier = async (
  transaction: Transaction,
  [first]: readonly LoggedEvent[],
  nowMs: number,
): Promise<void> => {
  if (first?.type !== AuditBarrier.type) return;
  if (Date.parse(first.recordedAt) < nowMs - barrierAgeMsMax) return;
  const { barrier } = first.data as AuditBarrier;
  await takeVectors(transaction, { site: first.site, barrier });
};
