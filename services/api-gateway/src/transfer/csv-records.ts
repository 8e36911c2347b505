import { type Line, lineBytesMax } from "./lines.ts";

/** Lines that one record may span: a name, notes and the rest could hold no more line breaks than this. */
export const recordLinesMax = 2_500;

/** A record of a CSV file, or why its line could not be read as one. */
export type CsvRecord =
  | { readonly fields: readonly string[] }
  | { readonly broken: string; readonly isTooLong?: true };

/** Reading within a record, from one line to the next. */
type Reading = { readonly fields: string[]; readonly separator: string; open: string | undefined };

const quote = '"';

/**
 * What stands between the fields of a file, as its header shows: the comma of RFC 4180, the semicolon that Excel writes where the comma
 * is the decimal mark, or the tab of what was copied out of a sheet. The first of them outside quotes, since others may be in a name.
 */
const separatorOf = (header: string): string => /[,;\t]/.exec(header.replaceAll(/"[^"]*"/g, ""))?.[0] ?? ",";

/** Reads one more line of a record. Gives why it is none, or undefined; `open` tells whether a quoted field goes on. */
const readLine = (reading: Reading, text: string, ending: string): string | undefined => {
  let at = 0;
  for (;;) {
    if (reading.open !== undefined || text[at] === quote) {
      let field = reading.open ?? "";
      if (reading.open === undefined) at += 1;
      for (;;) {
        const to = text.indexOf(quote, at);
        if (to < 0) {
          reading.open = `${field}${text.slice(at)}${ending}`;
          return undefined;
        }
        field += text.slice(at, to);
        at = to + 1;
        if (text[at] !== quote) break;
        field += quote;
        at += 1;
      }
      reading.open = undefined;
      reading.fields.push(field);
      if (at < text.length && text[at] !== reading.separator) return "text follows a closing quote";
    } else {
      const end = text.indexOf(reading.separator, at);
      const to = end < 0 ? text.length : end;
      const field = text.slice(at, to);
      if (field.includes(quote)) return "a quote stands within a field that does not begin with one";
      reading.fields.push(field);
      at = to;
    }
    if (at >= text.length) return undefined;
    at += 1;
  }
};

const whyUnreadable = { not_utf8: "the line is not UTF-8", nul: "the line holds a NUL" } as const;

const brokenLine = (line: Extract<Line, { unreadable: string }>): CsvRecord =>
  line.unreadable === "too_long"
    ? { broken: `the line is longer than ${lineBytesMax} bytes`, isTooLong: true }
    : { broken: whyUnreadable[line.unreadable] };

/**
 * The records of a CSV file by RFC 4180, in their order; empty lines are none. Fields are separated as in the first of them.
 *
 * A line that is no record costs itself alone: reading goes on with the next line. So a quote that is never closed, which would take
 * the rest of the file into one field, spoils the row it stands in and no other.
 */
export async function* csvRecordsOf(batches: AsyncIterable<readonly Line[]>): AsyncGenerator<CsvRecord> {
  const source = batches[Symbol.asyncIterator]();
  /** Lines that were read already; the next one is at `at`. */
  let ahead: Line[] = [];
  let at = 0;
  let isOver = false;
  let separator: string | undefined;

  /** The next line, or one so many lines after it. */
  const lineAfter = async (lines: number): Promise<Line | undefined> => {
    while (at + lines >= ahead.length && !isOver) {
      const next = await source.next();
      if (next.done === true) {
        isOver = true;
      } else {
        ahead = [...ahead.slice(at), ...next.value];
        at = 0;
      }
    }
    return ahead[at + lines];
  };

  /** The record that begins with the next line, and how many lines it is: a broken one is one. */
  const readRecord = async (first: Line): Promise<{ record: CsvRecord; lines: number }> => {
    if ("unreadable" in first) return { record: brokenLine(first), lines: 1 };
    separator ??= separatorOf(first.text);
    const reading: Reading = { fields: [], separator, open: undefined };
    let characters = 0;
    for (let lines = 0; ; lines += 1) {
      const line = lines === 0 ? first : await lineAfter(lines);
      const isUnclosed = line === undefined || "unreadable" in line || lines >= recordLinesMax;
      if (isUnclosed) return { record: { broken: "a quote is not closed" }, lines: 1 };
      const why = readLine(reading, line.text, line.ending);
      if (why !== undefined)
        return { record: { broken: lines === 0 ? why : "a quote is not closed" }, lines: 1 };
      if (reading.open === undefined) return { record: { fields: reading.fields }, lines: lines + 1 };
      characters += line.text.length;
      if (characters > lineBytesMax) return { record: { broken: "a quote is not closed" }, lines: 1 };
    }
  };

  for (let first = await lineAfter(0); first !== undefined; first = await lineAfter(0)) {
    if ("text" in first && first.text === "") {
      at += 1;
      continue;
    }
    const { record, lines } = await readRecord(first);
    at += lines;
    yield record;
  }
}
