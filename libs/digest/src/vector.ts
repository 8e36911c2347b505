import type { Digest } from "./digest.ts";

/*
 * The digests of many buckets in bytes, big endian: for each bucket that is not empty its number (4), how many rows it has (8), and its
 * four lanes (8 each), in the order of the numbers.
 */
const bucketBytes = 4 + 5 * 8;

/** SQL of such bytes, an aggregate over rows with the columns `bucket, rows, a, b, c, d`. */
export const vectorSql = `string_agg(int4send(bucket) || int8send(rows) || int8send(a) || int8send(b) || int8send(c) || int8send(d),
  ''::bytea order by bucket)`;

/** `parseVector` was given something that is no vector. */
export class VectorMalformed extends Error {
  override readonly name = "VectorMalformed";
  readonly code = "vector_malformed";
}

/** The digests in some bytes, by bucket. @throws VectorMalformed */
export const parseVector = (bytes: Uint8Array): Map<number, Digest> => {
  if (bytes.length % bucketBytes !== 0)
    throw new VectorMalformed(`${bytes.length} bytes are no whole number of buckets`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const digests = new Map<number, Digest>();
  for (let at = 0; at < view.length; at += bucketBytes) {
    const lane = (index: number) => view.readBigInt64BE(at + 4 + index * 8);
    digests.set(view.readInt32BE(at), {
      count: Number(lane(0)),
      lanes: [lane(1), lane(2), lane(3), lane(4)],
    });
  }
  return digests;
};
