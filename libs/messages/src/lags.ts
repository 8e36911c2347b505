import type { LagDistribution } from "./lag-distribution.ts";

/**
 * Upper bounds of the buckets that lags are counted in, in ms; one more bucket takes what is slower. From a wire that answers at once
 * to a scanner that was in a drawer for days.
 */
export const lagBoundsMs = [
  5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000,
  900_000, 3_600_000, 14_400_000, 86_400_000,
] as const;

/** How many lags are in each bucket. */
export type LagCounts = readonly number[];

export const noLags: LagCounts = lagBoundsMs.map(() => 0).concat(0);

export const lagBucketOf = (lagMs: number): number => {
  const bucket = lagBoundsMs.findIndex((bound) => lagMs <= bound);
  return bucket < 0 ? lagBoundsMs.length : bucket;
};

export const addLags = (left: LagCounts, right: LagCounts): LagCounts =>
  noLags.map((_, bucket) => (left[bucket] ?? 0) + (right[bucket] ?? 0));

const minuteMs = 60_000;

/** Until when a minute is among the last so many, RFC 3339. */
export const minuteLastsUntil = (start: string, count: number): string =>
  new Date(Date.parse(start) + count * minuteMs).toISOString();

/** The lags of some minutes in one. */
export type LagSum = { readonly counts: LagCounts; readonly maxMs: number };

export const sumLags = (minutes: Iterable<LagSum>): LagSum =>
  [...minutes].reduce(
    (sum, { counts, maxMs }) => ({ counts: addLags(sum.counts, counts), maxMs: Math.max(sum.maxMs, maxMs) }),
    { counts: noLags, maxMs: 0 },
  );

export const samplesOf = ({ counts }: Pick<LagSum, "counts">): number =>
  counts.reduce((sum, count) => sum + count, 0);

/**
 * The lag in ms below which `share` of the samples lie, taken as spread evenly within their bucket and never above the maximum. Null
 * without samples.
 */
export const lagPercentile = (lags: LagSum, share: number): number | null => {
  const { counts, maxMs } = lags;
  const samples = samplesOf(lags);
  if (samples === 0) return null;
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

export const lagDistribution = (lags: LagSum): LagDistribution => {
  const samples = samplesOf(lags);
  return {
    samples,
    p50Ms: lagPercentile(lags, 0.5),
    p90Ms: lagPercentile(lags, 0.9),
    p99Ms: lagPercentile(lags, 0.99),
    maxMs: samples === 0 ? null : lags.maxMs,
    buckets: [...lagBoundsMs, null].map((upToMs, bucket) => ({ upToMs, samples: lags.counts[bucket] ?? 0 })),
  };
};
