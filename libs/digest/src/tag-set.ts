import { createHash } from "node:crypto";

const byBytes = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right));

/**
 * The digest of a set of tags, for whoever holds one side of it to compare with the other: SHA-256, in hex, of the tags in their one
 * form, sorted by their UTF-8 bytes and joined by line feeds. The order and the number of times they are given do not matter.
 */
export const tagSetDigest = (tags: Iterable<string>): string =>
  createHash("sha256")
    .update([...new Set(tags)].sort(byBytes).join("\n"))
    .digest("hex");
