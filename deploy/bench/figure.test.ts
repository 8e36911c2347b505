import { expect, test } from "vitest";
import { figureOf, quantile, ratioOf } from "./figure.ts";

test.each([
  { share: 0, is: 1 },
  { share: 0.5, is: 5 },
  { share: 0.99, is: 10 },
  { share: 1, is: 10 },
])("the quantile at $share is one of the samples: $is", ({ share, is }) => {
  expect(quantile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], share)).toBe(is);
});

test("nothing measured has no quantile", () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError);
});

test("a ratio compares the middles of the rounds", () => {
  const row = {
    measurement: "m",
    what: "w",
    unit: "ms",
    floor: figureOf([1, 2, 9]),
    product: figureOf([8, 6, 7]),
  };
  expect(ratioOf(row)).toBe(3.5);
  expect(row.floor).toEqual({ median: 2, min: 1, max: 9, rounds: 3 });
});
