import type { Upload } from "../headline/month.ts";
import type { MasterRow, TransactionRow } from "./rfidpro.ts";

/*
 * What the old way sends, as text: rows with the fields that RFIDpro's manual names. Heads of requests and answers are taken as short as
 * a client can make them, so that nobody has to trust a guess that makes the old way look worse.
 */

const requestHeadBytes = 200;
const answerHeadBytes = 120;

const textAt = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 19).replace("T", " ");

const itemRow = ({ tag, status, lastScannedAtMs }: MasterRow) => ({
  tag_id: tag,
  serial_number: "",
  rental_class_num: "",
  common_name: "",
  quality: "",
  bin_location: "",
  status,
  last_contract_num: "",
  last_scanned_by: "",
  notes: "",
  status_notes: "",
  long: "",
  lat: "",
  date_last_scanned: lastScannedAtMs === null ? "0000-00-00 00:00:00" : textAt(lastScannedAtMs),
});

const flags = {
  ...{ dirty_or_mud: "", leaves: "", oil: "", mud: "", stain: "", oxidation: "", other: "", rip_or_tear: "" },
  ...{ sewing_repair_needed: "", grommet: "", rope: "", buckle: "", wet: "", service_required: "" },
};

const transactionRow = ({ tag, type, contract, status, scannedAtMs, createdAtMs, by }: TransactionRow) => ({
  scan_type: type,
  contract_number: contract ?? "",
  ...{ notes: "", tag_id: tag, rental_class_id: "", common_name: "", serial_number: "" },
  ...{ location_of_repair: "", quality: "", bin_location: "", status: status ?? "" },
  ...{ scan_date: textAt(scannedAtMs), scan_by: by, ...flags, long: "", lat: "" },
  ...{ date_created: textAt(createdAtMs), date_updated: textAt(createdAtMs) },
});

const weightOf = (rows: readonly object[]): number => JSON.stringify(rows).length;

/** Counts what goes over the wire. */
export const openWire = () => {
  let requests = 0;
  let bytes = 0;
  const exchange = (asked: number, answered: number): void => {
    requests += 1;
    bytes += requestHeadBytes + asked + answerHeadBytes + answered;
  };
  return {
    counts: () => ({ requests, bytes }),
    upload: ({ act }: Upload, rows: readonly TransactionRow[]): void =>
      exchange(weightOf(rows.map(transactionRow)), act.scans.length > 0 ? 40 : 0),
    login: (): void => exchange(60, 300),
    itemPage: (rows: readonly MasterRow[]): void => exchange(0, weightOf(rows.map(itemRow)) + 120),
    transactionPage: (rows: readonly TransactionRow[]): void =>
      exchange(0, weightOf(rows.map(transactionRow)) + 120),
  };
};
export type Wire = ReturnType<typeof openWire>;
