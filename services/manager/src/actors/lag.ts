import type { Lag } from "@tagwire/messages";

/**
 * Upper bounds of the lag histogram's buckets, in ms; one more bucket takes what is slower. From a wire that answers at once
 * to a scanner that was in a drawer for days.
 */
export const lagBoundsMs = [
  5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000,
  900_000, 3_600_000, 14_400_000, 86_400_000,
] as const;

/** How far back the dashboard's lag looks. */
export const lagWindowMinutes = 15;

export type LagCounts = readonly number[];

export const noLags: LagCounts = lagBoundsMs.map(() => 0).concat(0);

export const lagBucketOf = (lagMs: number): number => {
  const bucket = lagBoundsMs.findIndex((bound) => lagMs <= bound);
  return bucket < 0 ? lagBoundsMs.length : bucket;
};

export const addLags = (left: LagCounts, right: LagCounts): LagCounts =>
  noLags.map((_, bucket) => (left[bucket] ?? 0) + (right[bucket] ?? 0));

/** The value below which `share` of the samples lie, taken as spread evenly within their bucket and never above the maximum. */
const percentile = (counts: LagCounts, share: number, maxMs: number): number => {
  const samples = counts.reduce((sum, count) => sum + count, 0);
  const wanted = share * samples;
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && below + count >= wanted) {
      const from = lagBoundsMs[bucket - 1] ?? 0;
      const to = Math.min(lagBoundsMs[bucket] ?? maxMs, maxMs);
      return Math.round(Math.min(maxMs, from + ((to - from) * (wanted - below)) / count) * 10) / 10;
    }
    below += count;
  }
  return maxMs;
};

/** The lag over some minutes of scanning. Nulls when nobody scanned. */
export const lagOf = (given: Iterable<{ readonly lagCounts: LagCounts; readonly lagMsMax: number }>): Lag => {
  const minutes = [...given];
  const counts = minutes.reduce((sum, minute) => addLags(sum, minute.lagCounts), noLags);
  const samples = counts.reduce((sum, count) => sum + count, 0);
  if (samples === 0)
    return { p50Ms: null, p95Ms: null, maxMs: null, samples, windowMinutes: lagWindowMinutes };
  const maxMs = Math.max(...minutes.map((minute) => minute.lagMsMax));
  return {
    p50Ms: percentile(counts, 0.5, maxMs),
    p95Ms: percentile(counts, 0.95, maxMs),
    maxMs,
    samples,
    windowMinutes: lagWindowMinutes,
  };
};
