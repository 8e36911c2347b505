import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

/** The same value with the members of every object in the opposite order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
};

const sortedKeys = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Keys that look like array indexes come first in every JavaScript object, so `JSON.stringify` cannot sort them. */
const noIndexKeys = fc.string({ unit: "binary", maxLength: 8 }).map((key) => `k${key}`);

test("it says what JSON.stringify says of an object whose keys are sorted", () => {
  const value = fc.jsonValue({ stringUnit: "binary" });
  const object = fc.dictionary(noIndexKeys, value);
  fc.assert(
    fc.property(object, (members) => {
      const text = canonicalJson(members);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(members)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(reversed(members))).toBe(text);
    }),
  );
  fc.assert(
    fc.property(
      fc.dictionary(noIndexKeys, fc.dictionary(noIndexKeys, fc.double({ noNaN: true, min: -1e9, max: 1e9 }))),
      (members) => {
        expect(canonicalJson(members)).toBe(JSON.stringify(members, sortedKeys));
      },
    ),
  );
});

test.each([
  [{ b: 1, a: { d: null, c: [true, false] } }, '{"a":{"c":[true,false],"d":null},"b":1}'],
  [{ 10: "x", 9: "y", "1": "z" }, '{"1":"z","10":"x","9":"y"}'],
  // U+FF5E sorts after a surrogate pair by code units, before it by code points.
  [{ "\uff5e": 1, "\u{1f600}": 2 }, '{"\u{1f600}":2,"\uff5e":1}'],
  [{ a: undefined, b: 1 }, '{"b":1}'],
  [{ a: undefined }, "{}"],
  [[], "[]"],
  ['a"\\\n\u001f\ud800', '"a\\"\\\\\\n\\u001f\\ud800"'],
  [-0, "0"],
  [1e21, "1e+21"],
  [0.1 + 0.2, "0.30000000000000004"],
  [JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
])("%j is written as %s", (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test("an object of another realm is an object", () => {
  expect(canonicalJson(runInNewContext("({ b: 1, a: [2] })"))).toBe('{"a":[2],"b":1}');
  expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;

test.each([
  ["NaN", Number.NaN],
  ["an infinity", [Number.POSITIVE_INFINITY]],
  ["a bigint", { a: 1n }],
  ["a function", { a: () => 1 }],
  ["a symbol", Symbol("s")],
  ["nothing at all", undefined],
  ["undefined in an array", [undefined]],
  ["a hole in an array", new Array(1)],
  ["a date", new Date(0)],
  ["a map", new Map()],
  ["a cycle", cycle],
])("%s is refused", (_, value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});
