import { setTimeout as wait } from "node:timers/promises";
import { auditIntervalMs } from "@tagwire/messages";

/** In an audit of five minutes no more things are folded again than these: it stays light, and what is left over is told as behind. */
const thingsPerAuditMax = 40_000;
/** After each portion the stores are left to those who scan for as long as it took, but for no longer than this. */
const restMsMax = 1_000;

/**
 * How many things of a kind an audit folds again: the share that is due, at least so many, and none of them with 0.
 *
 * @param everyMs how far apart audits are: the bound grows with it
 */
export const thingsPerAudit = (
  least: number,
  count: number,
  { share, everyMs }: { readonly share: number; readonly everyMs: number },
): number => {
  const most = thingsPerAuditMax * Math.max(1, everyMs / auditIntervalMs);
  return least === 0 ? 0 : Math.min(most, Math.max(least, Math.ceil(count * share)));
};

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
