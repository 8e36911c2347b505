import { type FaultCode, unguardText } from "@tagwire/messages";
import { Refusal } from "../edge/problem.ts";
import { csvRecordsOf } from "./csv-records.ts";
import type { Line } from "./lines.ts";
import { linesOf } from "./lines.ts";

/** What a row of a file says, by the file's own column names; or why nothing could be read of it. Rows count from 1. */
export type HeardRow = { readonly row: number } & (
  | { readonly fields: ReadonlyMap<string, unknown> }
  | { readonly code: FaultCode; readonly message: string }
);

/** Columns that a file may have; more are no list of items. */
const columnsMax = 200;

const unreadable = (row: number, message: string, isTooLong = false): HeardRow => ({
  row,
  code: isTooLong ? "row_too_long" : "row_malformed",
  message,
});

/** Files that were put together each bring their header along, the second one with its byte order mark. */
const isHeaderAgain = (fields: readonly string[], columns: readonly string[]): boolean =>
  fields.every((field, index) => field.replace(/^\uFEFF/, "").trim() === columns[index]);

const badHeader = (detail: string): Refusal => new Refusal({ code: "malformed", detail });

/**
 * The rows of a CSV file, the first record being its header.
 *
 * @throws Refusal `malformed` when there is no header that can be read, or `isUsable` does not take it.
 */
export async function* csvRows(
  chunks: AsyncIterable<Buffer>,
  isUsable: (columns: readonly string[]) => boolean,
): AsyncGenerator<HeardRow> {
  let columns: readonly string[] | undefined;
  let row = 0;
  for await (const record of csvRecordsOf(linesOf(chunks))) {
    if (columns === undefined) {
      if ("broken" in record) throw badHeader(`The header cannot be read: ${record.broken}.`);
      columns = record.fields.map((name) => unguardText(name).trim());
      // Its lines would all be one header, and the file would be taken for one without rows.
      if (columns.some((name) => name.includes("\r")))
        throw badHeader("Its lines end with a carriage return alone; write them with line feeds.");
      if (columns.length > columnsMax)
        throw badHeader(`More than ${columnsMax} columns are no list of items.`);
      if (!isUsable(columns)) throw badHeader("The first line names the columns, and one of them is tag.");
      continue;
    }
    row += 1;
    if ("broken" in record) yield unreadable(row, record.broken, record.isTooLong);
    else if (record.fields.length !== columns.length)
      yield unreadable(row, `the row has ${record.fields.length} fields, the header ${columns.length}`);
    else if (isHeaderAgain(record.fields, columns)) yield unreadable(row, "the row is the header once more");
    else {
      const { fields } = record;
      // A column that is named twice keeps its first value: which of the two is meant is told by the header alone.
      const named = new Map<string, string>();
      for (const [index, name] of columns.entries())
        if (!named.has(name)) named.set(name, unguardText(fields[index] ?? ""));
      yield { row, fields: named };
    }
  }
  if (columns === undefined) throw badHeader("There is nothing in it: the first line names the columns.");
}

const whyUnreadable = {
  too_long: "the line is too long",
  not_utf8: "the line is not UTF-8",
  nul: "the line holds a NUL",
} as const;

const parsed = (row: number, line: Line): HeardRow => {
  if ("unreadable" in line)
    return unreadable(row, whyUnreadable[line.unreadable], line.unreadable === "too_long");
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    return unreadable(row, "the line is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return unreadable(row, "the line is not a JSON object");
  return { row, fields: new Map(Object.entries(value)) };
};

/** The rows of a file with one JSON object in each line; empty lines are none. */
export async function* ndjsonRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<HeardRow> {
  let row = 0;
  for await (const lines of linesOf(chunks))
    for (const line of lines) {
      if ("text" in line && line.text.trim() === "") continue;
      row += 1;
      yield parsed(row, line);
    }
}
