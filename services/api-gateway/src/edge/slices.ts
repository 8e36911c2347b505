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
