import type { Lanes } from "./row.ts";

/**
 * A multiset of rows in five numbers: how many there are, and the sums of their lanes. Sums do not care for order, count
 * a row twice when it is there twice (XOR would cancel it), and cannot overflow 64 bits below 2^32 rows.
 *
 * It is also good for a difference, and may then be negative.
 */
export type Digest = { readonly count: number; readonly lanes: readonly [bigint, bigint, bigint, bigint] };

export const emptyDigest: Digest = { count: 0, lanes: [0n, 0n, 0n, 0n] };

export const addRow = ({ count, lanes: [a, b, c, d] }: Digest, lanes: Lanes): Digest => ({
  count: count + 1,
  lanes: [a + BigInt(lanes[0]), b + BigInt(lanes[1]), c + BigInt(lanes[2]), d + BigInt(lanes[3])],
});

/** Undoes `addRow` with the same lanes. */
export const removeRow = ({ count, lanes: [a, b, c, d] }: Digest, lanes: Lanes): Digest => ({
  count: count - 1,
  lanes: [a - BigInt(lanes[0]), b - BigInt(lanes[1]), c - BigInt(lanes[2]), d - BigInt(lanes[3])],
});

/** The digest of both multisets together. */
export const combine = (left: Digest, right: Digest): Digest => ({
  count: left.count + right.count,
  lanes: [
    left.lanes[0] + right.lanes[0],
    left.lanes[1] + right.lanes[1],
    left.lanes[2] + right.lanes[2],
    left.lanes[3] + right.lanes[3],
  ],
});

export const sameDigest = (left: Digest, right: Digest): boolean =>
  left.count === right.count && left.lanes.every((lane, index) => lane === right.lanes[index]);

/** `count:lane:lane:lane:lane` in decimal. */
export const digestText = ({ count, lanes }: Digest): string => `${count}:${lanes.join(":")}`;

/** `parseDigest` was given something that `digestText` never wrote. */
export class DigestMalformed extends Error {
  override readonly name = "DigestMalformed";
  readonly code = "digest_malformed";
}

/** A lane is a 64-bit column in Postgres: at most 19 digits and a sign. A count stays a safe integer. */
const digestShape = /^(-?\d{1,16}):(-?\d{1,19}):(-?\d{1,19}):(-?\d{1,19}):(-?\d{1,19})$/;

/** The inverse of `digestText`. @throws DigestMalformed */
export const parseDigest = (text: string): Digest => {
  const [, count, a, b, c, d] = digestShape.exec(text) ?? [];
  if (count === undefined || a === undefined || b === undefined || c === undefined || d === undefined) {
    throw new DigestMalformed("a digest is a count and four lanes, decimal numbers between colons");
  }
  const digest: Digest = { count: Number(count), lanes: [BigInt(a), BigInt(b), BigInt(c), BigInt(d)] };
  // One spelling only, and no count that a number cannot hold exactly.
  if (digestText(digest) !== text || !Number.isSafeInteger(digest.count)) {
    throw new DigestMalformed("a digest has no leading zeros, and its count is a safe integer");
  }
  return digest;
};
