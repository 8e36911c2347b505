import { setTimeout as wait } from "node:timers/promises";

/** Audits in a day: however many things there are, by then each of them was folded again, */
const auditsPerDay = 288;
/** as long as there are no more than eleven million of a kind: an audit stays light, and beyond that a round takes longer than a day. */
const thingsPerAuditMax = 40_000;
/** After each portion the stores are left to those who scan for as long as it took, but for no longer than this. */
const restMsMax = 1_000;

/** How many things of a kind an audit folds again: at least so many, and none of them with 0. */
export const thingsPerAudit = (least: number, count: number): number =>
  least === 0 ? 0 : Math.min(thingsPerAuditMax, Math.max(least, Math.ceil(count / auditsPerDay)));

/** Asks for one portion after the other until `isDone` of what came, and rests between them. */
export const inPortions = async (
  portion: () => Promise<{ readonly isDone: boolean }>,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    const startedAtMs = performance.now();
    if ((await portion()).isDone) return;
    await wait(Math.min(restMsMax, performance.now() - startedAtMs), undefined, { signal });
  }
};
