import type { PutStation } from "@tagwire/messages";
import { expect, test } from "vitest";
import { stationOf } from "./station-settings.ts";

const portal = { inside: "hall", outside: "yard", by: "antennas" } as const;

test.each<[string, PutStation]>([
  ["has a place", { mode: "zone" }],
  ["a portal has two places", { mode: "portal" }],
  ["has no place of its own", { mode: "portal", place: "gate", portal }],
  ["only a portal", { mode: "checkout", place: "dock", portal }],
  ["are the same", { mode: "portal", portal: { ...portal, outside: "hall" } }],
  ["names the inputs", { mode: "portal", portal: { ...portal, by: "triggers" } }],
  [
    "at one input",
    { mode: "portal", portal: { ...portal, by: "triggers", triggers: { inside: 1, outside: 1 } } },
  ],
])("a station that does not fit is refused, naming why: %s", (why, settings) => {
  expect(() => stationOf("s", settings)).toThrowError(
    expect.objectContaining({ code: "station.settings", detail: expect.stringContaining(why) }),
  );
});

test("what is not said is not kept", () => {
  expect(stationOf("dock", { mode: "checkout", place: "dock" })).toEqual({
    id: "dock",
    mode: "checkout",
    place: "dock",
    rules: {},
  });
});
