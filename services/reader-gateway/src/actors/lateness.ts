/**
 * How late a reader says what it heard. One that pushes a batch every few seconds says the oldest of it that much later, and until the next
 * batch has come nobody knows whether a tag is silent. What it did of late is what it will do.
 */
export type Lateness = { readonly recentMs: number[] };

/** Frames with reads that are remembered: a batch may happen to have nothing old in it. */
const framesMax = 32;
/** What came after a line was down is older than what comes when it is up: a reader is not waited for longer than this, in ms. */
export const latenessMsMax = 30_000;
/** A batch takes its time on the road, now more and now less. */
const slack = 1.25;

export const newLateness = (): Lateness => ({ recentMs: [] });

/** `lateMs` is the age of the oldest read in a frame when it came. */
export const addLateness = ({ recentMs }: Lateness, lateMs: number): void => {
  recentMs.push(Math.min(lateMs, latenessMsMax));
  if (recentMs.length > framesMax) recentMs.shift();
};

/** How long what was heard may be on its way, in ms. */
export const latenessOf = ({ recentMs }: Lateness): number => slack * Math.max(0, ...recentMs);
