/** Hashes of values and rows, and sums of them that two stores can compare. Pure; the row part exists in SQL as well. */
export { bucketOf, bucketsMax, compareBuckets } from "./bucket.ts";
export { canonicalJson } from "./canonical-json.ts";
export { chainHash, chainStart } from "./chain.ts";
export {
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
export { digestSql } from "./digest-sql.ts";
export { type FormValue, jsonbText } from "./json-text.ts";
export {
  countedDigestSql,
  foldDigestSql,
  type KeptTable,
  keepDigestSql,
  keptBuckets,
  keptDigestSql,
  keptRowsSql,
} from "./kept-digest.ts";
export { leanTriggersSql } from "./lean-triggers.ts";
export { type Canonical, canonicalRow, type Lanes, rowLanes } from "./row.ts";
export { tagSetDigest } from "./tag-set.ts";
export { parseVector, VectorMalformed, vectorSql } from "./vector.ts";
