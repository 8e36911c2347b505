import { describe, expect, test } from "vitest";
import {
  ageText,
  countOf,
  dayText,
  durationText,
  instantText,
  latenessTexts,
  minuteText,
  preciseTimeText,
  zoneText,
} from "./time.ts";

test.each([
  [0, "0 ms"],
  [850, "850 ms"],
  [1_000, "1 s"],
  [2_764, "2.8 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [46 * 60_000, "46 min"],
  [3 * 3_600_000 + 20 * 60_000, "3 h 20 min"],
  [4 * 3_600_000, "4 h"],
  [4 * 86_400_000 + 3_600_000, "4 d 1 h"],
  [-61 * 60_000, "1 h 1 min"],
])("%i ms is said as %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  [0, "just now"],
  [1_999, "just now"],
  [2_000, "2 s ago"],
  [9_700, "9 s ago"],
  [12_345, "12 s ago"],
  [3_600_000, "1 h ago"],
])("%i ms of age is said as %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

describe("the three clocks of a scan", () => {
  const at = (scannedMs: number | null, receivedMs: number, recordedMs: number): string[] => {
    const instant = (ms: number): string => new Date(1_770_000_000_000 + ms).toISOString();
    return latenessTexts({
      scannedAt: scannedMs === null ? null : instant(scannedMs),
      receivedAt: instant(receivedMs),
      recordedAt: instant(recordedMs),
    });
  };

  test.each([
    { what: "all close together", clocks: at(0, 300, 340), says: [] },
    {
      what: "an upload that came late",
      clocks: at(0, 46 * 60_000, 46 * 60_000 + 5),
      says: ["arrived 46 min late"],
    },
    { what: "a clock that is ahead", clocks: at(3_660_000, 0, 4), says: ["device clock 1 h 1 min ahead"] },
    {
      what: "a record that took its time",
      clocks: at(0, 100, 4_100),
      says: ["recorded 4 s after it arrived"],
    },
    {
      what: "both",
      clocks: at(0, 120_000, 180_000),
      says: ["arrived 2 min late", "recorded 1 min after it arrived"],
    },
    { what: "no device time", clocks: at(null, 0, 5), says: [] },
  ])("$what", ({ clocks, says }) => {
    expect(clocks).toEqual(says);
  });
});

test("instants are shown in the zone of the site, with the zone's name", () => {
  const instant = "2026-07-03T19:02:11.482Z";
  expect(minuteText(instant, "America/Chicago")).toBe("14:02");
  expect(preciseTimeText(instant, "UTC")).toBe("19:02:11.482 UTC");
  expect(dayText("2026-07-03T23:30:00Z", "Europe/Istanbul")).toBe("4 Jul 2026");
  expect(instantText(instant, "Europe/Berlin")).toMatch(/^3 Jul 2026, 21:02:11\.482 (CEST|GMT\+2)$/);
});

test("a zone is named once for many times, with its offset at that time of the year", () => {
  expect(zoneText("2026-07-03T19:02:11Z", "America/Chicago")).toBe("Times in America/Chicago (GMT-5)");
  expect(zoneText("2026-01-03T19:02:11Z", "America/Chicago")).toBe("Times in America/Chicago (GMT-6)");
  expect(zoneText("2026-01-03T19:02:11Z", "UTC")).toBe("Times in UTC");
});

test("numbers are grouped and their nouns agree", () => {
  expect([countOf(1, "scan"), countOf(0, "scan"), countOf(12_477, "item")]).toEqual([
    "1 scan",
    "0 scans",
    "12,477 items",
  ]);
});
