import { describe, expect, test } from "vitest";
import { retryAfterMs, retryDelayMs, retryDelaysMs, throttleMsMax, throttleMsMin } from "./retry-schedule.ts";

describe("the schedule", () => {
  test("is the one that the specification recommends", () => {
    const hourMs = 3_600_000;
    expect(retryDelaysMs).toEqual([
      ...[5_000, 300_000, 1_800_000],
      ...[2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs, 24 * hourMs],
    ]);
  });

  test("gives each failed attempt its delay, a tenth more or less, and ends", () => {
    for (const [index, delayMs] of retryDelaysMs.entries()) {
      expect(retryDelayMs(retryDelaysMs, index + 1, 0)).toBe(Math.round(delayMs * 0.9));
      expect(retryDelayMs(retryDelaysMs, index + 1, 0.5)).toBe(delayMs);
      expect(retryDelayMs(retryDelaysMs, index + 1, 1)).toBe(Math.round(delayMs * 1.1));
    }
    expect(retryDelayMs(retryDelaysMs, retryDelaysMs.length + 1, 0.5)).toBeUndefined();
  });
});

const nowMs = Date.parse("2026-05-04T10:00:00Z");

test.each([
  { what: "nothing", text: undefined, is: null },
  { what: "seconds", text: "120", is: 120_000 },
  { what: "seconds with room around", text: " 7 ", is: 7_000 },
  { what: "a date", text: "Mon, 04 May 2026 10:00:30 GMT", is: 30_000 },
  { what: "a date that is over", text: "Mon, 04 May 2026 09:00:00 GMT", is: throttleMsMin },
  { what: "now", text: "0", is: throttleMsMin },
  { what: "for ever", text: "999999999", is: throttleMsMax },
  { what: "more digits than seconds have", text: "9".repeat(400), is: null },
  { what: "words", text: "soon", is: null },
  { what: "no words", text: "", is: null },
])("Retry-After that says $what", ({ text, is }) => {
  expect(retryAfterMs(text, nowMs)).toBe(is);
});
