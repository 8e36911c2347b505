import fc from "fast-check";
import { Compile } from "typebox/compile";
import { describe, expect, test } from "vitest";
import { normaliseTag, tagLengthMax } from "./id-texts.ts";
import {
  fnv1a32,
  Instant,
  newId,
  parsePosition,
  partitionCount,
  partitionOf,
  positionText,
  storableText,
  visibleText,
} from "./ids.ts";

describe("the one form of a tag", () => {
  test.each<[string, string | undefined]>([
    ["e2801160", "E2801160"],
    ["  30ab \t", "30AB"],
    ["Chair-12", "Chair-12"],
    ["chair 12", "chair 12"],
    ["beef", "BEEF"],
    ["Übergröße №4", "Übergröße №4"],
    ["🪑", "🪑"],
    ["a".repeat(tagLengthMax), "A".repeat(tagLengthMax)],
    [` ${"x".repeat(tagLengthMax)} `, "x".repeat(tagLengthMax)],
    ["x".repeat(tagLengthMax + 1), undefined],
    ["", undefined],
    [" \n ", undefined],
    ["a\u0000b", undefined],
    ["a\nb", undefined],
    ["a\u2028b", undefined],
    ["a\u200bb", undefined],
    ["\ud83e", undefined],
    ["__proto__", "__proto__"],
  ])("%j is %j", (raw, tag) => {
    expect(normaliseTag(raw)).toBe(tag);
  });

  test("is a form: once normalised, it stays", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 70 }), (raw) => {
        const tag = normaliseTag(raw);
        if (tag === undefined) return;
        expect(normaliseTag(tag)).toBe(tag);
        expect(tag.length).toBeLessThanOrEqual(tagLengthMax);
        expect(new RegExp(storableText, "u").test(tag)).toBe(true);
      }),
    );
  });
});

describe("the partition of a site", () => {
  // From the FNV page's own test vectors (draft-eastlake-fnv, appendix C).
  test.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["b", 0xe70c2de5],
    ["foobar", 0xbf9cf968],
  ])("FNV-1a of %j is %i", (text, hash) => {
    expect(fnv1a32(text)).toBe(hash);
  });

  test("never changes: it is part of every subject and of the leases", () => {
    expect(partitionCount).toBe(16);
    const sites = ["north", "south", "east", "west", "demo", "a", "0", "site-with-a-long-name-of-32-chars"];
    expect(sites.map(partitionOf)).toEqual(sites.map((site) => fnv1a32(site) % 16));
    expect(sites.map(partitionOf)).toEqual([4, 10, 12, 14, 6, 12, 15, 4]);
  });

  test("spreads sites over all of them", () => {
    const seen = new Set(Array.from({ length: 400 }, (_, index) => partitionOf(`site-${index}`)));
    expect(seen.size).toBe(partitionCount);
  });
});

describe("a position", () => {
  test("is written and read the same", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (epoch, pos) => {
        expect(parsePosition(positionText({ epoch, pos }))).toEqual({ epoch, pos });
      }),
    );
  });

  test.each(["", "1", "1:", ":1", "1:2:3", "-1:2", "1.5:2", " 1:2", "1:2\n", "0x1:2", `1:${"9".repeat(16)}`])(
    "%j is none",
    (text) => {
      expect(parsePosition(text)).toBeUndefined();
    },
  );
});

describe("text that can be stored", () => {
  test.each<[string, boolean, boolean]>([
    ["", true, false],
    ["  \n", true, false],
    ["two\nlines", true, true],
    ["🪑", true, true],
    ["a\u0000b", false, false],
    ["\u0000", false, false],
    ["a\ud83e", false, false],
    ["\udd91a", false, false],
  ])("%j: storable %s, visible %s", (text, storable, visible) => {
    expect(new RegExp(storableText, "u").test(text)).toBe(storable);
    expect(new RegExp(visibleText, "u").test(text)).toBe(visible);
  });
});

describe("an instant", () => {
  const check = Compile(Instant);
  test.each([
    "2026-05-04T10:00:00Z",
    "2026-05-04T10:00:00.123456+02:00",
    "2024-02-29T23:59:59-11:30",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "1000-01-02T00:00:00+23:59",
  ])("%s is one, and JavaScript reads it", (text) => {
    expect(check.Check(text)).toBe(true);
    expect(new Date(text).getTime()).not.toBeNaN();
  });

  test.each([
    "2016-12-31T23:59:60Z",
    "0000-01-01T00:00:00Z",
    "0002-01-01T00:00:00Z",
    "0099-12-31T23:59:59Z",
    "0999-12-31T23:59:59Z",
    "2026-05-04T10:00:00Z[Europe/Berlin]",
    "0001-01-01T00:00:00+01:00",
    "2026-02-29T00:00:00Z",
    "2026-05-04T24:00:00Z",
    "2026-05-04T10:00:00",
    "2026-05-04",
    "1777890000000",
    "",
  ])("%j is none", (text) => {
    expect(check.Check(text)).toBe(false);
  });
});

test("new ids sort by the time they were made", () => {
  const ids = Array.from({ length: 1_000 }, newId);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(1_000);
});
