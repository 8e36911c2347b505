import { type Lag, type LagSum, lagPercentile, samplesOf, sumLags } from "@tagwire/messages";
import type { Minute } from "./minute.ts";

/** How far back the dashboard's lag looks. */
export const lagWindowMinutes = 15;

/** The lags of some minutes of scanning in one. */
export const lagsIn = (minutes: Iterable<Pick<Minute, "lagCounts" | "lagMsMax">>): LagSum =>
  sumLags([...minutes].map(({ lagCounts, lagMsMax }) => ({ counts: lagCounts, maxMs: lagMsMax })));

/** The lag over some minutes of scanning. Nulls when nobody scanned. */
export const lagOf = (minutes: Iterable<Pick<Minute, "lagCounts" | "lagMsMax">>): Lag => {
  const lags = lagsIn(minutes);
  const samples = samplesOf(lags);
  return {
    p50Ms: lagPercentile(lags, 0.5),
    p95Ms: lagPercentile(lags, 0.95),
    maxMs: samples === 0 ? null : lags.maxMs,
    samples,
    windowMinutes: lagWindowMinutes,
  };
};
