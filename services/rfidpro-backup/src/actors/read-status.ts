import { type ItemStatus, normaliseTag, statusAliases } from "@tagwire/messages";
import type { Oddities } from "./oddities.ts";
import { readText } from "./read-text.ts";
import type { RawRow } from "./rows.ts";

/** Real tags have 12 characters at least. */
const tagForm = /^(?=.*\d)[0-9A-F]{12,64}$/;

/** The status by the one table of aliases; null for what is in no table, which is not guessed. */
export const readStatus = (raw: RawRow, field: string, oddities: Oddities): ItemStatus | null => {
  const text = readText(raw, field, oddities);
  if (text === null) {
    oddities.note(field, "status_blank", "");
    return null;
  }
  const word = text.toLowerCase().replaceAll(/\s+/g, " ");
  const known = Object.hasOwn(statusAliases, word) ? statusAliases[word] : undefined;
  if (known !== undefined) return known;
  oddities.note(field, tagForm.test(normaliseTag(text) ?? "") ? "epc_in_status" : "status_unknown", text);
  return null;
};
