import { normaliseTag } from "@tagwire/messages";
import type { Oddities } from "./oddities.ts";
import { rawField } from "./raw-field.ts";
import type { RawRow } from "./rows.ts";

/** A tag that a person keyed: hex of the usual length, then an l that was meant to be the Enter key or a one. */
const trailingL = /^([0-9A-Fa-f]{24}|[0-9A-Fa-f]{32})[lL]$/;
const hex = /^[0-9A-F]+$/;
/** Of the lengths between 21 and 26, real tags have 24 characters. */
const isMiskeyed = (tag: string): boolean =>
  hex.test(tag) && tag.length >= 21 && tag.length <= 26 && tag.length !== 24;

/** The tag of a row in its one form; null where what stands there can be none. A number too large to be exact is none. */
export const readTag = (raw: RawRow, field: string, { note }: Oddities): string | null => {
  const value = rawField(raw, field);
  const isText = typeof value === "string";
  if (!isText && !(typeof value === "number" && Number.isSafeInteger(value))) {
    note(field, "tag_malformed", value);
    return null;
  }
  const given = String(value);
  const [, withoutL] = trailingL.exec(given.trim()) ?? [];
  const tag = normaliseTag(withoutL ?? given);
  if (tag === undefined || !tag.isWellFormed()) {
    note(field, "tag_malformed", value);
    return null;
  }
  if (withoutL !== undefined) note(field, "tag_trailing_l", given);
  else if (isText && given !== given.trim()) note(field, "tag_spaced", given);
  if (isMiskeyed(tag)) note(field, "tag_length", given);
  return tag;
};
