import { expect, test } from "vitest";
import type { Delta } from "./delta.ts";
import { openRings, ringAgeMsMax, ringChangesMax } from "./ring.ts";

const deltaAt = (pos: number, heardAtMs = 0, count = 1): Delta => ({
  epoch: 1,
  prev: pos - 1,
  pos,
  at: "",
  heardAtMs,
  changes: Array.from({ length: count }, () => ({ key: "k", version: pos, row: {}, pos: 0, text: "{}" })),
});
const positions = (deltas: readonly Delta[]) => deltas.map(({ pos }) => pos);

test("an empty ring covers nothing", () => {
  const ring = openRings().open();
  expect(ring.floor()).toBeUndefined();
  expect(ring.after(0)).toEqual([]);
});

test("what ends after a position is given in order", () => {
  const ring = openRings().open();
  for (const pos of [1, 2, 3]) ring.push(deltaAt(pos));
  expect(ring.floor()).toBe(0);
  expect([0, 1, 3, 9].map((pos) => positions(ring.after(pos)))).toEqual([[1, 2, 3], [2, 3], [], []]);
  ring.clear();
  expect(ring.floor()).toBeUndefined();
});

test("old deltas leave, but never the newest", () => {
  const ring = openRings().open();
  ring.push(deltaAt(1, 0));
  ring.push(deltaAt(2, 1));
  ring.push(deltaAt(3, ringAgeMsMax + 1));
  expect(positions(ring.after(0))).toEqual([2, 3]);
  expect(ring.floor()).toBe(1);
  ring.push(deltaAt(4, 9 * ringAgeMsMax));
  expect(positions(ring.after(0))).toEqual([4]);
});

test("so many changes are kept and no more", () => {
  const ring = openRings().open();
  for (let pos = 1; pos <= 5; pos += 1) ring.push(deltaAt(pos, 0, ringChangesMax / 4));
  expect(positions(ring.after(0))).toEqual([2, 3, 4, 5]);
  ring.push(deltaAt(6, 0, ringChangesMax * 2));
  expect(positions(ring.after(0))).toEqual([6]);
});

/** A delta whose text is so long. */
const heavy = (pos: number, length: number): Delta => ({
  ...deltaAt(pos),
  changes: [{ key: "k", version: pos, row: {}, pos, text: "x".repeat(length) }],
});

test("what all rings hold together is bounded, and the fullest gives way, but never its newest", () => {
  const rings = openRings(30_000);
  const [busy, quiet] = [rings.open(), rings.open()];
  quiet.push(heavy(1, 1_000));
  quiet.push(heavy(2, 1_000));
  for (let pos = 1; pos <= 200; pos += 1) {
    busy.push(heavy(pos, 1_000));
    expect(rings.bytes()).toBeLessThanOrEqual(30_000);
  }
  expect(positions(quiet.after(0))).toEqual([1, 2]);
  const kept = positions(busy.after(0));
  expect(kept.length).toBeGreaterThan(4);
  expect(kept).toEqual(kept.map((_, index) => 201 - kept.length + index));
  expect(busy.floor()).toBe(200 - kept.length);
  busy.push(heavy(201, 20_000));
  expect([positions(busy.after(0)), positions(quiet.after(0))]).toEqual([[201], [2]]);
  quiet.close();
  busy.close();
  expect(rings.bytes()).toBe(0);
});

test("what a view says while nobody hears it any more is not counted for ever", () => {
  const rings = openRings(30_000);
  const ended = rings.open();
  ended.push(heavy(1, 1_000));
  ended.close();
  ended.push(heavy(2, 1_000));
  expect(rings.bytes()).toBe(0);
});
