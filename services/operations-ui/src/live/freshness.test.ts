import { describe, expect, test } from "vitest";
import { type Freshness, readingFreshness } from "./freshness.ts";

const live: Freshness = { state: "live", ageMs: 400 };
const nowMs = 100_000;

describe("what was read beside a live view", () => {
  test("is as present as the view while readings succeed", () => {
    expect(readingFreshness(live, { readAtMs: 1_000, failed: false }, nowMs)).toBe(live);
  });

  test("is as old as the last reading that succeeded, once one has failed", () => {
    expect(readingFreshness(live, { readAtMs: 40_000, failed: true }, nowMs)).toEqual({
      state: "stale",
      ageMs: 60_000,
    });
  });

  test("is waited for, not present, before the first succeeds", () => {
    for (const failed of [true, false])
      expect(readingFreshness(live, { readAtMs: undefined, failed }, nowMs).state).toBe("waiting");
  });

  test.each(["reconnecting", "stale", "waiting"] as const)(
    "is never better than a view that is %s",
    (state) => {
      expect(readingFreshness({ state, ageMs: 9 }, { readAtMs: nowMs, failed: false }, nowMs).state).toBe(
        state,
      );
    },
  );
});
