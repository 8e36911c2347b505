import { expect, test } from "vitest";
import { openAllowance, requestsBurstMax, requestsPerSecondMax } from "./allowance.ts";

test("a burst is allowed, then so many each second, and no more is saved up than a burst", () => {
  let nowMs = 0;
  const isAllowed = openAllowance(() => nowMs);
  const allowedOf = (asked: number) => Array.from({ length: asked }, isAllowed).filter(Boolean).length;
  expect(allowedOf(2 * requestsBurstMax)).toBe(requestsBurstMax);
  nowMs += 1_000;
  expect(allowedOf(2 * requestsBurstMax)).toBe(requestsPerSecondMax);
  nowMs += 3_600_000;
  expect(allowedOf(2 * requestsBurstMax)).toBe(requestsBurstMax);
});
