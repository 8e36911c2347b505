import { digestText, emptyDigest } from "@tagwire/digest";
import type { Item } from "@tagwire/messages";
import { expect, test } from "vitest";
import { addItem, microsecondsOf } from "./item-digest.ts";

const chair: Item = {
  tag: "CHAIR-1",
  class: "chair",
  name: null,
  status: "ready",
  quality: "A",
  place: "dock",
  contract: null,
  notes: null,
  version: 3,
  pos: 9,
  lastFactAt: "2026-01-01T00:00:00.123Z",
  lastScan: null,
};

test.each([
  ["1970-01-01T00:00:00Z", 0],
  ["1970-01-01T00:00:00.000001Z", 1],
  ["1970-01-01T01:00:00.5+01:00", 500_000],
  ["2026-01-01T00:00:00.1234567Z", Date.UTC(2026, 0, 1) * 1_000 + 123_456],
])("%s is %d microseconds", (text, expected) => {
  expect(microsecondsOf(text)).toBe(expected);
});

test("what is not an instant has no microseconds", () => {
  expect(() => microsecondsOf("yesterday")).toThrow(RangeError);
});

test("the digest speaks of the facts: spelling and position of a fact do not matter, every fact does", () => {
  const digestOf = (item: Item) => digestText(addItem(emptyDigest, item));
  expect(digestOf({ ...chair, pos: 12, lastFactAt: "2026-01-01T01:00:00.123000+01:00" })).toBe(
    digestOf(chair),
  );
  const others: Partial<Item>[] = [
    { tag: "CHAIR-2" },
    { class: "table" },
    { name: "x" },
    { status: "wash" },
    { quality: "B" },
    { place: null },
    { contract: "7" },
    { notes: "" },
    { version: 4 },
    { lastFactAt: null },
  ];
  const digests = new Set(others.map((other) => digestOf({ ...chair, ...other })));
  expect(digests.size).toBe(others.length);
  expect(digests.has(digestOf(chair))).toBe(false);
});
