import { eventsPerMessageMax, isTooDeep } from "@tagwire/messages";

/** An event of a reader takes some hundred bytes. A longer one, and one that nests without end, goes as null, which nobody can read: it costs itself and no other. */
export const eventBytesMax = 64 * 1_024;
/** A slice with its envelope stays well below NATS's payload limit of 1 MiB. */
export const eventSliceBytesMax = 512 * 1_024;

/** Cuts a reader's events into slices that each fit one message, in their order; without any there is one empty slice. */
export const eventSlicesOf = (events: readonly unknown[]): unknown[][] => {
  const slices: unknown[][] = [[]];
  let bytes = 0;
  for (const event of events) {
    const own = isTooDeep(event) ? Number.POSITIVE_INFINITY : Buffer.byteLength(JSON.stringify(event)) + 1;
    const isKept = own <= eventBytesMax;
    const more = isKept ? own : "null,".length;
    const isFull = bytes + more > eventSliceBytesMax || (slices.at(-1)?.length ?? 0) >= eventsPerMessageMax;
    if (isFull) {
      slices.push([]);
      bytes = 0;
    }
    slices.at(-1)?.push(isKept ? event : null);
    bytes += more;
  }
  return slices;
};
