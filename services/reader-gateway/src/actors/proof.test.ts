import fc from "fast-check";
import { expect, test } from "vitest";
import { addProof, newProof, type ProofRule } from "./proof.ts";

const rule: ProofRule = { minRssiDbm: null, minReads: 3, windowMs: 1_000, dwellMs: 0, departMs: 60_000 };

/** Whether a tag was proven by the end of its reads. */
const isProvenBy = (reads: readonly (readonly [atMs: number, count: number])[], more = rule): boolean => {
  const proof = newProof();
  return reads.map(([nowMs, count]) => addProof(proof, { nowMs, count }, more)).at(-1) ?? false;
};

test.each([
  { what: "three within a window, however late it begins", atMs: [0, 950, 1_050, 1_100], isProven: true },
  { what: "three of which the first is just within", atMs: [0, 500, 1_000], isProven: true },
  { what: "three of which the first is no longer within", atMs: [0, 500, 1_001], isProven: false },
  { what: "one now and then, for however long", atMs: [0, 900, 1_800, 2_700, 3_600], isProven: false },
])("of three reads that are wanted within a second: $what", ({ atMs, isProven }) => {
  expect(isProvenBy(atMs.map((one) => [one, 1] as const))).toBe(isProven);
});

test("a tag is proven as soon as any window holds enough of its reads, and no memory grows with them", () => {
  const reads = fc.array(
    fc.record({ gapMs: fc.integer({ min: 0, max: 700 }), count: fc.integer({ min: 1, max: 3 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(reads, fc.integer({ min: 1, max: 12 }), (steps, minReads) => {
      const proof = newProof();
      let nowMs = 0;
      const told: (readonly [number, number])[] = [];
      let isExpected = false;
      for (const { gapMs, count } of steps) {
        nowMs += gapMs;
        told.push([nowMs, count]);
        const inWindow = told.filter(([atMs]) => nowMs - atMs <= rule.windowMs);
        isExpected ||= inWindow.reduce((sum, [, of]) => sum + of, 0) >= minReads;
        expect(addProof(proof, { nowMs, count }, { ...rule, minReads })).toBe(isExpected);
        expect(proof.recent.length).toBeLessThanOrEqual(minReads);
      }
    }),
  );
});
