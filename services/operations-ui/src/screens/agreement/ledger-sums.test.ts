import { brokenSums, type ReaderCounts } from "@tagwire/messages";
import { expect, test } from "vitest";
import { openOf } from "./ledger-sums.ts";

const whole: ReaderCounts = {
  ...{ frames: 9, malformed: 1, reads: 100, filtered: 20, held: 5, observed: 75 },
  ...{ observations: 30, accepted: 12, alreadyApplied: 9, rejected: 4, quarantined: 3, pending: 2 },
};

test("a ledger that adds up has lost nothing", () => {
  expect(brokenSums(whole)).toEqual([]);
  expect(openOf(whole)).toBe(0);
});

test.each([
  [{ held: 4 }, 1],
  [{ observed: 78 }, 3],
  [{ pending: 0 }, 2],
  [{ accepted: 13, held: 3 }, 3],
])("%j is told by how much it does not add up", (change, lost) => {
  expect(openOf({ ...whole, ...change })).toBe(lost);
  expect(brokenSums({ ...whole, ...change })).not.toEqual([]);
});
