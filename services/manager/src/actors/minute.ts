import {
  dashboardKey,
  dashboardMinutes,
  type LagCounts,
  type LiveRow,
  type LoggedEvent,
  lagBucketOf,
  lagMinutesDefault,
  type MinuteRow,
  minuteLastsUntil,
  noLags,
  type Outcome,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";
import { scanOutcomeOf } from "./scan-outcome.ts";

const minuteMs = 60_000;

/** What one minute of scanning came to. A rejected or quarantined scan is a scan too. */
export type Minute = {
  readonly scans: number;
  readonly rejected: number;
  readonly quarantined: number;
  readonly lagMsSum: number;
  readonly lagMsMax: number;
  readonly lagCounts: LagCounts;
};

/** Minutes by their start. */
export type Minutes = ReadonlyMap<string, Minute>;

export const emptyMinute: Minute = {
  scans: 0,
  rejected: 0,
  quarantined: 0,
  lagMsSum: 0,
  lagMsMax: 0,
  lagCounts: noLags,
};

/** The start of the minute of an instant, in the one spelling that is its key. */
export const minuteOf = (atMs: number): string =>
  new Date(Math.floor(atMs / minuteMs) * minuteMs).toISOString();

/** The minutes that are among the last so many at an instant: one is until as many after it began. */
export const minutesSince = (minutes: Minutes, nowMs: number, count: number): Minutes =>
  new Map([...minutes].filter(([start]) => Date.parse(start) > nowMs - count * minuteMs));

/**
 * Counts one scan. `lagMs` is from the device's scan to operations' record; undefined when the device's time is not known.
 * A device whose clock runs ahead would give a negative lag, which counts as none.
 */
export const countScan = (minute: Minute, outcome: Outcome, lagMs: number | undefined): Minute => {
  const counted = {
    ...minute,
    scans: minute.scans + 1,
    rejected: minute.rejected + (outcome === "rejected" ? 1 : 0),
    quarantined: minute.quarantined + (outcome === "quarantined" ? 1 : 0),
  };
  if (lagMs === undefined || Number.isNaN(lagMs)) return counted;
  const sample = Math.max(0, lagMs);
  const lagCounts = [...minute.lagCounts];
  const bucket = lagBucketOf(sample);
  lagCounts[bucket] = (lagCounts[bucket] ?? 0) + 1;
  return {
    ...counted,
    lagMsSum: minute.lagMsSum + sample,
    lagMsMax: Math.max(minute.lagMsMax, sample),
    lagCounts,
  };
};
export const minuteRow = (start: string, minute: Minute): MinuteRow => ({
  minute: start,
  scans: minute.scans,
  rejected: minute.rejected,
  quarantined: minute.quarantined,
  lagMsSum: minute.lagMsSum,
  lagMsMax: minute.lagMsMax,
});

/** The minute in which operations recorded it: no device's clock decides where a scan counts. */
const startOf = ({ recordedAt }: LoggedEvent): string => minuteOf(Date.parse(recordedAt));

export const scannedMinutes = (happenings: readonly Happening[]): Set<string> =>
  new Set(happenings.map(({ event }) => startOf(event)));

/** The minutes that something was scanned in, as they are afterwards. */
export const foldMinutes = (known: Minutes, happenings: readonly Happening[]): Minutes => {
  const changed = new Map<string, Minute>();
  for (const happening of happenings) {
    const outcome = scanOutcomeOf(happening);
    if (outcome === undefined) continue;
    const { scannedAt, recordedAt } = happening.event;
    const start = startOf(happening.event);
    const lagMs = scannedAt === undefined ? undefined : Date.parse(recordedAt) - Date.parse(scannedAt);
    changed.set(start, countScan(changed.get(start) ?? known.get(start) ?? emptyMinute, outcome, lagMs));
  }
  return changed;
};

/** The keyed rows of the live dashboard for some minutes, all as of `version`. */
export const minuteRows = (minutes: Minutes, version: number): LiveRow[] =>
  [...minutes].map(([start, minute]) => ({
    key: dashboardKey.minute(start),
    version,
    ...minuteRow(start, minute),
    validUntil: minuteLastsUntil(start, dashboardMinutes),
  }));

/** The keyed rows of the live view of lags for some minutes, all as of `version`. */
export const lagRows = (minutes: Minutes, version: number): LiveRow[] =>
  [...minutes].map(([minute, { lagCounts, lagMsMax }]) => ({
    ...{ key: minute, version },
    ...{ minute, counts: lagCounts, maxMs: lagMsMax },
    validUntil: minuteLastsUntil(minute, lagMinutesDefault),
  }));
