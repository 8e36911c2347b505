import { expect, test } from "vitest";
import {
  answered,
  capFirst,
  capMax,
  failed,
  firstPace,
  halved,
  type Pace,
  pauseMs,
  targetMs,
} from "./pace.ts";

const full = (pace: Pace, tookMs = 1): Pace => answered(pace, { size: pace.cap, tookMs });

test("more is sent at once while full requests are answered in time, up to a bound", () => {
  expect(full(firstPace).cap).toBeGreaterThan(capFirst);
  let pace: Pace = firstPace;
  for (let request = 0; request < 50; request += 1) pace = full(pace);
  expect(pace.cap).toBe(capMax);
});

test("a request that was not full says nothing of how much goes", () => {
  expect(answered(firstPace, { size: 1, tookMs: 1 }).cap).toBe(capFirst);
});

test("less is sent where answers are slow, half where none comes, and never nothing", () => {
  expect(full({ cap: 100, failures: 0 }, targetMs + 1).cap).toBe(70);
  expect(halved(firstPace, capFirst).cap).toBe(13);
  expect(halved({ cap: 1, failures: 0 }, 1).cap).toBe(1);
});

test("a way that is long whatever is sent does not bring it down to one by one", () => {
  expect(full(firstPace, targetMs + 1).cap).toBe(capFirst);
  let pace: Pace = { cap: 1, failures: 0 };
  for (let request = 0; request < 5; request += 1) pace = full(pace, targetMs + 1);
  expect(pace.cap).toBe(capFirst);
});

test("pauses grow with failures, are as long as the server asks, and are over with an answer", () => {
  const pauses = [1, 2, 3].map((failures) => pauseMs({ cap: 1, failures }, 0, 0));
  expect(pauses).toEqual([250, 500, 1_000]);
  expect(pauseMs(failed(firstPace), 30_000, 0)).toBe(30_000);
  expect(full(failed(failed(firstPace))).failures).toBe(0);
});
