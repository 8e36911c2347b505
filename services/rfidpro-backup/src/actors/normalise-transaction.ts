import type { Normalising } from "./normalise-class.ts";
import { createOddities } from "./oddities.ts";
import { readFlags } from "./read-flags.ts";
import { readContract, readQuality, readRentalClass, readScanType } from "./read-names.ts";
import { readPlace } from "./read-place.ts";
import { readStatus } from "./read-status.ts";
import { readTag } from "./read-tag.ts";
import { readText } from "./read-text.ts";
import { readLocalTime, readServerTime } from "./read-time.ts";
import { contentOf, identityOf, naturalKeyOf } from "./row-identity.ts";
import type { RawRow, TransactionRow } from "./rows.ts";

/** A device's clock may be so far ahead of the server's without being wrong, in ms. */
const aheadMsMax = 120_000;

/** Reads a row of a scan. Never throws, whatever is given. */
export const normaliseTransaction = (raw: RawRow, { timeZone, occurrence }: Normalising): TransactionRow => {
  const oddities = createOddities();
  const scannedAtMs = readLocalTime(raw, "scan_date", { timeZone, oddities });
  const createdAtMs = readServerTime(raw, "date_created", oddities);
  if (scannedAtMs !== null && createdAtMs !== null && scannedAtMs > createdAtMs + aheadMsMax)
    oddities.note("scan_date", "scanned_after_created", raw.scan_date);
  return {
    identity: identityOf(naturalKeyOf("transactions", raw), occurrence),
    content: contentOf(raw),
    tag: readTag(raw, "tag_id", oddities),
    type: readScanType(raw, oddities),
    contract: readContract(raw, "contract_number", oddities),
    rentalClass: readRentalClass(raw, oddities),
    name: readText(raw, "common_name", oddities),
    status: readStatus(raw, "status", oddities),
    quality: readQuality(raw, oddities),
    ...readPlace(raw, "bin_location", oddities),
    scannedBy: readText(raw, "scan_by", oddities),
    scannedAtMs,
    createdAtMs,
    condition: readFlags(raw, oddities),
    other: readText(raw, "other", oddities),
    notes: readText(raw, "notes", oddities),
    repairPlace: readText(raw, "location_of_repair", oddities),
    serial: readText(raw, "serial_number", oddities),
    oddities: oddities.all(),
  };
};
