/*
 * CSV as it is written: RFC 4180, lines end with CRLF, and no text can be taken for a formula.
 *
 * A program that opens a CSV runs what begins with = + - @ (in either width), a tab or a line break, and some do so behind blanks. Such
 * text gets an apostrophe in front, and so does text that has apostrophes before such a character already, so that taking one away always
 * gives back what was written. Where the comma is the decimal mark programs cut lines at semicolons, whatever our quotes say, so the same
 * is done within a text where a cell or a line could begin for them. Numbers are written as they are.
 */

const atStart = /^(?=['\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n])/u;
const guardedAtStart = /^'(?=['\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n])/u;
const within = /(?<=[;\t\r\n])(?=['" \u00A0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;
const guardedWithin = /(?<=[;\t\r\n])'(?=['" \u00A0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;
const needsQuotes = /[",\r\n]|^\uFEFF/u;

export const guardText = (text: string): string => text.replaceAll(within, "'").replace(atStart, "'");

/** The text that {@link guardText} was given. */
export const unguardText = (text: string): string =>
  text.replace(guardedAtStart, "").replaceAll(guardedWithin, "");

export type CsvCell = string | number | null;

const fieldOf = (cell: CsvCell): string => {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = guardText(cell);
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One record with its line end. */
export const csvLine = (cells: readonly CsvCell[]): string => `${cells.map(fieldOf).join(",")}\r\n`;
