import { expect, test } from "vitest";
import { heldAgainUntilMs, quietUntilMs } from "./quiet-hours.ts";

const until = (quiet: Parameters<typeof quietUntilMs>[0], zone: string, at: string): string | undefined => {
  const untilMs = quietUntilMs(quiet, zone, Date.parse(at));
  return untilMs === undefined ? undefined : new Date(untilMs).toISOString();
};
const night = { from: "20:00", to: "06:00" };

test.each([
  { what: "in the afternoon", at: "2026-01-10T15:00:00Z", is: undefined },
  { what: "in the evening", at: "2026-01-10T19:30:00Z", is: "2026-01-11T05:00:00.000Z" },
  { what: "after midnight", at: "2026-01-11T03:12:34Z", is: "2026-01-11T05:00:00.000Z" },
  { what: "when it begins", at: "2026-01-10T19:00:00Z", is: "2026-01-11T05:00:00.000Z" },
  { what: "when it ends", at: "2026-01-11T05:00:00Z", is: undefined },
])("a night in Berlin, $what", ({ at, is }) => {
  expect(until(night, "Europe/Berlin", at)).toBe(is);
});

test("the night in which clocks go forward is an hour shorter, the one in which they go back an hour longer", () => {
  // 2026-03-29 02:00 → 03:00 and 2026-10-25 03:00 → 02:00 in Berlin.
  expect(until(night, "Europe/Berlin", "2026-03-28T19:00:00Z")).toBe("2026-03-29T04:00:00.000Z");
  expect(until(night, "Europe/Berlin", "2026-10-24T18:00:00Z")).toBe("2026-10-25T05:00:00.000Z");
  // Chicago changes on other days: 2026-03-08 and 2026-11-01.
  expect(until(night, "America/Chicago", "2026-03-08T02:00:00Z")).toBe("2026-03-08T11:00:00.000Z");
  expect(until(night, "America/Chicago", "2026-11-01T01:00:00Z")).toBe("2026-11-01T12:00:00.000Z");
});

test("an end that the clock jumps over is when it has jumped; one that comes twice is over the first time, and quiet again", () => {
  const gap = { from: "23:00", to: "02:30" };
  expect(until(gap, "Europe/Berlin", "2026-03-29T00:30:00Z")).toBe("2026-03-29T01:00:00.000Z");
  // 02:30 summer time is 00:30Z; the clock then shows 02:00 again at 01:00Z.
  expect(until(gap, "Europe/Berlin", "2026-10-25T00:00:00Z")).toBe("2026-10-25T00:30:00.000Z");
  expect(until(gap, "Europe/Berlin", "2026-10-25T01:10:00Z")).toBe("2026-10-25T01:30:00.000Z");
});

test("zones need not differ by whole hours", () => {
  expect(until({ from: "12:00", to: "13:00" }, "Asia/Kathmandu", "2026-01-10T06:20:00Z")).toBe(
    "2026-01-10T07:15:00.000Z",
  );
});

test("days are those on which it begins", () => {
  const weekend = { from: "18:00", to: "06:00", days: [5, 6] };
  // 2026-01-09 is a Friday.
  expect(until(weekend, "UTC", "2026-01-08T20:00:00Z")).toBeUndefined();
  expect(until(weekend, "UTC", "2026-01-09T20:00:00Z")).toBe("2026-01-10T06:00:00.000Z");
  expect(until(weekend, "UTC", "2026-01-11T03:00:00Z")).toBe("2026-01-11T06:00:00.000Z");
  expect(until(weekend, "UTC", "2026-01-11T20:00:00Z")).toBeUndefined();
});

test("a whole day is quiet until the first day that is not, and what never ends is looked at again after a day", () => {
  const sunday = { from: "00:00", to: "00:00", days: [7] };
  expect(until(sunday, "UTC", "2026-01-11T12:00:00Z")).toBe("2026-01-12T00:00:00.000Z");
  const always = { from: "09:00", to: "09:00" };
  expect(until(always, "UTC", "2026-01-11T12:00:00Z")).toBe("2026-01-12T14:00:00.000Z");
});

test("what comes due in quiet hours is held back again, but for ever only where it would not be told at all", () => {
  const saturdayMs = Date.parse("2026-03-07T12:00:00Z");
  const weekend = { from: "00:00", to: "00:00", days: [6, 7] };
  // The first walk ends on Sunday, the next on Monday.
  const sundayMs = heldAgainUntilMs(weekend, "UTC", saturdayMs) ?? 0;
  expect(heldAgainUntilMs(weekend, "UTC", sundayMs)).toBe(Date.parse("2026-03-09T00:00:00Z"));
  expect(heldAgainUntilMs({ from: "00:00", to: "00:00" }, "UTC", saturdayMs)).toBeUndefined();
});
