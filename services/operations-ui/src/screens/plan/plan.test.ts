import type { LoggedEvent, PlaceCount } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { boxOf, cornersText, heatOf, justSeen, layOut, readCorners, rectangle } from "./plan.ts";

const nowMs = Date.parse("2026-03-10T15:00:00Z");

test("places that nobody has drawn are laid out below those that somebody has, by name, and none lies on another", () => {
  const drawn = [{ place: "dock", points: rectangle(3, 4, 20, 5) }];
  const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 9 }), (places, columns) => {
      const zones = layOut(places, drawn, columns);
      expect(zones.map(({ place }) => place).toSorted()).toEqual(
        [...new Set(["dock", ...places])].toSorted(),
      );
      const boxes = zones.map(({ points }) => boxOf(points));
      for (const [index, one] of boxes.entries())
        for (const other of boxes.slice(index + 1))
          expect(
            one.x + one.width <= other.x ||
              other.x + other.width <= one.x ||
              one.y + one.height <= other.y ||
              other.y + other.height <= one.y,
          ).toBe(true);
    }),
  );
  const order = layOut(["rack 10", "rack 9", "dock"], drawn, 4).map(({ place, isDrawn }) => [place, isDrawn]);
  expect(order).toEqual([
    ["dock", true],
    ["rack 9", false],
    ["rack 10", false],
  ]);
});

const count = (what: Partial<PlaceCount>): PlaceCount => ({
  ...{ place: "dock", items: 1, inService: 0, missing: 0, seen: [], lastSeenAt: null },
  ...what,
});
const hoursAgo = (hours: number): string => new Date(nowMs - hours * 3_600_000).toISOString();

test.each([
  { what: undefined, heat: "empty" },
  { what: { items: 0, lastSeenAt: hoursAgo(0) }, heat: "empty" },
  { what: { lastSeenAt: hoursAgo(-1) }, heat: "hour" },
  { what: { lastSeenAt: hoursAgo(1) }, heat: "day" },
  { what: { lastSeenAt: hoursAgo(167) }, heat: "week" },
  { what: { lastSeenAt: hoursAgo(719) }, heat: "month" },
  { what: { lastSeenAt: hoursAgo(720) }, heat: "earlier" },
  { what: {}, heat: "earlier" },
])("a place with $what is as warm as $heat", ({ what, heat }) => {
  expect(heatOf(what && count(what), nowMs)).toBe(heat);
});

test("a place says that something was just seen there while it was, be it by a scan or by hand", () => {
  const event = (agoMs: number, data: object) =>
    ({ recordedAt: new Date(nowMs - agoMs).toISOString(), data }) as LoggedEvent;
  const events = [
    event(9_999, { scan: { place: "dock" } }),
    event(0, { scan: { place: "gate" }, set: { place: "rack" } }),
    event(10_000, { scan: { place: "late" } }),
    event(0, { set: { place: null } }),
    event(0, {}),
  ];
  expect(justSeen(events, nowMs)).toEqual(new Set(["dock", "rack"]));
});

test("corners are read as they are written, and nothing else is taken for an outline", () => {
  const corners = [
    { x: 0, y: 0 },
    { x: 10.5, y: 0 },
    { x: 10.5, y: 6 },
  ];
  expect(readCorners(cornersText(corners))).toEqual(corners);
  expect(readCorners(" 0,0;10.5 , 0 10.5,6".replace(" , ", ","))).toEqual(corners);
  for (const wrong of ["", "0,0 1,1", "0,0 1,1 2", "0,0 1,1 -2,2", "0,0 1,1 x,2"])
    expect(readCorners(wrong), wrong).toBeUndefined();
});
