import type { Dashboard } from "@tagwire/messages";
import { expect, test } from "vitest";
import { boardOf, complaintOfFigure, figureAt } from "./figure-pointer.ts";

test("a pointer leads to a number by names, also of classes with slashes in them, and nowhere else", () => {
  const dashboard = {
    totals: { quarantined: 3 },
    classes: [
      { class: "6m frame", missing: 1 },
      { class: "a/b", missing: 2 },
    ],
    lag: { p95Ms: null },
  } as unknown as Dashboard;
  expect(figureAt(dashboard, "/totals/quarantined")).toBe(3);
  expect(figureAt(dashboard, "/classes/a~1b/missing")).toBe(2);
  expect(figureAt(dashboard, "/classes/0/missing")).toBe(1);
  for (const nowhere of [
    "/lag/p95Ms",
    "/totals",
    "/totals/none",
    "/toString",
    "/classes/9/missing",
    "/__proto__/x",
  ])
    expect(figureAt(dashboard, nowhere)).toBeUndefined();
});

test("rows of boards are addressed by what they are named after", () => {
  const figures = {
    boards: {
      queues: { counts: [{ queue: "wash", crew: "linen", items: 7, bands: [{ underHours: 24, items: 2 }] }] },
      contracts: { counts: { overdue: 3, days: [{ day: "2026-05-04", dueIn: 9 }] } },
      throughput: { rows: [{ kind: "device", who: "sled/1", lastHour: { scans: 5 } }] },
      stale: { limits: [{ name: "resale", days: 90, items: 4 }] },
    },
  };
  expect(figureAt(figures, "/boards/queues/counts/wash.linen/items")).toBe(7);
  expect(figureAt(figures, "/boards/queues/counts/wash.linen/bands/0/items")).toBe(2);
  expect(figureAt(figures, "/boards/contracts/counts/days/2026-05-04/dueIn")).toBe(9);
  expect(figureAt(figures, "/boards/queues/counts/wash.tent/items")).toBeUndefined();
  expect(figureAt(figures, "/boards/throughput/rows/device.sled~11/lastHour/scans")).toBe(5);
  expect(figureAt(figures, "/boards/throughput/rows/person.sled~11/lastHour/scans")).toBeUndefined();
  expect(figureAt(figures, "/boards/stale/limits/resale/items")).toBe(4);
});

test.each([
  "/totals/quarantined",
  "/statuses/on_rent",
  "/classes/6m frame/missing",
  // A class that nobody has yet may come.
  "/classes/tnet/missing",
  "/classes/a~1b/total",
  "/categories/Tents/missing",
  "/categories/Tents/subcategories/Frames/available",
  "/minutes/0/scans",
  "/lag/p95Ms",
  "/boards/contracts/counts/overdue",
  "/boards/contracts/counts/byKind/laundry",
  "/boards/contracts/counts/days/0/dueIn",
  "/boards/sessions/counts/incomplete",
  "/boards/queues/counts/wash.linen/items",
  "/boards/utilisation/totals/utilisation",
  "/boards/utilisation/rows/6m frame/idle",
  "/boards/lag/deviceToRecord/p99Ms",
  "/boards/lag/recordToScreen/p99Ms",
  "/boards/throughput/totals/device/lastHour/scans",
  // Who scans may come, too.
  "/boards/throughput/rows/person.ana/lastDay/rejected",
  "/boards/stale/items",
  "/boards/stale/rest/items",
  "/boards/stale/limits/resale/items",
  "/boards/flagged/lastDay/scans",
  "/boards/flagged/lastHour/marks/late",
  "/boards/prefetch/arms/predicted/hitRatio",
  "/boards/prefetch/arms/recents/wasteBytes",
  "/boards/prefetch/sources/due/precision",
  "/boards/prefetch/uplift/low",
])("%s can be watched", (pointer) => {
  expect(complaintOfFigure(pointer)).toBeUndefined();
});

test.each([
  { pointer: "/nonsense/x", says: "totals, statuses, classes" },
  { pointer: "/totals/quarantind", says: "quarantined" },
  { pointer: "/totals", says: "no number" },
  { pointer: "/classes/tnet/class", says: "no number" },
  { pointer: "/categories/Tents/subcategories/Frames", says: "no number" },
  { pointer: "/totals/quarantined/x", says: "nothing below" },
  { pointer: "/statuses/on-rent", says: "on_rent" },
  { pointer: "/boards/queues/counts/wash/items", says: "wash.linen" },
  { pointer: "/boards/quarantine/counts/x", says: "contracts, sessions, queues" },
  { pointer: "/boards/stale/counts/x", says: "items, rest, limits" },
  { pointer: "/boards/throughput/rows/sled-1/lastHour/scans", says: "device.<name>" },
  { pointer: "/boards/throughput/rows/device./lastHour/scans", says: "device.<name>" },
  { pointer: "/boards/throughput/rows/device.sled-1/lastHour", says: "alreadyApplied" },
  { pointer: "/boards/flagged/lastHour/marks/odd", says: "late" },
  { pointer: "/boards/prefetch/arms/guessed/hitRatio", says: "predicted, recents" },
  { pointer: "/boards/prefetch/sources/luck/precision", says: "due, session" },
  { pointer: "/boards/lag/deviceToRecord/p98Ms", says: "p99Ms" },
  { pointer: "/__proto__/x", says: "totals" },
])("$pointer is refused, with what is near", ({ pointer, says }) => {
  expect(complaintOfFigure(pointer)).toContain(says);
});

test("only a pointer into a board needs one", () => {
  expect(["/totals/total", "/boards/lag/deviceToRecord/p99Ms", "/boards"].map(boardOf)).toEqual([
    ...[undefined, "lag", undefined],
  ]);
});
