import type { MinuteRow } from "@tagwire/messages";
import { expect, test } from "vitest";
import { figuresOf, lastHour, minutesShown } from "./figures.ts";

const minute = (at: string, scans: number): MinuteRow => ({
  minute: at,
  scans,
  rejected: 1,
  quarantined: 0,
  lagMsSum: 0,
  lagMsMax: 0,
});

test("the last hour has sixty bars, those without scans as zero, older ones left out", () => {
  const nowMs = Date.parse("2026-03-01T10:30:40Z");
  const bars = lastHour(
    [
      minute("2026-03-01T10:30:00.000Z", 7),
      minute("2026-03-01T09:31:00.000Z", 3),
      minute("2026-03-01T09:30:00.000Z", 99),
    ],
    nowMs,
  );
  expect(bars).toHaveLength(minutesShown);
  expect(bars.at(-1)).toEqual({
    minuteMs: Date.parse("2026-03-01T10:30:00Z"),
    scans: 7,
    rejected: 1,
    held: 0,
  });
  expect(bars[0]?.scans).toBe(3);
  expect(bars.reduce((sum, bar) => sum + bar.scans, 0)).toBe(10);
});

test("figures that have not come are unknown, and emptied classes are gone", () => {
  const row = { version: 1, ready: 0, out: 0, inService: 0, missing: 0, ended: 0 };
  const figures = figuresOf(
    new Map([
      ["class:Chair", { key: "class:Chair", class: "Chair", total: 2, ...row }],
      ["class:Gone", { key: "class:Gone", class: "Gone", total: 0, ...row }],
    ]),
  );
  expect(figures.totals).toBeUndefined();
  expect(figures.classes.map((each) => each.class)).toEqual(["Chair"]);
});
