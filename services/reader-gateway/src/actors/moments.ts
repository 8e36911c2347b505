import type { TagRead } from "../drivers/driver.ts";

/** A read, with when the reader heard it by the clock that only moves forward. */
export type HeardRead = { readonly read: TagRead; readonly heardMs: number };

/** An instant by the clock that only moves forward, and the same in Unix ms, as reads tell their times; without it a read counts as heard when it comes. */
type Arrival = { readonly nowMs: number; readonly unixMs?: number };

export const heardBy = (reads: readonly TagRead[], { nowMs, unixMs }: Arrival): readonly HeardRead[] =>
  reads.map((read) => ({
    read,
    heardMs: unixMs === undefined ? nowMs : nowMs - Math.max(0, unixMs - read.heardAtMs),
  }));

/** How old the oldest read of a frame is, in ms. */
export const latestOf = (heard: readonly HeardRead[], nowMs: number): number =>
  heard.reduce((late, { heardMs }) => Math.max(late, nowMs - heardMs), 0);

export const byHearing = (one: HeardRead, other: HeardRead): number => one.heardMs - other.heardMs;

/** Reads so close together are heard as one: their order means nothing, and of several places the loudest is looked at first. In ms. */
export const momentMs = 250;

/**
 * What a frame brings, by the moments in which it was heard, the oldest first: a batch that a reader gathered for seconds is heard as the frames
 * that it would have been. Most frames are of one moment, whose reads stay as they came.
 */
export const momentsOf = (heard: readonly HeardRead[]): readonly (readonly HeardRead[])[] => {
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { heardMs } of heard) {
    firstMs = Math.min(firstMs, heardMs);
    lastMs = Math.max(lastMs, heardMs);
  }
  if (lastMs - firstMs < momentMs) return [heard];
  const moments: HeardRead[][] = [];
  let moment: HeardRead[] = [];
  for (const one of heard.toSorted(byHearing)) {
    const [first] = moment;
    if (first === undefined || one.heardMs - first.heardMs >= momentMs) {
      moment = [];
      moments.push(moment);
    }
    moment.push(one);
  }
  return moments;
};
