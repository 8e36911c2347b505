import { expect, test } from "vitest";
import { addToRate, newRate, ratePerSecond } from "./rate.ts";

test("the rate is that of the last ten seconds and falls to nothing after them", () => {
  const rate = newRate();
  for (let second = 0; second < 20; second += 1) addToRate(rate, 50, second * 1_000 + 10);
  expect(ratePerSecond(rate, 19_900)).toBe(50);
  expect(ratePerSecond(rate, 24_900)).toBe(25);
  expect(ratePerSecond(rate, 29_900)).toBe(0);
});

test("reads of one second add up", () => {
  const rate = newRate();
  addToRate(rate, 3, 5_000);
  addToRate(rate, 4, 5_999);
  expect(ratePerSecond(rate, 6_000)).toBe(0.7);
});
