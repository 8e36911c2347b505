import { expect, test } from "vitest";
import { tagRead } from "../floor/scripted-driver.ts";
import { believable, heardAgoMsMax } from "./heard-at.ts";

const nowMs = Date.UTC(2026, 0, 1);

test.each([
  { what: "now", heardAtMs: nowMs },
  { what: "a moment ago", heardAtMs: nowMs - 1 },
  { what: "as long ago as can be", heardAtMs: nowMs - heardAgoMsMax },
])("a read heard $what is left as it is", ({ heardAtMs }) => {
  const reads = [tagRead("AA", { heardAtMs })];
  expect(believable(reads, nowMs)).toEqual({ reads, mistimed: 0 });
});

test.each([
  nowMs + 1,
  nowMs - heardAgoMsMax - 1,
  0,
  -1.8e16,
  8.64e15,
  1.8e16,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
])("a read heard at %d counts as heard now, and costs no other its time", (heardAtMs) => {
  const fine = tagRead("BB", { heardAtMs: nowMs - 5 });
  const { reads, mistimed } = believable([tagRead("AA", { heardAtMs }), fine], nowMs);
  expect(mistimed).toBe(1);
  expect(reads.map((read) => read.heardAtMs)).toEqual([nowMs, nowMs - 5]);
});
