import { expect, test } from "vitest";
import { highest, niceTop, pointText, shownPoints, stackedValues } from "./chart-data.ts";

test.each([
  [0, 1],
  [7, 8],
  [11, 15],
  [1_000, 1_000],
  [0.03, 0.03],
])("a scale up to %d ends at %d", (most, top) => {
  expect(niceTop(most)).toBeCloseTo(top);
});

const series = [{ values: [1, null, 3] }, { values: [4, 5, 0] }];

test("what is stacked is as high as all together", () => {
  expect(stackedValues(series)).toEqual([
    [1, 0, 3],
    [5, 5, 3],
  ]);
  const named = series.map((each) => ({ word: "", colour: "", ...each }));
  expect(highest({ shape: "stacked", series: named })).toBe(5);
  expect(highest({ shape: "beside", series: [{ word: "", colour: "", values: [2, 9] }] })).toBe(9);
});

test("as many points are named as have room, and the newest always", () => {
  expect(shownPoints(24, 6)).toEqual([3, 7, 11, 15, 19, 23]);
  expect(shownPoints(3, 50)).toEqual([0, 1, 2]);
  expect(shownPoints(5, 0)).toEqual([4]);
});

test("a point is said with all that stands there, also that nothing is known of it", () => {
  const data = {
    shape: "line" as const,
    points: ["Mon", "Tue"],
    series: [{ word: "out", colour: "--ink", values: [0.5, null] }],
    text: (share: number) => `${share * 100} %`,
  };
  expect([pointText(data, 0), pointText(data, 1)]).toEqual(["Mon: 50 % out", "Tue: unknown out"]);
});
