import { hash } from "node:crypto";

/** The columns of a row in a fixed order. Times go in as integers (microseconds), decimals as text. */
export type Canonical = readonly (string | number | boolean | null)[];

/** The first 128 bits of a row's SHA-256 as four signed 32-bit integers, most significant first. */
export type Lanes = readonly [number, number, number, number];

const separator = "\x1f";
const nullMark = "\\N";
const noFieldsMark = "\\E";
const needsEscape = /[\\\x1f]/;
const eachToEscape = /[\\\x1f]/g;

const escapeText = (text: string): string => {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw new TypeError(
      "a NUL or half a surrogate pair has no canonical form, because Postgres cannot hold it",
    );
  }
  if (!needsEscape.test(text)) return text;
  return text.replace(eachToEscape, (character) => (character === separator ? "\\s" : "\\\\"));
};

const fieldText = (field: Canonical[number]): string => {
  if (field === null) return nullMark;
  if (typeof field === "string") return escapeText(field);
  if (typeof field === "boolean") return field ? "true" : "false";
  if (!Number.isSafeInteger(field))
    throw new TypeError(`${field} is not a safe integer and has no canonical form`);
  return (field === 0 ? 0 : field).toString();
};

/**
 * One text for each row: the fields joined by the unit separator (0x1F). In a field, a backslash becomes `\\` and a
 * separator `\s`; a null is `\N`, and a row of no fields `\E`, neither of which text can be mistaken for.
 *
 * Numbers and booleans take the text Postgres gives them, so `1` and `"1"` are the same field: a column has one type.
 * Apart from that, no two rows share a form. The SQL function `tagwire_canonical` gives the same text.
 *
 * @throws TypeError for a number that is not a safe integer, and for text that Postgres cannot hold
 */
export const canonicalRow = (fields: Canonical): string => {
  if (fields.length === 0) return noFieldsMark;
  let row = "";
  for (const [index, field] of fields.entries())
    row += index === 0 ? fieldText(field) : separator + fieldText(field);
  return row;
};

/** The lanes of a canonical row: what is added up in a bucket. The same as `tagwire_lanes` in SQL. */
export const rowLanes = (canonical: string): Lanes => {
  const bytes = hash("sha256", canonical, "buffer");
  return [bytes.readInt32BE(0), bytes.readInt32BE(4), bytes.readInt32BE(8), bytes.readInt32BE(12)];
};
