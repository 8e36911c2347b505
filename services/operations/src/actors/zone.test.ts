import { zonesMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { originOf } from "./test-acts.ts";
import { decideZone } from "./zone.ts";

const corners = [
  { x: 0, y: 0 },
  { x: 4, y: 0 },
  { x: 4, y: 2.5 },
];
const square = { points: corners };
const origin = originOf({});

test.each([
  { what: "drawn as it is", was: square, shape: square },
  {
    what: "less than a centimetre off",
    was: square,
    shape: { points: [{ x: 0.004, y: 0 }, ...corners.slice(1)] },
  },
  { what: "taken off where it was not", was: null, shape: null },
])("$what, nothing is said", ({ was, shape }) => {
  expect(decideZone({ was, zones: 1 }, { place: "dock", shape }, origin)).toEqual({
    outcome: "already_applied",
    flags: [],
  });
});

test("what was and what is are said, to the centimetre, under the place without spaces around it", () => {
  const shape = { points: [...corners, { x: 1 / 3, y: 2.5 }] };
  expect(decideZone({ was: square, zones: 1 }, { place: " dock ", shape }, origin)).toMatchObject({
    outcome: "accepted",
    said: {
      type: "zone.configured.v1",
      data: { id: "dock", was: square, now: { points: [...corners, { x: 0.33, y: 2.5 }] } },
    },
  });
  expect(decideZone({ was: square, zones: zonesMax }, { place: "dock", shape: null }, origin)).toMatchObject({
    said: { data: { was: square, now: null } },
  });
});

test("a plan is full some day, and what is on it may still be drawn otherwise", () => {
  const place = "dock";
  expect(() => decideZone({ was: null, zones: zonesMax }, { place, shape: square }, origin)).toThrow(
    expect.objectContaining({ code: "malformed" }),
  );
  const shape = { points: corners.map(({ x, y }) => ({ x: x + 1, y })) };
  expect(decideZone({ was: square, zones: zonesMax }, { place, shape }, origin).outcome).toBe("accepted");
});
