import { expect, test } from "vitest";
import { planRestart, rememberedEndsMax } from "./restart-policy.ts";

const every = (stepMs: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => index * stepMs);

test("the wait doubles from half a second", () => {
  const delays = [1, 2, 3, 4, 5].map((count) => planRestart(every(1_000, count)).delayMs);
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
});

test("the sixth end in a row is too many", () => {
  expect(planRestart(every(9_000, 5)).worn).toBe(false);
  expect(planRestart(every(9_000, 6))).toEqual({ delayMs: 30_000, worn: true });
});

test("ends long ago are forgotten", () => {
  expect(planRestart([0, 1_000, 2_000, 3_000, 4_000, 3_600_000])).toEqual({ delayMs: 500, worn: false });
});

test("a service that ends right after each long wait stays worn", () => {
  const ends = every(1_000, 6);
  for (let again = 0; again < 20; again++) {
    const { delayMs, worn } = planRestart(ends.slice(-rememberedEndsMax));
    expect(worn).toBe(true);
    ends.push((ends.at(-1) ?? 0) + delayMs);
  }
});
