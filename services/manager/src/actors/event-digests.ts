import {
  addRow,
  bucketOf,
  type Digest,
  emptyDigest,
  jsonbText,
  keptBuckets,
  rowLanes,
} from "@tagwire/digest";
import { eventBlockPositions, type LoggedEvent } from "@tagwire/messages";

/** What events add to the digest of each bucket: their blocks of the log are spread over the buckets like the keys of rows. */
export const eventDigests = (events: readonly LoggedEvent[]): ReadonlyMap<number, Digest> => {
  const digests = new Map<number, Digest>();
  for (const { epoch, pos, hash } of events) {
    const bucket = bucketOf(String(Math.floor((pos - 1) / eventBlockPositions)), keptBuckets);
    const lanes = rowLanes(jsonbText([epoch, pos, hash]));
    digests.set(bucket, addRow(digests.get(bucket) ?? emptyDigest, lanes));
  }
  return digests;
};
