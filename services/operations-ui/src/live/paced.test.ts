import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { paced } from "./paced.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first of a storm is shown at once, the last one always, the others are gathered", () => {
  const run = vi.fn();
  const slow = paced(run, 100);
  for (let change = 0; change < 25; change += 1) {
    slow.run();
    vi.advanceTimersByTime(10);
  }
  expect(run).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(100);
  expect(run).toHaveBeenCalledTimes(4);
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledTimes(4);
});

test("nothing runs after it was cancelled", () => {
  const run = vi.fn();
  const slow = paced(run, 100);
  slow.run();
  slow.run();
  slow.cancel();
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledTimes(1);
});
