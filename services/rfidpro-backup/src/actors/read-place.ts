import type { Oddities } from "./oddities.ts";
import { readText } from "./read-text.ts";
import type { RawRow } from "./rows.ts";

/** Bins that say what a thing is kept for, and not where it is. `tent room` is a room. */
const roles: ReadonlySet<string> = new Set(["resale", "pack", "sold", "burst"]);
const placeLengthMax = 64;

export type PlaceAndRole = { readonly place: string | null; readonly role: string | null };

/** One field held shelves, roles and junk: they are told apart. */
export const readPlace = (raw: RawRow, field: string, oddities: Oddities): PlaceAndRole => {
  const text = readText(raw, field, oddities);
  if (text === null) return { place: null, role: null };
  const word = text.toLowerCase();
  if (roles.has(word)) return { place: null, role: word };
  if (text.length <= placeLengthMax) return { place: text, role: null };
  oddities.note(field, "place_too_long", text);
  return { place: null, role: null };
};
