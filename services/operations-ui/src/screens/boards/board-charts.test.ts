import {
  type ClassDay,
  lagDistribution,
  noLags,
  queueBandsHours,
  type ThroughputRow,
} from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bandsHours,
  busiestKinds,
  hoursShown,
  lagBuckets,
  queueAges,
  scansByHour,
  usedByDay,
} from "./board-charts.ts";
import { usedClasses } from "./board-rows.ts";
import { daysAfter } from "./site-time.ts";

const nowMs = Date.parse("2026-03-10T15:20:00Z");
const now = { nowMs, timeZone: "America/Chicago" };
const tally = { accepted: 0, alreadyApplied: 0, rejected: 0, quarantined: 0 };
const hour = (start: string, kind: ThroughputRow["kind"], who: string, what: Partial<ThroughputRow>) =>
  ({ span: "hour", start, kind, who, ...tally, scans: 0, ...what }) as ThroughputRow;

test("scans stand in the hours of the site, whole hours with nothing in them included, and those of other kinds apart", () => {
  const rows = [
    hour("2026-03-10T15:00:00.000Z", "person", "ana", { scans: 4, accepted: 3, rejected: 1 }),
    hour("2026-03-10T15:00:00.000Z", "person", "ben", { scans: 2, accepted: 2 }),
    hour("2026-03-10T15:00:00.000Z", "device", "tablet", { scans: 9, accepted: 9 }),
    hour("2026-03-09T16:00:00.000Z", "person", "ana", { scans: 1, quarantined: 1 }),
    hour("2026-03-09T15:00:00.000Z", "reader", "gate", { scans: 99, accepted: 99 }),
  ];
  const { points, series } = scansByHour(rows, { kind: "person" }, now);
  expect([points.length, points.at(0), points.at(-1)]).toEqual([hoursShown, "11:00", "10:00"]);
  expect(series.map(({ values }) => [values.at(0), values.at(1), values.at(-1)])).toEqual([
    [0, 0, 5],
    [0, 0, 0],
    [1, 0, 1],
  ]);
  const ana = scansByHour(rows, { kind: "person", who: "ana" }, now);
  expect(ana.series[0]?.values.at(-1)).toBe(3);
  expect(busiestKinds(rows, nowMs)).toEqual(["device", "person"]);
});

test("the days of utilisation, taken together, are the item-days that the board tells", () => {
  const window = { from: "2026-03-01", to: "2026-03-08" };
  const day = fc.integer({ min: -5, max: 9 }).map((ahead) => daysAfter(window.from, ahead));
  const row = fc.record({
    ...{ class: fc.constantFrom("a", "b"), day, pos: fc.constant(1) },
    statuses: fc.record({ ready: fc.nat(5), on_rent: fc.nat(5), repair: fc.nat(5), sold: fc.nat(5) }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: (one) => `${one.class} ${one.day}` }), (days: ClassDay[]) => {
      const { series, points } = usedByDay(days, window);
      const share = series[0]?.values ?? [];
      expect(share).toHaveLength(points.length);
      for (const [index, value] of share.entries()) {
        const at = daysAfter(window.from, index);
        expect(value).toBe(usedClasses(days, { from: at, to: at }).all.share);
      }
    }),
  );
});

test("what waits stands in the bands that the messages tell apart, each with its lower end", () => {
  expect(bandsHours).toEqual(queueBandsHours);
  const waiting = (hours: number) => ({
    queue: "wash" as const,
    since: new Date(nowMs - hours * 3_600_000).toISOString(),
  });
  const { series } = queueAges([23.9, 24, 71, 168, 720, 9_000].map(waiting), ["wash", "wet"], nowMs);
  expect(series.map(({ values }) => values)).toEqual([
    [1, 2, 0, 1, 2],
    [0, 0, 0, 0, 0],
  ]);
});

test("of the scale of lags the part is shown that holds something", () => {
  const held = (bucket: number, samples: number) =>
    lagDistribution({ counts: noLags.map((_, index) => (index === bucket ? samples : 0)), maxMs: 40 });
  const { points, series } = lagBuckets(held(3, 7), held(1, 2));
  expect(points).toEqual(["≤ 10 ms", "≤ 20 ms", "≤ 35 ms"]);
  expect(series.map(({ values }) => values)).toEqual([
    [0, 0, 7],
    [2, 0, 0],
  ]);
  const none = lagDistribution({ counts: noLags, maxMs: 0 });
  expect(lagBuckets(none, none).points).toEqual([]);
});
