import { expect, test } from "vitest";
import { createSightings, forgottenAfterMs } from "./sightings.ts";

const everyMs = 100;
/** What is told of pictures that come one after the other. */
const told = (...pictures: readonly (readonly string[])[]) => {
  const sightings = createSightings();
  return pictures.map((codes, at) => sightings.see(codes, at * everyMs));
};

test("a code is told once, in its second picture, however long it is held there", () => {
  expect(told(["A"], ["A"], ["A"], [], ["A"], ["A"])).toEqual([[], ["A"], [], [], [], []]);
});

test("what one picture alone shows is no scan, and two codes are two", () => {
  expect(told(["A"], ["B", "C"], ["B", "C", "A"])).toEqual([[], [], ["B", "C"]]);
});

test("a code that was away for a while is shown again on purpose", () => {
  const sightings = createSightings();
  const see = (atMs: number) => sightings.see(["A"], atMs);
  expect([
    see(0),
    see(1),
    see(forgottenAfterMs),
    see(2 * forgottenAfterMs),
    see(2 * forgottenAfterMs + 1),
  ]).toEqual([...[[], ["A"], [], [], ["A"]]]);
});

test("a code of blanks is none", () => expect(told([" "], [" "])).toEqual([[], []]));
