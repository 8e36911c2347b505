import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Canonical, canonicalRow, rowLanes } from "./row.ts";

/** Text full of the characters that could make two rows look alike. */
const tricky = fc.string({ unit: fc.constantFrom("\\", "\x1f", "N", "E", "s", "a", "1", "é"), maxLength: 6 });
const field = fc.option(tricky, { nil: null });

test.each<[Canonical, string]>([
  [[], "\\E"],
  [[""], ""],
  [["", ""], "\x1f"],
  [[null], "\\N"],
  [["\\N"], "\\\\N"],
  [["a\x1fb"], "a\\sb"],
  [["tag", 12, -3, true, false, null, "é"], "tag\x1f12\x1f-3\x1ftrue\x1ffalse\x1f\\N\x1fé"],
  [[-0], "0"],
])("%j is written as %j", (row, text) => {
  expect(canonicalRow(row)).toBe(text);
});

test("two rows share a form only when they are equal", () => {
  const rows = fc.array(field, { maxLength: 4 });
  fc.assert(
    fc.property(rows, rows, (left, right) => {
      expect(canonicalRow(left) === canonicalRow(right)).toBe(JSON.stringify(left) === JSON.stringify(right));
    }),
    { numRuns: 20_000 },
  );
});

test("a row can be read back from its form", () => {
  const read = (text: string): (string | null)[] => {
    if (text === "\\E") return [];
    return text
      .split("\x1f")
      .map((part) =>
        part === "\\N" ? null : part.replace(/\\([\\s])/g, (_, c) => (c === "s" ? "\x1f" : "\\")),
      );
  };
  fc.assert(
    fc.property(fc.array(field), (row) => {
      expect(read(canonicalRow(row))).toEqual(row);
    }),
    { numRuns: 2000 },
  );
});

test.each<[string, Canonical]>([
  ["a fraction", [1.5]],
  ["NaN", [Number.NaN]],
  ["an integer that is not exact", [2 ** 53]],
  ["a NUL", ["a\0b"]],
  ["half a surrogate pair", ["\ud800"]],
])("%s is refused", (_, row) => {
  expect(() => canonicalRow(row)).toThrow(TypeError);
});

test("the lanes are the first 16 bytes of SHA-256, signed", () => {
  // SHA-256("abc") = ba7816bf 8f01cfea 414140de 5dae2223 …
  expect(rowLanes("abc")).toEqual([0xba7816bf | 0, 0x8f01cfea | 0, 0x414140de, 0x5dae2223]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const bytes = createHash("sha256").update(text, "utf8").digest();
      expect(rowLanes(text)).toEqual([0, 4, 8, 12].map((at) => bytes.readInt32BE(at)));
    }),
  );
});
