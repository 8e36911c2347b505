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

test("laundry is sent where a rental goes out", () => {
  expect([progressText("rental", "all_out"), progressText("laundry", "all_out")]).toEqual([
    "All out",
    "All sent",
  ]);
});
