import { expect, test } from "vitest";
import { spokenScore } from "./agreement.ts";
import { comparedWords } from "./compared-words.ts";

const counts = (agreed: number, differing: number, pending: number) => ({
  compared: agreed + differing + pending,
  ...{ agreed, differing, pending },
});
const agreementOf = (agreed: number, differing: number, pending: number) => ({
  score: agreed + differing === 0 ? null : agreed / (agreed + differing),
  items: counts(agreed, differing, pending),
  scans: counts(0, 0, 0),
  faults: { duplicate: 0, malformed: 0, unexplained: 0 },
  classes: {},
});

test.each([
  [agreementOf(199, 1, 0), "Compared with our record, 99.5 % agree; 1 item or scan differs."],
  [
    agreementOf(2_000, 0, 1),
    "Compared with our record, 100 % agree; 0 items and scans differ. Something happened to 1 item or scan meanwhile: the next pull decides about it.",
  ],
  [
    agreementOf(133, 0, 466),
    "Too much was changing meanwhile to say how well both agree. Something happened to 466 items and scans meanwhile: the next pull decides about them.",
  ],
  [agreementOf(0, 0, 0), "There was nothing to compare."],
])("whoever clicked is told what it came to, and what it did not come to", (agreement, words) => {
  expect(comparedWords(agreement)).toBe(words);
});

test("what agrees among nine tenths speaks for the whole, and less does not", () => {
  expect(spokenScore(agreementOf(90, 0, 10))).toBe(1);
  expect(spokenScore(agreementOf(89, 0, 11))).toBeNull();
  expect(spokenScore(agreementOf(0, 0, 0))).toBeNull();
});

test("where another pull begins by itself it is said when", () => {
  const words = comparedWords(agreementOf(2_000, 0, 1), "2026-03-01T08:15:00.000Z");
  expect(words).toContain("another pull, which begins by itself at 08:15 UTC, decides about it.");
});

test("what is newer here than anything that RFIDpro has taken is said beside the score", () => {
  const agreement = agreementOf(2_000, 0, 0);
  const ahead = { ...agreement, scans: { ...agreement.scans, ahead: 12 } };
  expect(comparedWords(ahead)).toContain(
    "12 items and scans are newer here than the last scan that RFIDpro took.",
  );
});
