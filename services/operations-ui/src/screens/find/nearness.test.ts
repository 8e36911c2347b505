import type { FoundRead } from "@tagwire/messages";
import { expect, test } from "vitest";
import { bandOf, farDbm, heardForMs, hearMore, nearDbm, nearnessOf, tickEveryMs } from "./nearness.ts";

const read = (rssiDbm: number | null, more: Partial<FoundRead> = {}): FoundRead => ({
  ...{ tag: "A1", reader: "sled", antenna: 1, rssiDbm, count: 1, heardAt: "2026-03-01T10:00:00Z" },
  ...more,
});

test("of several antennas the loudest counts", () => {
  const heard = hearMore(new Map(), [read(-70), read(-50, { antenna: 2 }), read(null, { antenna: 3 })], 0);
  expect(heard.get("A1")).toEqual({ rssiDbm: -50, reader: "sled", antenna: 2, atMs: 0 });
});

test("one odd read moves the bar a part of the way, and another antenna or a silence begins anew", () => {
  const before = hearMore(new Map(), [read(-60)], 0);
  expect(hearMore(before, [read(-40)], 50).get("A1")?.rssiDbm).toBe(-52);
  expect(hearMore(before, [read(-40, { antenna: 2 })], 50).get("A1")?.rssiDbm).toBe(-40);
  expect(hearMore(before, [read(-40)], heardForMs).get("A1")?.rssiDbm).toBe(-40);
});

test("what was not heard for a while is not here", () => {
  const heard = hearMore(new Map(), [read(nearDbm)], 0).get("A1");
  expect(nearnessOf(heard, heardForMs - 1)).toBe(1);
  expect(nearnessOf(heard, heardForMs)).toBe(0);
  expect(nearnessOf(undefined, 0)).toBe(0);
});

test("the nearer, the faster it ticks; silence does not tick, and whatever is heard does", () => {
  const at = (rssiDbm: number | null) => nearnessOf(hearMore(new Map(), [read(rssiDbm)], 0).get("A1"), 0);
  const strengths = [farDbm - 10, -60, -50, nearDbm];
  const ticks = strengths.map((rssiDbm) => tickEveryMs(at(rssiDbm)) ?? 0);
  expect(ticks).toEqual(ticks.toSorted((one, other) => other - one));
  expect(ticks.at(-1)).toBe(100);
  expect(tickEveryMs(0)).toBeUndefined();
  expect(strengths.map((rssiDbm) => bandOf(at(rssiDbm)))).toEqual(["far", "far", "near", "very_near"]);
  expect(bandOf(at(null))).toBe("near");
});
