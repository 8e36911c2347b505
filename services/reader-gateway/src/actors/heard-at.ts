import type { TagRead } from "../drivers/driver.ts";

/** A read is said at the latest so long after it was heard, in ms: a reader keeps some while its line is down. */
export const heardAgoMsMax = 10 * 60_000;

/**
 * Reads whose times can be. A driver corrects its reader's clock, but whatever comes out of it becomes a date, and one that is no
 * date must not end more than itself: a read heard in the future, too long ago or at no time at all counts as heard now.
 * `mistimed` is how many were.
 */
export const believable = (
  reads: readonly TagRead[],
  nowMs: number,
): { readonly reads: readonly TagRead[]; readonly mistimed: number } => {
  const canBe = ({ heardAtMs }: TagRead): boolean => heardAtMs <= nowMs && heardAtMs >= nowMs - heardAgoMsMax;
  const mistimed = reads.filter((read) => !canBe(read)).length;
  if (mistimed === 0) return { reads, mistimed };
  return { reads: reads.map((read) => (canBe(read) ? read : { ...read, heardAtMs: nowMs })), mistimed };
};
