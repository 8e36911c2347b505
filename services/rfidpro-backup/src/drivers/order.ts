import { rawField, rawText } from "../actors/raw-field.ts";
import type { RawRow } from "../actors/rows.ts";

/*
 * The order in which rows are asked for, as it can be told from the rows that come back: by the code units of their text, as it stands
 * there. Where RFIDpro has another order of letters than this, its sets are taken for unordered, and read twice.
 */

const textOf = (row: RawRow, field: string): string => {
  const value = rawField(row, field);
  return typeof value === "string" ? value : rawText(row, field);
};

/** Below nothing where `left` comes first by these fields, above it where `right` does, and nothing where neither does. */
export const compareRows = (fields: readonly string[], left: RawRow, right: RawRow): number => {
  for (const field of fields) {
    const [a, b] = [textOf(left, field), textOf(right, field)];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
};

/** Whether rows stand in this order; those that are equal may stand in any. */
export const isInOrder = (
  fields: readonly string[],
  rows: readonly RawRow[],
  direction: "asc" | "desc" = "asc",
): boolean =>
  rows.every((row, index) => {
    const compared = compareRows(fields, rows[index - 1] ?? row, row);
    return direction === "asc" ? compared <= 0 : compared >= 0;
  });

/** How many rows at the end are equal to the last one by these fields, itself included; 0 where there is no row. */
export const countLastEqual = (fields: readonly string[], rows: readonly RawRow[]): number => {
  const last = rows.at(-1);
  if (last === undefined) return 0;
  const before = rows.findLastIndex((row) => compareRows(fields, row, last) !== 0);
  return rows.length - 1 - before;
};
