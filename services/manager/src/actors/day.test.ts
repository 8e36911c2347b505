import { expect, test } from "vitest";
import { calendarOf, dayBeginsMs } from "./day.ts";

test.each([
  { zone: "UTC", day: "2026-03-05", begins: "2026-03-05T00:00:00.000Z" },
  { zone: "America/Los_Angeles", day: "2026-03-05", begins: "2026-03-05T08:00:00.000Z" },
  { zone: "Pacific/Kiritimati", day: "2026-03-05", begins: "2026-03-04T10:00:00.000Z" },
  { zone: "Asia/Kathmandu", day: "2026-03-05", begins: "2026-03-04T18:15:00.000Z" },
  // The clocks go from 24:00 to 01:00, so that this day has no midnight.
  { zone: "Africa/Cairo", day: "2026-04-24", begins: "2026-04-23T22:00:00.000Z" },
])("$day begins in $zone at $begins", ({ zone, day, begins }) => {
  const beginsMs = dayBeginsMs(day, zone);
  expect(new Date(beginsMs).toISOString()).toBe(begins);
  expect([beginsMs - 1, beginsMs].map((at) => calendarOf(zone)(at) >= day)).toEqual([false, true]);
});
