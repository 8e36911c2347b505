import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Row } from "../outbox/rows.ts";
import { createOccasions, freshMs, joinedMs, scansPerPull } from "./occasions.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = () => {
  let pulls = 0;
  const pull = () => {
    pulls += 1;
  };
  const occasions = createOccasions(pull, "yard", { nowMs: () => Date.now() });
  let rows: Row[] = [];
  return {
    ...occasions,
    pulls: () => pulls,
    scan: (count: number, site = "yard") => {
      for (let one = 0; one < count; one += 1) {
        const scan = {
          id: crypto.randomUUID(),
          tag: "x",
          type: "touch",
          scannedAt: new Date().toISOString(),
        };
        const row = { scan, site, by: "ana", capturedAtMs: 0, times: 1, state: "saved" } as Row;
        rows = [row, ...rows].slice(0, 200);
        occasions.scanned(rows);
      }
    },
  };
};

test("a set is asked for a moment after this device takes part in a session, and once for each", () => {
  const names = open();
  names.takesPart("s1");
  names.takesPart("s1");
  expect(names.pulls()).toBe(0);
  vi.advanceTimersByTime(joinedMs);
  expect(names.pulls()).toBe(1);
  names.takesPart("s2");
  names.takesPart("s3");
  vi.advanceTimersByTime(joinedMs);
  expect(names.pulls()).toBe(2);
  names.takesPart(undefined);
  names.takesPart("s4");
  names.stop();
  vi.advanceTimersByTime(10 * joinedMs);
  expect(names.pulls()).toBe(2);
});

test("a set is asked for anew after every few scans at the site, and not again while it is fresh", () => {
  const names = open();
  names.now();
  names.scanned([]);
  vi.advanceTimersByTime(freshMs);
  names.scan(scansPerPull - 1);
  names.scan(20, "elsewhere");
  expect(names.pulls()).toBe(1);
  names.scan(1);
  expect(names.pulls()).toBe(2);
  // With the reader on, hundreds come meanwhile.
  names.scan(300);
  expect(names.pulls()).toBe(2);
  vi.advanceTimersByTime(freshMs);
  names.scan(1);
  expect(names.pulls()).toBe(3);
});

test("what was scanned before the page began is no news", () => {
  const names = open();
  names.scan(1);
  names.scan(scansPerPull - 1);
  expect(names.pulls()).toBe(0);
});

test("a set is asked for when somebody looks again, unless it is fresh", () => {
  const names = open();
  names.seen();
  names.seen();
  expect(names.pulls()).toBe(1);
  vi.advanceTimersByTime(freshMs);
  names.seen();
  expect(names.pulls()).toBe(2);
});
