import type { Oddity } from "./rows.ts";

/*
 * What RFIDpro does not say and what it says so that nobody can read it both come to null. They are not the same: the first is nothing to
 * compare, the second agrees with nothing.
 */

/** A field of both sides, as operations calls it. */
export type ComparedField =
  | "status"
  | "quality"
  | "place"
  | "class"
  | "contract"
  | "lastScannedAt"
  | "type"
  | "scannedAt";

/** What a field says that cannot be read, by the code of its oddity. What is blank, or no date, says nothing. */
const unreadable: ReadonlySet<string> = new Set([
  ...["not_text", "status_unknown", "epc_in_status", "quality_unknown", "place_too_long", "class_too_long"],
  ...["contract_too_long", "date_is_tag", "date_is_hex", "date_unreadable", "scan_type_unknown"],
]);

const fieldOf: Readonly<Record<string, ComparedField>> = {
  status: "status",
  quality: "quality",
  bin_location: "place",
  rental_class_id: "class",
  rental_class_num: "class",
  last_contract_num: "contract",
  contract_number: "contract",
  date_last_scanned: "lastScannedAt",
  scan_type: "type",
  scan_date: "scannedAt",
};

/** The fields of a row that say something, and nothing that can be read. */
export const unreadableOf = ({
  oddities,
}: {
  readonly oddities: readonly Oddity[];
}): readonly ComparedField[] => [
  ...new Set(
    oddities.flatMap(({ field, code }) => {
      const name = Object.hasOwn(fieldOf, field) ? fieldOf[field] : undefined;
      return name !== undefined && unreadable.has(code) ? [name] : [];
    }),
  ),
];
