import type { Normalising } from "./normalise-class.ts";
import { createOddities } from "./oddities.ts";
import { readContract, readQuality, readRentalClass } from "./read-names.ts";
import { readPlace } from "./read-place.ts";
import { readStatus } from "./read-status.ts";
import { readTag } from "./read-tag.ts";
import { readText } from "./read-text.ts";
import { readLocalTime } from "./read-time.ts";
import { contentOf, identityOf, naturalKeyOf } from "./row-identity.ts";
import type { ItemRow, RawRow } from "./rows.ts";

/** Reads a row of the item master. Never throws, whatever is given. */
export const normaliseItem = (raw: RawRow, { timeZone, occurrence }: Normalising): ItemRow => {
  const oddities = createOddities();
  return {
    identity: identityOf(naturalKeyOf("items", raw), occurrence),
    content: contentOf(raw),
    tag: readTag(raw, "tag_id", oddities),
    serial: readText(raw, "serial_number", oddities),
    rentalClass: readRentalClass(raw, oddities),
    name: readText(raw, "common_name", oddities),
    quality: readQuality(raw, oddities),
    ...readPlace(raw, "bin_location", oddities),
    status: readStatus(raw, "status", oddities),
    contract: readContract(raw, "last_contract_num", oddities),
    scannedBy: readText(raw, "last_scanned_by", oddities),
    lastScannedAtMs: readLocalTime(raw, "date_last_scanned", { timeZone, oddities }),
    notes: readText(raw, "notes", oddities),
    oddities: oddities.all(),
  };
};
