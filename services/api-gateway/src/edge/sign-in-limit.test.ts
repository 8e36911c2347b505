import { expect, test } from "vitest";
import { failuresMax, openSignInLimit, windowMs } from "./sign-in-limit.ts";

test("an address that failed too often waits for the rest of its window, and others do not", () => {
  let nowMs = 0;
  const limit = openSignInLimit(() => nowMs);
  for (let count = 0; count < failuresMax; count += 1) {
    expect(limit.waitSeconds("192.0.2.1")).toBe(0);
    limit.failed("192.0.2.1");
  }
  nowMs = windowMs / 2;
  expect(limit.waitSeconds("192.0.2.1")).toBe(windowMs / 2_000);
  expect(limit.waitSeconds("192.0.2.2")).toBe(0);
  nowMs = windowMs;
  expect(limit.waitSeconds("192.0.2.1")).toBe(0);
  limit.failed("192.0.2.1");
  expect(limit.waitSeconds("192.0.2.1")).toBe(0);
});
