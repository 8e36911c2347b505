import { expect, test } from "vitest";
import { openPace, paceWindowMs } from "./pace.ts";

const gather = { least: 0, most: 100 };
const paceAt = () => {
  let nowMs = 0;
  const pace = openPace(() => nowMs);
  return {
    pace,
    /** Sends for `busyMs` of each 10 ms, so many times. */
    work: (busyMs: number, times: number) => {
      for (let count = 0; count < times; count += 1) {
        nowMs += 10;
        pace.spend(busyMs);
      }
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
};

test("who has nothing to do lets nothing wait", () => {
  const { pace } = paceAt();
  expect(pace.restMs(gather)).toBe(0);
  expect(pace.restMs({ least: 250, most: 250 })).toBe(250);
});

test("the more of the time goes into sending, the longer may be gathered, up to the most", () => {
  const rests = [0.1, 1, 3, 6, 10, 50].map((busyMs) => {
    const { pace, work } = paceAt();
    work(busyMs, 100);
    return pace.restMs(gather);
  });
  expect(rests).toEqual([...rests].sort((one, other) => one - other));
  expect(rests[0]).toBeLessThan(2);
  expect(rests[2]).toBeGreaterThan(20);
  expect(rests[2]).toBeLessThan(50);
  expect(rests.slice(-2)).toEqual([100, 100]);
});

test("what was long ago is forgotten", () => {
  const { pace, work, pass } = paceAt();
  work(10, 100);
  pass(10 * paceWindowMs);
  expect(pace.restMs(gather)).toBeLessThan(0.1);
});
