import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lifeIntervalMs, silenceMsMax, watchLife } from "./life.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const watched = (answers: boolean) => {
  const line = { taken: 0, waits: 0 };
  const ask = vi.fn();
  const end = vi.fn();
  const connection = { takenBytes: () => line.taken, hasBacklog: () => line.waits > 0 };
  return { line, ask, end, life: watchLife(connection, { ask, answers, end }) };
};
const pass = (ms: number) => vi.advanceTimersByTime(ms);

test("who answers lives", () => {
  const { ask, end, life } = watched(true);
  for (let passedMs = 0; passedMs < 5 * silenceMsMax; passedMs += lifeIntervalMs) {
    pass(lifeIntervalMs);
    life.heard();
  }
  expect(end).not.toHaveBeenCalled();
  expect(ask).toHaveBeenCalledTimes((5 * silenceMsMax) / lifeIntervalMs);
  life.stop();
});

test("who is silent is gone, once, though the system takes what is said to it", () => {
  const { line, end } = watched(true);
  for (let passedMs = 0; passedMs < 2 * silenceMsMax; passedMs += 5_000) {
    line.taken += 100;
    pass(5_000);
  }
  expect(end).toHaveBeenCalledTimes(1);
});

test.each([true, false])("who still takes what waits lives, however slow: answers %s", (answers) => {
  const { line, end, life } = watched(answers);
  line.waits = 1_000_000;
  for (let passedMs = 0; passedMs < 5 * silenceMsMax; passedMs += lifeIntervalMs) {
    line.taken += 1;
    pass(lifeIntervalMs);
  }
  expect(end).not.toHaveBeenCalled();
  pass(silenceMsMax + lifeIntervalMs);
  expect(end).toHaveBeenCalledTimes(1);
  life.stop();
});

test("where nothing is ever answered, it is enough that nothing waits", () => {
  const { end, life } = watched(false);
  pass(5 * silenceMsMax);
  expect(end).not.toHaveBeenCalled();
  life.stop();
});
