import { expect, test } from "vitest";
import { conditionFlags } from "../words/scans.ts";
import { conditionOf, nextLook, nothingLooked, restFine } from "./looked.ts";

test("a flag that is tapped is had, then fine, then not looked at again, and leaves the others alone", () => {
  const wet = { condition: ["wet"], fine: ["oil"] } as const;
  const has = nextLook(wet, "rip");
  const fine = nextLook(has, "rip");
  expect(has).toEqual({ condition: ["wet", "rip"], fine: ["oil"] });
  expect(fine).toEqual({ condition: ["wet"], fine: ["oil", "rip"] });
  expect(nextLook(fine, "rip")).toEqual(wet);
});

test("whoever looked at the whole thing says of all that it does not have that it is fine", () => {
  const { condition, fine } = restFine({ condition: ["wet"], fine: ["oil"] });
  expect(condition).toEqual(["wet"]);
  expect(fine).toHaveLength(conditionFlags.length - 1);
  expect(fine).not.toContain("wet");
});

test("a scan says what is there, what is not, and the rest in words; and nothing where nobody looked", () => {
  expect(conditionOf({ condition: ["rip"], fine: ["oil"] }, " a pole is bent ")).toEqual({
    ...{ rip: true, oil: false, other: "a pole is bent" },
  });
  expect(conditionOf(nothingLooked, " ")).toBeUndefined();
});
