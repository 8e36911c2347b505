import { expect, test } from "vitest";
import { workText } from "./work.ts";

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
