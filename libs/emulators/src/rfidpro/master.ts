import type { RfidproRow } from "./rows.ts";

/** Which field of a scan's row says what of the item's row. What the scan left blank stays as it was. */
const toldBy = {
  status: "status",
  quality: "quality",
  bin_location: "bin_location",
  last_contract_num: "contract_number",
  last_scanned_by: "scan_by",
  date_last_scanned: "scan_date",
} as const;

/** The item's row after a scan of it has come: the last one to come wins, whenever it was scanned. */
export const afterScan = (item: RfidproRow, scan: RfidproRow): RfidproRow => {
  const told = Object.entries(toldBy).flatMap(([field, from]) => {
    const text = scan[from];
    return text === undefined || text === "" ? [] : [[field, text] as const];
  });
  return { ...item, ...Object.fromEntries(told) };
};
