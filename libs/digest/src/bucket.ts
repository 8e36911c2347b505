import { type Digest, emptyDigest, sameDigest } from "./digest.ts";

/** More buckets than this would make the vector of digests larger than the differences it finds. */
export const bucketsMax = 65_536;

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;

const utf8 = new TextEncoder();

/**
 * The bucket of a key, 0 to `buckets - 1`: the low bits of the FNV-1a hash of its UTF-8. The same as `tagwire_bucket`
 * in SQL.
 *
 * @throws RangeError when `buckets` is not a power of two from 1 to 65,536
 */
export const bucketOf = (key: string, buckets: number): number => {
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > bucketsMax || (buckets & (buckets - 1)) !== 0) {
    throw new RangeError(`${buckets} is not a power of two from 1 to ${bucketsMax}`);
  }
  let hash = fnvOffset;
  for (const byte of utf8.encode(key)) hash = Math.imul(hash ^ byte, fnvPrime);
  return hash & (buckets - 1);
};

/** The buckets whose digests differ, in ascending order. A bucket that one side does not list is empty there. */
export const compareBuckets = (
  left: ReadonlyMap<number, Digest>,
  right: ReadonlyMap<number, Digest>,
): number[] => {
  const differs = (bucket: number): boolean =>
    !sameDigest(left.get(bucket) ?? emptyDigest, right.get(bucket) ?? emptyDigest);
  return [...new Set([...left.keys(), ...right.keys()])].filter(differs).sort((a, b) => a - b);
};
