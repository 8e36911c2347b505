import type { FindingCode } from "@tagwire/messages";
import { expect, test } from "vitest";
import { hasComeRound, type Rounds, roundsAfter } from "./rounds.ts";

const parts = 4;
const shares = new Map<FindingCode, number>([["orphan_member", 1 / parts]]);
const many = new Map<FindingCode, unknown>([["orphan_member", []]]);
const none = new Map<FindingCode, unknown>();
const storm = { code: "systemic", key: "orphan_member" } as const;
const isOver = (rounds: Rounds) => hasComeRound(storm, shares, rounds);

test("much of a kind that is looked for by turns is over after a whole round without it, and not before", () => {
  let rounds = roundsAfter({}, { shares, storms: many, isComplete: true });
  for (let audits = 1; audits <= parts; audits += 1) {
    expect(isOver(rounds)).toBe(false);
    rounds = roundsAfter(rounds, { shares, storms: none, isComplete: true });
  }
  expect(isOver(rounds)).toBe(true);
  // Whoever sees it again begins anew.
  expect(isOver(roundsAfter(rounds, { shares, storms: many, isComplete: true }))).toBe(false);
});

test("audits that did not come to their end bring no round nearer, and one that looks at everything ends it", () => {
  const broken = { shares, storms: none, isComplete: false };
  expect(
    isOver(Array.from({ length: 2 * parts }).reduce<Rounds>((rounds) => roundsAfter(rounds, broken), {})),
  ).toBe(false);
  const whole = {
    shares: new Map<FindingCode, number>([["orphan_member", 1]]),
    storms: none,
    isComplete: true,
  };
  expect(isOver(roundsAfter({ orphan_member: 0 }, whole))).toBe(true);
});

test("what is looked for everywhere each time, and every other finding, waits for no round", () => {
  expect(hasComeRound({ code: "systemic", key: "double_rental" }, shares, {})).toBe(true);
  expect(hasComeRound({ code: "orphan_member", key: "1001 TENT-04" }, shares, {})).toBe(true);
});
