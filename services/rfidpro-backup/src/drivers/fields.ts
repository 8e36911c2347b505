import { Fault, type RfidproDataset, statusAliases } from "@tagwire/messages";
import { rawField, rawText } from "../actors/raw-field.ts";
import { isDateText } from "../actors/read-time.ts";
import type { RawRow } from "../actors/rows.ts";

/**
 * What rows are put in order by. Classes and items by what names them; transactions by the time at which RFIDpro took them, which no
 * device can set, and by their tag, since up to sixty of them share a second.
 */
export const orderFields: Readonly<Record<RfidproDataset, readonly [string, ...string[]]>> = {
  classes: ["rental_class_id"],
  items: ["tag_id"],
  transactions: ["date_created", "tag_id"],
};

/** Fields without which rows cannot be read. The manual and real rows have them in every row. */
const expected: Readonly<Record<RfidproDataset, readonly string[]>> = {
  classes: ["rental_class_id", "common_name", "bin_location"],
  items: [
    ...["tag_id", "rental_class_num", "common_name", "quality", "bin_location", "status"],
    ...["last_contract_num", "date_last_scanned"],
  ],
  transactions: [
    ...["tag_id", "scan_type", "scan_date", "scan_by", "contract_number", "rental_class_id"],
    ...["status", "bin_location", "date_created"],
  ],
};

/** Fields by whose form another schema is told, with what they have to look like where they say anything. */
const forms: Readonly<Record<RfidproDataset, readonly (readonly [string, (text: string) => boolean])[]>> = {
  classes: [],
  items: [
    ["date_last_scanned", isDateText],
    ["status", (text) => Object.hasOwn(statusAliases, text.toLowerCase().replaceAll(/\s+/g, " "))],
  ],
  transactions: [
    ["scan_date", isDateText],
    ["date_created", isDateText],
  ],
};
/** So many rows are not all odd by chance. */
const formRowsMin = 10;

/** Fields that every row says in another form than they ever had. */
const reshaped = (dataset: RfidproDataset, rows: readonly RawRow[]): string[] =>
  forms[dataset].flatMap(([field, isKnown]) => {
    const said = rows.map((row) => rawText(row, field)).filter((text) => text !== "");
    return said.length >= formRowsMin && !said.some(isKnown) ? [field] : [];
  });

const isReadable = (value: unknown): boolean =>
  value !== undefined && (typeof value !== "object" || value === null);

/**
 * Refuses a page whose rows have all lost a field, or have something else than text, numbers and truth values there, or say all of them a date or a
 * status that is none. One row that is odd is a row; all of them are another schema, and would make everything look changed.
 *
 * @throws Fault `rfidpro.drift`
 */
export const refuseDrift = (dataset: RfidproDataset, rows: readonly RawRow[]): void => {
  if (rows.length === 0) return;
  const lost = expected[dataset].filter((field) => !rows.some((row) => isReadable(rawField(row, field))));
  const other = [...lost, ...reshaped(dataset, rows)];
  if (other.length > 0)
    throw new Fault("rfidpro.drift", `no row of ${dataset} has ${other.join(", ")} as it used to be`);
};
