import type { TagRead } from "../drivers/driver.ts";

/** A read is said at the latest so long after it was heard, in ms: a reader keeps some while its line is down. */
export const heardAgoMsMax = 10 * 60_000;

const canBe = (heardAtMs: number, nowMs: number): boolean =>
  heardAtMs <= nowMs && heardAtMs >= nowMs - heardAgoMsMax;

/** An instant that a reader tells, or now where it cannot have been. */
export const believableMs = (atMs: number, nowMs: number): number => (canBe(atMs, nowMs) ? atMs : nowMs);

/**
 * Reads whose times can be. A driver corrects its reader's clock, but whatever comes out of it becomes a date, and one that is no
 * date must not end more than itself: a read heard in the future, too long ago or at no time at all counts as heard now.
 * `mistimed` is how many were.
 */
export const believable = (
  reads: readonly TagRead[],
  nowMs: number,
): { readonly reads: readonly TagRead[]; readonly mistimed: number } => {
  const mistimed = reads.filter(({ heardAtMs }) => !canBe(heardAtMs, nowMs)).length;
  if (mistimed === 0) return { reads, mistimed };
  const believed = reads.map((read) => ({ ...read, heardAtMs: believableMs(read.heardAtMs, nowMs) }));
  return { reads: believed, mistimed };
};
