import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normaliseClass } from "./normalise-class.ts";
import { normaliseItem } from "./normalise-item.ts";
import { normaliseTransaction } from "./normalise-transaction.ts";
import { contentOf, createOccurrences, identityOf, naturalKeyOf } from "./row-identity.ts";
import type { RawRow } from "./rows.ts";
import { storableJson } from "./storable-json.ts";

const how = { timeZone: "America/Chicago", occurrence: 1 };
const normalisers = {
  classes: normaliseClass,
  items: normaliseItem,
  transactions: normaliseTransaction,
} as const;

const fields = [
  ...["tag_id", "scan_type", "scan_date", "contract_number", "scan_by", "date_created", "status", "quality"],
  ...[
    "bin_location",
    "rental_class_id",
    "rental_class_num",
    "common_name",
    "date_last_scanned",
    "mud",
    "mold",
  ],
  ...["wet", "notes", "other", "__proto__", "constructor", "toString"],
];
const words = fc.constantFrom(
  ...[
    "",
    " ",
    "null",
    "NA",
    "true",
    "FALSE",
    "0000-00-00 00:00:00",
    "2025-03-09 02:30:00",
    "9999-99-99 99:99:99",
  ],
  ...[
    "303400000000000000000001",
    " 30340000000000000000000l",
    "Ready to Rent",
    "Touch Scan",
    "\u0000",
    "\ud800",
  ],
  ...["2025-11-02 01:30:00", "12345.0", "resale", "constructor", "__proto__"],
);
const value = fc.oneof(words, fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 6 }));
const row = fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), value, { maxKeys: 30 });

describe.each(Object.entries(normalisers))("%s", (_, normalise) => {
  test("whatever JSON is given, a row comes of it that can be stored, and the same one each time", () => {
    fc.assert(
      fc.property(row, (raw) => {
        const first = normalise(raw, how);
        const again = normalise(JSON.parse(JSON.stringify(raw)) as RawRow, how);
        expect(again).toEqual(first);
        const text = JSON.stringify(first);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain("\\u0000");
        expect(text).not.toMatch(/\\ud[89a-f]/);
        expect(first.identity).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  test("the order in which a row says things is nothing that it says", () => {
    fc.assert(
      fc.property(row, (raw) => {
        const turned = Object.fromEntries(Object.entries(raw).toReversed());
        expect(contentOf(turned)).toBe(contentOf(raw));
        expect(normalise(turned, how).identity).toBe(normalise(raw, how).identity);
      }),
    );
  });

  test("rows that are the same but for their number have different identities", () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 2, max: 9 }), (raw, occurrence) => {
        const first = normalise(raw, how);
        const other = normalise(raw, { ...how, occurrence });
        expect(other.identity).not.toBe(first.identity);
        expect(other.content).toBe(first.content);
      }),
    );
  });

  test("an answer nested deeper than any stack is a row, too", () => {
    let deep: unknown = "x";
    for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
    expect(() => normalise({ tag_id: deep, status: deep }, how)).not.toThrow();
  });
});

const scan = (change: RawRow = {}): RawRow => ({
  ...{ tag_id: "303400000000000000000001", scan_type: "Rental", scan_date: "2025-07-01 09:30:00" },
  ...{ contract_number: "20001", scan_by: "user1", status: "On Rent", notes: "" },
  ...change,
});

test.each([
  { what: "tag", change: { tag_id: "303400000000000000000002" } },
  { what: "kind of scan", change: { scan_type: "Return" } },
  { what: "second", change: { scan_date: "2025-07-01 09:30:01" } },
  { what: "contract", change: { contract_number: "20002" } },
  { what: "person", change: { scan_by: "user2" } },
])("another $what is another scan", ({ change }) => {
  expect(naturalKeyOf("transactions", scan(change))).not.toBe(naturalKeyOf("transactions", scan()));
});

test("the same scan with other words is a changed row, and not another one", () => {
  const changed = scan({ status: "Ready to Rent", notes: "seam" });
  expect(naturalKeyOf("transactions", changed)).toBe(naturalKeyOf("transactions", scan()));
  expect(contentOf(changed)).not.toBe(contentOf(scan()));
});

test("a tag is the same however it was keyed", () => {
  const keyed = scan({ tag_id: " 303400000000000000000001 ".toLowerCase() });
  expect(naturalKeyOf("transactions", keyed)).toBe(naturalKeyOf("transactions", scan()));
});

test("fields cannot be pushed into each other", () => {
  const one = naturalKeyOf("transactions", scan({ scan_type: "a,b", scan_date: "c" }));
  expect(one).not.toBe(naturalKeyOf("transactions", scan({ scan_type: "a", scan_date: "b,c" })));
});

test("copies are numbered in the order in which they come", () => {
  const number = createOccurrences();
  expect(["a", "b", "a", "a"].map(number)).toEqual([1, 1, 2, 3]);
  expect(identityOf("a", 1)).not.toBe(identityOf("a", 2));
});

test("what Postgres cannot hold of a row is replaced, and nothing else", () => {
  const raw = { a: "x\u0000y\\u0000 \\\\", "k\u0000": ["\udc00", "😀"], n: 1.5 };
  expect(JSON.parse(storableJson(raw))).toEqual({
    a: "x\ufffdy\\u0000 \\\\",
    "k\ufffd": ["\ufffd", "😀"],
    n: 1.5,
  });
  fc.assert(
    fc.property(row, (any) => {
      const text = storableJson(any);
      expect(JSON.stringify(JSON.parse(text))).not.toMatch(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/);
    }),
  );
});
