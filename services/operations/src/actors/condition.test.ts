import { type Condition, conditionFlags } from "@tagwire/messages";
import { expect, test } from "vitest";
import { statusAfterReturn } from "./condition.ts";

test.each<[string, Condition | undefined, string]>([
  ["nobody looked", undefined, "ready"],
  ["looked, and nothing is wrong", Object.fromEntries(conditionFlags.map((flag) => [flag, false])), "ready"],
  ["not looked at one by one", { wet: null, rip: null, other: null }, "ready"],
  ["wet", { wet: true }, "wet"],
  ["dirty", { dirty: true }, "wash"],
  ["leaves", { leaves: true }, "wash"],
  ["oil", { oil: true }, "wash"],
  ["mold", { mold: true }, "wash"],
  ["stain", { stain: true }, "wash"],
  ["rip", { rip: true }, "repair"],
  ["sewing", { sewing: true }, "repair"],
  ["grommet", { grommet: true }, "repair"],
  ["rope", { rope: true }, "repair"],
  ["buckle", { buckle: true }, "repair"],
  ["oxidation", { oxidation: true }, "repair"],
  ["service required", { service_required: true }, "inspect"],
  ["something else", { other: "bent leg" }, "inspect"],
  ["blanks are nothing else", { other: "  " }, "ready"],
  ["wet and dirty", { wet: true, dirty: true }, "wash"],
  ["dirty and something else", { other: "smells", dirty: true }, "inspect"],
  ["everything", { ...Object.fromEntries(conditionFlags.map((flag) => [flag, true])), other: "x" }, "repair"],
])("%s", (_, condition, status) => {
  expect(statusAfterReturn(condition)).toBe(status);
});
