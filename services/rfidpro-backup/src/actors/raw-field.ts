import type { RawRow } from "./rows.ts";

/** What stands in a field of its own: a row is a stranger's, and may be without it, or call it `constructor`. */
export const rawField = (raw: RawRow, field: string): unknown =>
  Object.hasOwn(raw, field) ? raw[field] : undefined;

/** A field as text without spaces around it. What is neither text, number nor truth value is none. */
export const rawText = (raw: RawRow, field: string): string => {
  const value = rawField(raw, field);
  if (typeof value === "string") return value.trim();
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
};
