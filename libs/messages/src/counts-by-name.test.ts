import { expect, test } from "vitest";
import { withCount } from "./counts-by-name.ts";

test("counts that somebody else holds are copied once, and those that were made are changed in place", () => {
  const own = new WeakSet();
  const held = { chair: 1 };
  const first = withCount(held, "chair", 2, own);
  expect(withCount(first, "__proto__", 3, own)).toBe(first);
  expect(held).toEqual({ chair: 1 });
  expect(Object.entries(first)).toEqual([
    ["chair", 2],
    ["__proto__", 3],
  ]);
});

test("who keeps no account of their own counts gets new ones each time", () => {
  const held = withCount({}, "__proto__", 1);
  const after = withCount(held, "chair", 2);
  expect(Object.entries(held)).toEqual([["__proto__", 1]]);
  expect(Object.keys(after)).toEqual(["__proto__", "chair"]);
});
