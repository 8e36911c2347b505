import {
  type PrefetchArm,
  type PrefetchDeviceFigures,
  type PrefetchFigures,
  type PrefetchSource,
  type PrefetchSourceFigures,
  prefetchArms,
  prefetchDevicesMax,
  prefetchSources,
} from "@tagwire/messages";
import { type SourceTally, sumTallies } from "./prefetch-tally.ts";

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
  const own = sumTallies(days.flatMap(({ bySource }) => bySource[source] ?? []));
  const { lookups, hits, beyond, prefetched, used } = own;
  return {
    ...{ source, lookups, hits, beyondRecents: beyond, points: share(beyond, lookups) },
    ...{ prefetched, used, precision: share(used, prefetched) },
  };
};

const allSources = (days: readonly DeviceDay[]): PrefetchSourceFigures[] => {
  const predicted = days.filter(({ arm }) => arm === "predicted");
  return prefetchSources.map((source) => sourceFigures(predicted, source));
};

/** Each device by itself, of both arms; of many those that scanned most. */
const byDevice = (days: readonly DeviceDay[]): PrefetchDeviceFigures[] =>
  [...Map.groupBy(days, ({ device }) => device)]
    .map(([device, own]) => ({
      device,
      deviceDays: own.length,
      ...figuresOf(own),
      sources: allSources(own),
    }))
    .toSorted((a, b) => b.lookups - a.lookups || (a.device < b.device ? -1 : 1))
    .slice(0, prefetchDevicesMax);

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

/** The figures of all device-days of a site: by arm, by source of the arm that predicts, and by device. */
export const worthOf = (days: readonly DeviceDay[]) => ({
  arms: prefetchArms.map((arm) => {
    const own = days.filter((day) => day.arm === arm);
    return { arm, deviceDays: own.length, ...figuresOf(own) };
  }),
  sources: allSources(days),
  devices: byDevice(days),
  uplift: upliftOf(days),
});
