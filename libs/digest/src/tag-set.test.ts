import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { tagSetDigest } from "./tag-set.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("the tags are sorted by their bytes and joined by line feeds, each once", () => {
  expect(tagSetDigest(["b", "a", "b", "Ä", "Z"])).toBe(sha256("Z\na\nb\nÄ"));
});

test("a tag outside the basic plane sorts behind everything inside it", () => {
  // By UTF-16 code units it would come first.
  expect(tagSetDigest(["😀", "\uffdc"])).toBe(sha256("\uffdc\n😀"));
});

test("no tags have a digest too, and another than any tag", () => {
  expect(tagSetDigest([])).toBe(sha256(""));
  expect(tagSetDigest(["a"])).not.toBe(tagSetDigest(["a", "b"]));
});
