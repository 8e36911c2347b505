import {
  dashboardKey,
  type Lag,
  type LagSum,
  type LiveRow,
  lagPercentile,
  samplesOf,
  sumLags,
} from "@tagwire/messages";
import type { Minute, Minutes } from "./minute.ts";

/** How far back the dashboard's lag looks. */
export const lagWindowMinutes = 15;

/** The lags of some minutes of scanning in one. */
export const lagsIn = (minutes: Iterable<Pick<Minute, "lagCounts" | "lagMsMax">>): LagSum =>
  sumLags([...minutes].map(({ lagCounts, lagMsMax }) => ({ counts: lagCounts, maxMs: lagMsMax })));

const lagOfSum = (lags: LagSum): Lag => {
  const samples = samplesOf(lags);
  return {
    p50Ms: lagPercentile(lags, 0.5),
    p95Ms: lagPercentile(lags, 0.95),
    maxMs: samples === 0 ? null : lags.maxMs,
    samples,
    windowMinutes: lagWindowMinutes,
  };
};

/** The lag over some minutes of scanning. Nulls when nobody scanned. */
export const lagOf = (minutes: Iterable<Pick<Minute, "lagCounts" | "lagMsMax">>): Lag =>
  lagOfSum(lagsIn(minutes));

const minuteMs = 60_000;

/**
 * The row of the live dashboard that says the lag over some minutes, and what it comes to as one after the other is no longer among the
 * last {@link lagWindowMinutes}: so a screen need not be told that nobody scanned.
 */
export const lagRow = (minutes: Minutes, version: number): LiveRow => {
  const measured = [...minutes].filter(([, minute]) => samplesOf({ counts: minute.lagCounts }) > 0);
  const newestFirst = measured.sort(([left], [right]) => (left < right ? 1 : -1));
  // The oldest leaves first, so each stage is the one after it and one minute more.
  const stages: (Lag & { readonly validUntil?: string })[] = [lagOf([])];
  let sum = sumLags([]);
  for (const [start, { lagCounts, lagMsMax }] of newestFirst) {
    sum = sumLags([sum, { counts: lagCounts, maxMs: lagMsMax }]);
    const validUntil = new Date(Date.parse(start) + lagWindowMinutes * minuteMs).toISOString();
    stages.unshift({ ...lagOfSum(sum), validUntil });
  }
  const [now, ...later] = stages;
  return { key: dashboardKey.lag, version, ...now, ...(later.length === 0 ? {} : { later }) };
};
