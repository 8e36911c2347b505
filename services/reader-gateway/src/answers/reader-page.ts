import type { Reader, ReaderId } from "@tagwire/messages";

/** A page ends before it is larger than this, so that it fits into one message of the bus, whose default bound is 1 MiB. A row is far smaller. */
export const readerPageBytesMax = 700_000;

export type ReaderPage = { readonly readers: Reader[]; readonly next: ReaderId | null };

/** The readers whose ids come after the cursor, in the order of their ids, as many as fit. */
export const readerPageOf = (
  all: readonly Reader[],
  cursor: ReaderId | null,
  bytesMax: number = readerPageBytesMax,
): ReaderPage => {
  const rest = all
    .filter(({ id }) => cursor === null || id > cursor)
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  let bytes = 0;
  const end = rest.findIndex((reader, index) => {
    bytes += Buffer.byteLength(JSON.stringify(reader)) + 1;
    return index > 0 && bytes > bytesMax;
  });
  const readers = end < 0 ? rest : rest.slice(0, end);
  return { readers, next: end < 0 ? null : (readers.at(-1)?.id ?? null) };
};
