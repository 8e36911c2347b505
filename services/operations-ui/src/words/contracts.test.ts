import { expect, test } from "vitest";
import { contractStateText, progressText } from "./contracts.ts";

test.each([
  { kind: "rental", state: "returned", text: "Returned" },
  { kind: "manual", state: "merged", text: "Merged" },
  { kind: "laundry", state: "finalized", text: "At the cleaner" },
  { kind: "laundry", state: "merged", text: "Merged" },
] as const)("a $kind contract that is $state is called $text", ({ kind, state, text }) => {
  expect(contractStateText({ kind, state })).toBe(text);
});

test.each([
  { kind: "rental", state: "open", progress: "all_out", text: "All out" },
  { kind: "rental", state: "open", progress: "none_out", text: "None out, not all scanned in" },
  { kind: "laundry", state: "open", progress: "partial_out", text: "Being counted" },
  { kind: "laundry", state: "open", progress: "all_out", text: "All counted" },
  { kind: "laundry", state: "finalized", progress: "all_out", text: "All sent" },
  { kind: "laundry", state: "open", progress: "partial_in", text: "Partly back" },
] as const)("the progress of $kind that is $state and $progress is $text", ({ text, ...row }) => {
  expect(progressText(row)).toBe(text);
});
