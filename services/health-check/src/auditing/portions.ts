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

/** The first question is for so many things; what answered within a second is asked for more, what took longer than four for fewer. */
const thingsAtFirst = 100;
const [quickMs, slowMs] = [1_000, 4_000];
const thingsAtOnceMin = 10;

/**
 * How many things one question is for, and not more than `most`: a transaction that takes fifteen seconds is ended with its connection,
 * and on a machine that is small or busy so many lives would never be folded.
 */
export const openPace = (most: number) => {
  let size = Math.min(most, thingsAtFirst);
  return {
    /** For how many things the next question is. */
    size: (): number => size,
    /** Hears how long the last one took, in ms. */
    took: (ms: number): void => {
      if (ms > slowMs) size = Math.max(Math.min(most, thingsAtOnceMin), Math.floor(size / 2));
      else if (ms < quickMs) size = Math.min(most, size * 2);
    },
  };
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
