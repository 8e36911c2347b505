import type { DefineClass } from "@tagwire/messages";
import { fitting } from "./import-texts.ts";
import type { ClassRow } from "./rows.ts";

/** What the bin of a class may be that is no place. */
const roles: ReadonlySet<string> = new Set(["resale", "pack", "sold", "burst"]);

/** A class as it is described; undefined where RFIDpro says no more than its number. */
export const planClass = (
  row: ClassRow,
): { readonly class: string; readonly define: DefineClass } | undefined => {
  const nothing = () => undefined;
  const name = fitting("class", row.name, nothing);
  const place = roles.has(row.bin?.toLowerCase() ?? "") ? undefined : fitting("place", row.bin, nothing);
  const rentalClass = fitting("class", row.rentalClass, nothing)?.trim();
  if (rentalClass === undefined || (name === undefined && place === undefined)) return undefined;
  const define = { ...(name === undefined ? {} : { name }), ...(place === undefined ? {} : { place }) };
  return { class: rentalClass, define };
};
