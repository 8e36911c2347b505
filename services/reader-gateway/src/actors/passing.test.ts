import type { PortalSide, Station } from "@tagwire/messages";
import { expect, test } from "vitest";
import { goOnPassing, type PassingTag, passingTags, readsOfPassing } from "./passing.ts";
import { newSmoothing, passTime } from "./smoothing.ts";
import { bound, hear, read } from "./test-smoothing.ts";
import { isAt } from "./whereabouts.ts";

const room = Number.POSITIVE_INFINITY;
const startMs = 1_000_000;
const gateStation: Station = {
  id: "gate",
  mode: "portal",
  portal: { inside: "hall", outside: "yard", by: "antennas" },
  rules: {},
};
const sides: readonly [number, PortalSide][] = [
  [1, "outside"],
  [2, "inside"],
];
const antennas = sides.map(([port, side]) => ({ port, side, station: "gate" }));
const gate = () => newSmoothing(bound({ antennas, station: null }, undefined, [gateStation]), 100);

/** As Postgres gives it back. */
const kept = (tags: readonly PassingTag[]): PassingTag[] => JSON.parse(JSON.stringify(tags));

/** A tag that comes in from outside, as far as it is heard before the process is killed, by a clock that began long before. */
const halfWay = () => {
  const smoothing = gate();
  for (const [atMs, antenna] of [
    [0, 1],
    [200, 1],
    [500, 2],
  ] as const)
    hear(smoothing, [read({ epc: "AA", antenna, count: 2, heardAtMs: startMs + atMs })], {
      nowMs: 70_000 + atMs,
      unixMs: startMs + atMs,
      room,
    });
  return kept(passingTags(smoothing, { nowMs: 70_600, unixMs: startMs + 600 }));
};

test("a passage goes on in another process, with a clock of its own, as if it were the same", () => {
  const tags = halfWay();
  expect(readsOfPassing(tags)).toEqual(
    new Map([
      [1, 4],
      [2, 2],
    ]),
  );
  const smoothing = gate();
  goOnPassing(smoothing, tags, { nowMs: 5, unixMs: startMs + 1_000 });
  expect(smoothing.held).toBe(6);
  const heardAtMs = startMs + 1_200;
  hear(smoothing, [read({ epc: "AA", antenna: 2, heardAtMs })], { nowMs: 205, unixMs: heardAtMs, room });
  expect(passTime(smoothing, { nowMs: 205 + 1_499, unixMs: heardAtMs + 1_499, room })).toEqual([]);
  expect(passTime(smoothing, { nowMs: 205 + 1_500, unixMs: heardAtMs + 1_500, room })).toMatchObject([
    { tag: "AA", place: "hall", stray: null, reads: 7, firstHeardAtMs: startMs, lastHeardAtMs: heardAtMs },
  ]);
  expect(smoothing).toMatchObject({ held: 0, leaving: 0 });
  expect(isAt(smoothing.whereabouts, "AA", "hall")).toBe(true);
});

test("one that ended while nobody listened is said at once, as far as it was heard", () => {
  const smoothing = gate();
  goOnPassing(smoothing, halfWay(), { nowMs: 5, unixMs: startMs + 9_000 });
  expect(passTime(smoothing, { nowMs: 6, unixMs: startMs + 9_001, room })).toMatchObject([
    {
      place: "hall",
      reads: 6,
      readsBy: new Map([
        [1, 4],
        [2, 2],
      ]),
    },
  ]);
});

test("where there is no portal any more, its reads are said, and are not lost", () => {
  const smoothing = newSmoothing(bound({ antennas: [], station: null }), 100);
  goOnPassing(smoothing, halfWay(), { nowMs: 5, unixMs: startMs + 1_000 });
  expect(passTime(smoothing, { nowMs: 6, unixMs: startMs + 1_001, room })).toMatchObject([
    { place: null, reads: 6 },
  ]);
  expect(smoothing).toMatchObject({ held: 0, leaving: 0 });
  expect(smoothing.windows.size).toBe(0);
});

test("of a tag that is heard without end no more is kept than tells its way", () => {
  const smoothing = gate();
  for (let atMs = 0; atMs < 50_000; atMs += 100)
    hear(smoothing, [read({ epc: "AA", antenna: atMs < 25_000 ? 1 : 2, heardAtMs: startMs + atMs })], {
      nowMs: atMs,
      unixMs: startMs + atMs,
      room,
    });
  const [tag] = passingTags(smoothing, { nowMs: 50_000, unixMs: startMs + 50_000 });
  expect(tag?.heard.length).toBeLessThanOrEqual(65);
  const later = gate();
  goOnPassing(later, kept([tag as PassingTag]), { nowMs: 0, unixMs: startMs + 60_000 });
  expect(passTime(later, { nowMs: 1, room })).toMatchObject([{ place: "hall", reads: 500 }]);
});
