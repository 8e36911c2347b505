import { expect, test } from "vitest";
import { conditionFlags } from "./scans.ts";
import { conditionText, workText } from "./work.ts";

test.each([
  {
    work: {
      technician: "Ines",
      done: ["sewn", "new pole"],
      cleared: { rip: true, wet: false, other: "a pole is bent" },
    },
    text: "Ines · sewn, new pole · put right: rip or tear, a pole is bent",
  },
  {
    work: { technician: null, done: [], cleared: { service_required: true } },
    text: "put right: needs service",
  },
  { work: { done: ["dried"] }, text: "dried" },
  { work: { technician: "Tom" }, text: "Tom" },
  { work: { technician: null, done: [], cleared: {} }, text: undefined },
])("$work is told as: $text", ({ work, text }) => {
  expect(workText(work)).toBe(text);
});

test.each([
  {
    condition: { rip: true, wet: false, oil: null, other: "a pole is bent" },
    text: "rip or tear, a pole is bent",
  },
  { condition: { wet: false, oil: false, rip: null }, text: "fine: oil, wet" },
  { condition: Object.fromEntries(conditionFlags.map((flag) => [flag, false])), text: "looked at, and fine" },
  { condition: { wet: null }, text: undefined },
  { condition: null, text: undefined },
])("$condition is told as: $text", ({ condition, text }) => {
  expect(conditionText(condition)).toBe(text);
});
