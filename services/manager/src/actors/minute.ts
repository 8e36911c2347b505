import type { MinuteRow } from "@tagwire/messages";
import { addLags, type LagCounts, lagBucketOf, noLags } from "./lag.ts";

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

export const addMinutes = (left: Minute, right: Minute): Minute => ({
  scans: left.scans + right.scans,
  rejected: left.rejected + right.rejected,
  quarantined: left.quarantined + right.quarantined,
  lagMsSum: left.lagMsSum + right.lagMsSum,
  lagMsMax: Math.max(left.lagMsMax, right.lagMsMax),
  lagCounts: addLags(left.lagCounts, right.lagCounts),
});

/**
 * Counts one scan. `lagMs` is from the device's scan to operations' record; undefined when the device's time is not known.
 * A device whose clock runs ahead would give a negative lag, which counts as none.
 */
export const countScan = (
  minute: Minute,
  outcome: "taken" | "rejected" | "quarantined",
  lagMs: number | undefined,
): Minute => {
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
