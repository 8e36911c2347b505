import { createHash } from "node:crypto";
import type { Scan } from "@tagwire/messages";

/** A slice with its envelope stays below NATS's payload limit of 1 MiB. */
export const sliceBytesMax = 700_000;
/** The answer has to stay below it too: a receipt with everything in it takes some 500 bytes. */
export const sliceScansMax = 1_500;

/** Cuts scans into slices that each fit one message, in their order. */
export const slicesOf = (scans: readonly Scan[]): Scan[][] => {
  const slices: Scan[][] = [];
  let slice: Scan[] = [];
  let bytes = 0;
  for (const scan of scans) {
    const more = Buffer.byteLength(JSON.stringify(scan)) + 1;
    if (slice.length > 0 && (bytes + more > sliceBytesMax || slice.length >= sliceScansMax)) {
      slices.push(slice);
      slice = [];
      bytes = 0;
    }
    slice.push(scan);
    bytes += more;
  }
  if (slice.length > 0) slices.push(slice);
  return slices;
};

/** The id of the n-th slice of a request: the same for every repeat of that request, and a UUID (version 8, RFC 9562). */
export const sliceId = (requestId: string, index: number): string => {
  if (index === 0) return requestId;
  const hash = createHash("sha256").update(`${requestId}:${index}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
};
