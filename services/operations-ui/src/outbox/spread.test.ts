import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { spread, toldEveryMs } from "./spread.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("one change is told at once, many in a row together, and whoever asks has the newest", () => {
  let count = 0;
  let readings = 0;
  const { subscribe, get, tell } = spread(() => {
    readings += 1;
    return count;
  });
  const told: number[] = [];
  const leave = subscribe(() => told.push(get()));
  const change = (): void => {
    count += 1;
    tell();
  };
  change();
  expect(told).toEqual([1]);
  for (let turn = 0; turn < 50; turn += 1) change();
  expect([told, get()]).toEqual([[1], 51]);
  // What nobody asked for was not read either.
  expect(readings).toBe(3);
  vi.advanceTimersByTime(toldEveryMs);
  expect(told).toEqual([1, 51]);
  leave();
  change();
  vi.advanceTimersByTime(2 * toldEveryMs);
  expect(told).toEqual([1, 51]);
});
