import type { DatasetProgress } from "@tagwire/messages";
import { expect, test } from "vitest";
import { farnessText, shareOf, stateWords } from "./rfidpro.ts";

const progress = (more: Partial<DatasetProgress> = {}): DatasetProgress => ({
  ...{ dataset: "items", rows: 0, total: null, pages: 0, requests: 0, passes: 0, verdict: null, why: null },
  ...more,
});

test.each([
  [progress(), "waits", undefined],
  [progress({ verdict: "failed" }), "not read", undefined],
  [progress({ requests: 2, passes: 1, rows: 400, total: 12_477 }), "400 of 12,477", 400 / 12_477],
  [progress({ requests: 9, passes: 2, rows: 4, total: 8 }), "4 of 8, read for the 2. time", 0.5],
  [progress({ requests: 9, passes: 1, rows: 0, total: 0, verdict: "complete" }), "0 of 0", 1],
  [
    progress({ requests: 9, passes: 1, rows: 4, total: 8, since: "2026-05-01T10:00:00.000Z" }),
    "4 of 8 new",
    0.5,
  ],
  // RFIDpro may count fewer than it gives.
  [progress({ requests: 9, passes: 1, rows: 9, total: 8 }), "9 of 8", 1],
])("how far a data set is: %o", (one, text, share) => {
  expect(farnessText(one)).toBe(text);
  expect(shareOf(one)).toBe(share);
});

test.each([
  ["running", null, "Reading"],
  ["done", "complete", "Complete"],
  ["done", "failed", "Failed"],
  ["cancelled", "partial", "Cancelled"],
] as const)("a pull that is %s and %s is called %s", (state, verdict, word) => {
  expect(stateWords({ state, verdict }).word).toBe(word);
});
