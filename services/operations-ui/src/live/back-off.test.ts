import { expect, test } from "vitest";
import { retryDelayMs, retryDelayMsMax, retryDelayMsMin, spreadMs } from "./back-off.ts";

test("waits grow to a bound and are spread over their upper half", () => {
  expect(retryDelayMs(0, 0)).toBe(retryDelayMsMin / 2);
  expect(retryDelayMs(0, 1)).toBe(retryDelayMsMin);
  expect(retryDelayMs(3, 0)).toBe(2_000);
  for (const attempt of [5, 6, 50, 10_000]) expect(retryDelayMs(attempt, 1)).toBe(retryDelayMsMax);
});

test("a wait that was asked for is never shortened", () => {
  expect(spreadMs(1_000, 0)).toBe(1_000);
  expect(spreadMs(1_000, 1)).toBe(1_500);
});
