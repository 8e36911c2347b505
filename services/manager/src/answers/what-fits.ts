/** An answer must fit into one message of the bus, whose default bound is 1 MiB. */
export const answerBytesMax = 800_000;

/** As many of the rows, from the front, as fit into one answer; at least one. */
export const whatFits = <T>(rows: readonly T[], bytesMax: number = answerBytesMax): T[] => {
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    return index > 0 && bytes > bytesMax;
  });
  return rows.slice(0, end < 0 ? rows.length : end);
};

/**
 * A page of what was read with one row more than is wanted, so that it is known whether more follows.
 *
 * @param cursorOf where the next page begins behind a row.
 */
export const pageThatFits = <T>(
  read: readonly T[],
  limit: number,
  cursorOf: (last: T) => string,
  bytesMax: number = answerBytesMax,
): { readonly rows: T[]; readonly next: string | null } => {
  const rows = whatFits(read.slice(0, limit), bytesMax);
  const last = rows.at(-1);
  return { rows, next: last !== undefined && rows.length < read.length ? cursorOf(last) : null };
};
