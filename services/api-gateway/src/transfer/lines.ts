import { isUtf8 } from "node:buffer";

/** The longest line that is read, in bytes; what is longer is skipped to its end. A row at its longest takes a third of it. */
export const lineBytesMax = 64 * 1_024;

/** A physical line, or why there is none. `ending` is what ended it, which a quoted field keeps. */
export type Line =
  | { readonly text: string; readonly ending: "\n" | "\r\n" | "" }
  | { readonly unreadable: "too_long" | "not_utf8" | "nul" };

const newline = 0x0a;
const carriageReturn = 0x0d;
const nul = 0;
const byteOrderMark = "\uFEFF";

const lineOf = (bytes: Buffer, isEnded: boolean): Line => {
  const hasReturn = isEnded && bytes.at(-1) === carriageReturn;
  const content = hasReturn ? bytes.subarray(0, -1) : bytes;
  if (content.includes(nul)) return { unreadable: "nul" };
  if (!isUtf8(content)) return { unreadable: "not_utf8" };
  return { text: content.toString("utf8"), ending: hasReturn ? "\r\n" : isEnded ? "\n" : "" };
};

const withoutMark = (line: Line): Line =>
  "text" in line && line.text.startsWith(byteOrderMark)
    ? { ...line, text: line.text.slice(byteOrderMark.length) }
    : line;

/**
 * Cuts bytes into lines, as many at a time as came together. Never holds more than one line and one chunk; a byte order mark is left out.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let isFirst = true;

  const take = (part: Buffer) => {
    begunBytes += part.length;
    // What is too long already is only counted.
    if (begunBytes <= lineBytesMax) begun.push(part);
  };
  const finish = (isEnded: boolean): Line => {
    const line: Line =
      begunBytes > lineBytesMax ? { unreadable: "too_long" } : lineOf(Buffer.concat(begun), isEnded);
    begun = [];
    begunBytes = 0;
    if (!isFirst) return line;
    isFirst = false;
    return withoutMark(line);
  };

  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let from = 0;
    for (let to = chunk.indexOf(newline); to >= 0; to = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, to));
      lines.push(finish(true));
      from = to + 1;
    }
    if (from < chunk.length) take(chunk.subarray(from));
    if (lines.length > 0) yield lines;
  }
  if (begunBytes > 0) yield [finish(false)];
}
