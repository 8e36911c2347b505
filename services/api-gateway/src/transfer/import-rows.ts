import { createHash } from "node:crypto";
import {
  absentTexts,
  columnAliases,
  type FaultCode,
  ImportRow,
  itemStatuses,
  normaliseTag,
  statusAliases,
} from "@tagwire/messages";
import { Compile } from "typebox/compile";
import { schemaErrors } from "../edge/schema-errors.ts";
import { pointedErrors } from "../edge/validation.ts";
import type { HeardRow } from "./heard-rows.ts";

/** Unknown columns that are named in the answer; a file with more has another mistake. */
const unknownColumnsMax = 50;
const columnNameLengthMax = 80;

const ownColumns = ["tag", "class", "name", "status", "quality", "place", "notes"] as const;
type Column = (typeof ownColumns)[number];

const columns: ReadonlyMap<string, Column> = new Map<string, Column>([
  ...ownColumns.map((name) => [name, name] as const),
  ...Object.entries(columnAliases),
]);
const known: ReadonlySet<string> = new Set(itemStatuses);
const rowCheck = Compile(ImportRow);

/** A row as it can be decided, or why it cannot. */
export type ReadRow =
  | { readonly row: number; readonly item: ImportRow }
  | { readonly row: number; readonly tag: string | null; readonly code: FaultCode; readonly message: string };

const columnOf = (name: string): Column | undefined => columns.get(name.trim().toLowerCase());

/** Whether a header has what no import can do without. */
export const namesATag = (names: readonly string[]): boolean =>
  names.some((name) => columnOf(name) === "tag");

/** The text of a value; undefined where the file knows nothing. Numbers are taken as they are written: old class numbers are some. */
const textOf = (value: unknown): string | undefined => {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return undefined;
  return absentTexts.has(text.trim().toLowerCase()) ? undefined : text;
};

/**
 * What a spreadsheet or a JSON reader makes of a long number, 3.03426E+23: most of its digits are gone, and as a tag it would be another
 * thing's, or nobody's.
 */
const roundedNumber = /^\d(?:[.,]\d{1,20})?E\+\d{1,3}$/i;

const isRounded = (said: unknown, tag: string): boolean =>
  (typeof said === "number" && !Number.isSafeInteger(said)) || roundedNumber.test(tag.trim());

const isText = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "number";

/** One of our statuses, by our name or by RFIDpro's; anything else as it is, for the check to refuse. */
const statusOf = (text: string): string => {
  const word = text.trim().toLowerCase();
  return known.has(word) ? word : (statusAliases[word] ?? text);
};

const inOurForm: Readonly<Partial<Record<Column, (text: string) => string>>> = {
  tag: (text) => normaliseTag(text) ?? text,
  class: (text) => text.trim(),
  status: statusOf,
  quality: (text) => text.trim().toUpperCase(),
};

const uuidOf = (text: string): string => {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  // Version 8 of RFC 9562: the bits are our own.
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x80, 6);
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

export type RowReader = {
  readonly read: (heard: HeardRow) => ReadRow;
  /** What is to be said of the file as a whole, once. */
  readonly warnings: () => string[];
};

/**
 * Reads rows of one import as what they say of items: columns by our names or old ones, what is blank as absent, texts checked.
 *
 * The id of a row follows from the site, the row in its one form, and `key` where the sender named one: the same row is the same
 * act, however often it is sent and wherever in a file it stands.
 */
export const createRowReader = (site: string, key?: string): RowReader => {
  const unknown = new Set<string>();
  const spareColumns = new Set<string>();

  /** The file's values by our columns. Our own name for a column goes before an old one; what an old one says besides is told. */
  const membersOf = (fields: ReadonlyMap<string, unknown>): Map<Column, unknown> => {
    const members = new Map<Column, { value: unknown; isOwn: boolean }>();
    for (const [name, value] of fields) {
      const column = columnOf(name);
      if (column === undefined) {
        if (unknown.size < unknownColumnsMax) unknown.add(name.slice(0, columnNameLengthMax));
        continue;
      }
      const isOwn = name.trim().toLowerCase() === column;
      const before = members.get(column);
      if (before !== undefined) spareColumns.add(column);
      const isBetter = before === undefined || (isOwn && !before.isOwn);
      if (isBetter) members.set(column, { value, isOwn });
    }
    return new Map([...members].map(([column, { value }]) => [column, value]));
  };

  const read = (heard: HeardRow): ReadRow => {
    if ("code" in heard) return { ...heard, tag: null };
    const { row } = heard;
    const said = membersOf(heard.fields);
    const members: Partial<Record<Column, string>> = {};
    for (const column of ownColumns) {
      const value = said.get(column);
      if (value !== undefined && !isText(value))
        return { row, tag: null, code: "row_malformed", message: `${column} is neither text nor a number` };
      const text = textOf(value);
      if (text !== undefined) members[column] = inOurForm[column]?.(text) ?? text;
    }
    const { tag } = members;
    if (tag === undefined) return { row, tag: null, code: "tag_malformed", message: "the row has no tag" };
    if (isRounded(said.get("tag"), tag))
      return {
        ...{ row, tag: null, code: "tag_malformed" },
        message: `the tag ${tag.trim()} is a number that has lost digits: write tags as text`,
      };
    const item = { id: uuidOf(JSON.stringify([site, key ?? null, members])), ...members, tag };
    if (rowCheck.Check(item)) return { row, item };
    const [wrong] = pointedErrors(schemaErrors(ImportRow, item), "body");
    const where = wrong?.pointer.slice(1) ?? "";
    const known = normaliseTag(tag) ?? null;
    return {
      row,
      tag: known,
      code: where === "tag" ? "tag_malformed" : "row_malformed",
      message: `${where} ${wrong?.message ?? "is not as the schema says"}`.trim(),
    };
  };

  return {
    read,
    warnings: () => [
      ...[...unknown].map((name) => `column ${JSON.stringify(name)} is not known and was left out`),
      ...(unknown.size < unknownColumnsMax ? [] : ["more columns may be unknown; these are the first"]),
      ...[...spareColumns].map((column) => `several columns say ${column}; one of them was taken`),
    ],
  };
};
