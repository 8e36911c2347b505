/** An answer must fit into one message: the server takes 1 MiB, and the envelope needs some of it. */
export const answerBytesMax = 850_000;

/** As many rows as fit into one answer; at least one, so that a reader always gets on. */
export const withinAnswer = <T>(rows: readonly T[]): T[] => {
  let bytes = 0;
  const fits = rows.findIndex((row) => {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    return bytes > answerBytesMax;
  });
  return fits < 0 ? [...rows] : rows.slice(0, Math.max(1, fits));
};

/** The rows of one page out of one row more than was asked for, and whether there are more. */
export const pageOf = <T>(rows: readonly T[], limit: number): { page: T[]; more: boolean } => {
  const page = withinAnswer(rows.slice(0, limit));
  return { page, more: page.length < rows.length };
};

/** What a page ended with, as a cursor that nobody is tempted to read. */
export const encodeText = (text: string): string => Buffer.from(text).toString("base64url");
export const decodeText = (cursor: string): string => Buffer.from(cursor, "base64url").toString();
