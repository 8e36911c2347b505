import fc from "fast-check";
import { expect, test } from "vitest";
import { lagOf } from "./lag.ts";
import { countScan, emptyMinute, minuteOf } from "./minute.ts";

const ofLags = (lags: readonly number[]) =>
  lags.reduce((minute, lagMs) => countScan(minute, "accepted", lagMs), emptyMinute);

test("nobody scanned: nulls", () => {
  expect(lagOf([])).toEqual({ p50Ms: null, p95Ms: null, maxMs: null, samples: 0, windowMinutes: 15 });
});

test("a percentile lies in the bucket of the exact one and never above the maximum", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 200_000_000 }), { minLength: 1, maxLength: 80 }),
      (lags) => {
        const half = Math.ceil(lags.length / 2);
        const lag = lagOf([ofLags(lags.slice(0, half)), ofLags(lags.slice(half))]);
        const sorted = [...lags].sort((left, right) => left - right);
        expect(lag.samples).toBe(lags.length);
        expect(lag.maxMs).toBe(sorted.at(-1));
        for (const [share, value] of [
          [0.5, lag.p50Ms],
          [0.95, lag.p95Ms],
        ] as const) {
          const exact = sorted[Math.max(0, Math.ceil(share * lags.length) - 1)] ?? 0;
          const alone = ofLags([exact]).lagCounts.indexOf(1);
          const found = ofLags([value ?? -1]).lagCounts.indexOf(1);
          // Rounding to a tenth may lift a value onto its bucket's edge, never past a neighbour.
          expect(Math.abs(found - alone)).toBeLessThanOrEqual(1);
          expect(value).toBeLessThanOrEqual(lag.maxMs ?? 0);
        }
        expect(lag.p50Ms).toBeLessThanOrEqual(lag.p95Ms ?? 0);
      },
    ),
  );
});

test("a clock that runs ahead gives no lag, and an unknown one no sample", () => {
  const minute = countScan(countScan(emptyMinute, "rejected", -500), "quarantined", undefined);
  expect(minute).toMatchObject({ scans: 2, rejected: 1, quarantined: 1, lagMsSum: 0, lagMsMax: 0 });
  expect(lagOf([minute]).samples).toBe(1);
});

test("a minute is named by its start", () => {
  expect(minuteOf(Date.parse("2026-03-01T10:05:59.999+02:00"))).toBe("2026-03-01T08:05:00.000Z");
});
