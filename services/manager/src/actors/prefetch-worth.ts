import {
  type PrefetchArm,
  type PrefetchFigures,
  type PrefetchSource,
  type PrefetchSourceFigures,
  prefetchArms,
  prefetchSources,
} from "@tagwire/messages";

/** What became of what a source named. */
export type SourceTally = { readonly hits: number; readonly prefetched: number; readonly used: number };

/** What a device held and scanned on one day, in one arm. */
export type DeviceDay = {
  readonly device: string;
  readonly arm: PrefetchArm;
  readonly lookups: number;
  readonly hits: number;
  readonly stale: number;
  readonly offlineLookups: number;
  readonly offlineMisses: number;
  readonly prefetched: number;
  readonly used: number;
  readonly wasteBytes: number;
  readonly bySource: Readonly<Partial<Record<PrefetchSource, SourceTally>>>;
};

const share = (part: number, of: number): number | null => (of === 0 ? null : part / of);

const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

const figuresOf = (days: readonly DeviceDay[]): PrefetchFigures => {
  const total = (key: Exclude<keyof DeviceDay, "device" | "arm" | "bySource">) =>
    sum(days, (day) => day[key]);
  const [lookups, hits, stale] = [total("lookups"), total("hits"), total("stale")];
  const [prefetched, used] = [total("prefetched"), total("used")];
  return {
    ...{ lookups, hits, hitRatio: share(hits, lookups), staleHits: stale, staleRatio: share(stale, hits) },
    ...{ offlineLookups: total("offlineLookups"), offlineMisses: total("offlineMisses") },
    ...{ prefetched, used, precision: share(used, prefetched), wasteBytes: total("wasteBytes") },
  };
};

const sourceFigures = (days: readonly DeviceDay[], source: PrefetchSource): PrefetchSourceFigures => {
  const own = days.flatMap(({ bySource }) => bySource[source] ?? []);
  const prefetched = sum(own, (tally) => tally.prefetched);
  const used = sum(own, (tally) => tally.used);
  const hits = sum(own, (tally) => tally.hits);
  return { source, hits, prefetched, used, precision: share(used, prefetched) };
};

/** Standard normal quantile of a two-sided interval of 95 %. */
const z95 = 1.96;

/**
 * A hit ratio over device-days and its variance. Scans of one device on one day are alike, so the device-day is the unit, and the
 * variance is that of a ratio estimator (Cochran, Sampling Techniques, 3rd ed., §6.4); undefined for fewer than two.
 */
const hitRatio = (
  days: readonly DeviceDay[],
): { readonly value: number; readonly variance: number } | undefined => {
  const units = days.filter(({ lookups }) => lookups > 0);
  const lookups = sum(units, (day) => day.lookups);
  if (units.length < 2) return undefined;
  const value = sum(units, (day) => day.hits) / lookups;
  const squares = sum(units, (day) => (day.hits - value * day.lookups) ** 2);
  return { value, variance: (squares / lookups ** 2) * (units.length / (units.length - 1)) };
};

/** What predicting added to the hit ratio of recents alone, with its interval. */
export const upliftOf = (
  days: readonly DeviceDay[],
): { readonly value: number; readonly low: number; readonly high: number } | null => {
  const [predicted, recents] = prefetchArms.map((arm) => hitRatio(days.filter((day) => day.arm === arm)));
  if (predicted === undefined || recents === undefined) return null;
  const value = predicted.value - recents.value;
  const half = z95 * Math.sqrt(predicted.variance + recents.variance);
  return { value, low: value - half, high: value + half };
};

/** The figures of all device-days of a site: by arm, and by source of the arm that predicts. */
export const worthOf = (days: readonly DeviceDay[]) => ({
  arms: prefetchArms.map((arm) => {
    const own = days.filter((day) => day.arm === arm);
    return { arm, deviceDays: own.length, ...figuresOf(own) };
  }),
  sources: prefetchSources.map((source) =>
    sourceFigures(
      days.filter(({ arm }) => arm === "predicted"),
      source,
    ),
  ),
  uplift: upliftOf(days),
});
