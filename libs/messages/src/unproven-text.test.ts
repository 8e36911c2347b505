import { expect, test } from "vitest";
import { type Unproven, unprovenReasons } from "./audits.ts";
import { unprovenText } from "./unproven-text.ts";

const told = (more: Partial<Unproven>): string =>
  unprovenText({ what: "item", why: "too_long", count: 1, examples: [], ...more });

test("what was not looked into is named, counted and told by its reason", () => {
  expect(told({ examples: ["CHAIR-1"] })).toBe("1 item with more events than are folded again: CHAIR-1");
  expect(told({ what: "class", count: 7, examples: ["a", "b"] })).toBe(
    "7 classes with more events than are folded again: a, b …",
  );
  expect(told({ what: "rows", why: "behind", count: 12_000 })).toMatch(/^12,000 rows last looked into more/);
  expect(told({ what: "item bucket", why: "behind", count: 66 })).toMatch(
    /^66 item buckets that differ, whose/,
  );
  expect(new Set(unprovenReasons.map((why) => told({ why }))).size).toBe(unprovenReasons.length);
});
