import { absentTexts } from "@tagwire/messages";
import { type Oddities, storable } from "./oddities.ts";
import { rawField } from "./raw-field.ts";
import type { RawRow } from "./rows.ts";

/** Longer texts are cut, and that is said. */
export const textLengthMax = 2_000;

/**
 * The text of a field, trimmed; null where there is none, or what old programs write for none: `null`, `NA`. A number is taken for its
 * digits.
 */
export const readText = (raw: RawRow, field: string, { note }: Oddities): string | null => {
  const value = rawField(raw, field);
  if (value === undefined || value === null) return null;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    note(field, "not_text", value);
    return null;
  }
  const given = String(value);
  const text = given.trim();
  if (text === "") return null;
  if (absentTexts.has(text.toLowerCase())) {
    note(field, "null_as_text", given);
    return null;
  }
  const kept = storable(text);
  if (kept !== text) note(field, "not_storable", given);
  if (kept.length <= textLengthMax) return kept;
  note(field, "too_long", given);
  return kept.slice(0, textLengthMax).toWellFormed();
};

/** What a row is called by as many names as the manual and the programs around it have: the first that is there. */
export const readFirstText = (raw: RawRow, fields: readonly string[], oddities: Oddities): string | null => {
  const field = fields.find((one) => Object.hasOwn(raw, one)) ?? fields[0] ?? "";
  return readText(raw, field, oddities);
};
