import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, compareBuckets } from "./bucket.ts";
import {
  addRow,
  combine,
  type Digest,
  DigestMalformed,
  digestText,
  emptyDigest,
  parseDigest,
  removeRow,
  sameDigest,
} from "./digest.ts";
import { canonicalRow, rowLanes } from "./row.ts";

const rows = fc.array(
  fc.tuple(fc.string({ maxLength: 3 }), fc.maxSafeInteger()).map((row) => rowLanes(canonicalRow(row))),
);
const digestOf = (lanes: readonly ReturnType<typeof rowLanes>[]): Digest => lanes.reduce(addRow, emptyDigest);

test("the order of rows does not matter", () => {
  const shuffled = rows.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      expect(digestOf(other)).toEqual(digestOf(all));
    }),
  );
});

test("removing undoes adding, in any order, also when it comes first", () => {
  fc.assert(
    fc.property(rows, rows, (kept, gone) => {
      expect(gone.reduce(removeRow, digestOf([...kept, ...gone]))).toEqual(digestOf(kept));
      expect(gone.reduce(addRow, gone.reduce(removeRow, digestOf(kept)))).toEqual(digestOf(kept));
    }),
  );
});

test("digests of parts add up to the digest of the whole", () => {
  fc.assert(
    fc.property(rows, rows, (left, right) => {
      expect(combine(digestOf(left), digestOf(right))).toEqual(digestOf([...left, ...right]));
      expect(combine(digestOf(left), emptyDigest)).toEqual(digestOf(left));
    }),
  );
});

test("a row that is there twice is not the same as one that is not there", () => {
  const lanes = rowLanes("row");
  expect(sameDigest(digestOf([lanes, lanes]), emptyDigest)).toBe(false);
  expect(sameDigest(digestOf([lanes, lanes]), digestOf([lanes]))).toBe(false);
});

test("one changed row changes the digest although the count stays", () => {
  const before = digestOf([rowLanes("a"), rowLanes("b")]);
  const after = digestOf([rowLanes("a"), rowLanes("c")]);
  expect(after.count).toBe(before.count);
  expect(sameDigest(before, after)).toBe(false);
});

test("text and back", () => {
  expect(digestText(addRow(emptyDigest, [1, -2, 3, -4]))).toBe("1:1:-2:3:-4");
  const lane = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.tuple(lane, lane, lane, lane), (count, lanes) => {
      expect(parseDigest(digestText({ count, lanes }))).toEqual({ count, lanes });
    }),
  );
});

test.each([
  "",
  "1",
  "1:2:3:4",
  "1:2:3:4:5:6",
  "01:2:3:4:5",
  "1:-0:3:4:5",
  "-0:0:0:0:0",
  "1:2:3:4:five",
  "9999999999999999:0:0:0:0",
  " 1:2:3:4:5",
  "1:2:3:4:5\n",
])("%j is no digest", (text) => {
  expect(() => parseDigest(text)).toThrow(DigestMalformed);
});

test("buckets follow FNV-1a", () => {
  // Published test values of FNV-1a 32: "" 811c9dc5, "a" e40c292c, "foobar" bf9cf968.
  expect(bucketOf("", 65_536)).toBe(0x9dc5);
  expect(bucketOf("a", 65_536)).toBe(0x292c);
  expect(bucketOf("foobar", 65_536)).toBe(0xf968);
  expect(bucketOf("foobar", 16)).toBe(0x8);
  expect(bucketOf("foobar", 1)).toBe(0);
});

test("tags that count up spread over the buckets", () => {
  const counts = new Array<number>(256).fill(0);
  for (let serial = 0; serial < 25_600; serial += 1) {
    const bucket = bucketOf(`3074257BF7194E4000${serial.toString(16).toUpperCase().padStart(6, "0")}`, 256);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  // 100 are expected in each; a bucket twice or half as full would make drilling down slow.
  expect(Math.max(...counts)).toBeLessThan(200);
  expect(Math.min(...counts)).toBeGreaterThan(50);
});

test.each([0, -1, 3, 1.5, 131_072, Number.NaN])("%d is no count of buckets", (buckets) => {
  expect(() => bucketOf("tag", buckets)).toThrow(RangeError);
});

test("buckets that differ are listed in order, and a missing one is an empty one", () => {
  const one = digestOf([rowLanes("one")]);
  const two = digestOf([rowLanes("two")]);
  const left = new Map([
    [40, one],
    [9, one],
    [7, emptyDigest],
    [300, one],
  ]);
  const right = new Map([
    [40, one],
    [9, two],
    [8, emptyDigest],
    [1000, two],
  ]);
  expect(compareBuckets(left, right)).toEqual([9, 300, 1000]);
  expect(compareBuckets(left, left)).toEqual([]);
});
