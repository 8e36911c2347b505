import type { Random } from "../random.ts";
import { drawUploadDelay } from "../upload-delay.ts";
import { someOf } from "./quotas.ts";
import type { RfidproData, RfidproRow, RfidproUpload } from "./rows.ts";
import { localText, noDate, utcText } from "./times.ts";
import { scanTypeWords, statusWords } from "./words.ts";

/** An item as another system knows it. */
export type BaseItem = {
  readonly tag: string;
  readonly class: string;
  readonly name: string | null;
  readonly status: string;
  readonly quality?: string | null;
  readonly place?: string | null;
  readonly role?: string | null;
  readonly contract?: string | null;
  readonly lastScannedAtMs?: number | null;
  readonly lastScannedBy?: string | null;
  readonly notes?: string | null;
};

export type BaseScan = {
  readonly tag: string;
  readonly type: string;
  readonly contract: string | null;
  readonly scannedAtMs: number;
  readonly status?: string | null;
  readonly place?: string | null;
  readonly quality?: string | null;
  readonly by?: string | null;
  readonly condition?: Readonly<Record<string, boolean | null>> | null;
  /** When RFIDpro has it; as late as real devices are unless told. */
  readonly arrivesAtMs?: number;
};

export type RfidproBase = {
  readonly classes?: readonly {
    readonly id: string;
    readonly name: string;
    readonly place?: string | null;
  }[];
  readonly items: readonly BaseItem[];
  readonly scans?: readonly BaseScan[];
  /** Which share of the items RFIDpro tells otherwise (status, bin or quality) or does not have; 0.005 unless told. */
  readonly disagreeingShare?: number;
};

const disagreeingByDefault = 0.005;

const itemRow = (item: BaseItem, timeZone: string): RfidproRow => ({
  tag_id: item.tag,
  serial_number: "",
  client_name: "",
  rental_class_num: item.class,
  common_name: item.name ?? "",
  quality: item.quality ?? "",
  bin_location: item.role ?? item.place ?? "",
  status: statusWords[item.status] ?? item.status,
  last_contract_num: item.contract ?? "",
  last_scanned_by: item.lastScannedBy ?? "",
  notes: item.notes ?? "",
  status_notes: "",
  long: "",
  lat: "",
  date_last_scanned:
    item.lastScannedAtMs === undefined || item.lastScannedAtMs === null
      ? noDate
      : localText(item.lastScannedAtMs, timeZone),
});

/** How it is told otherwise. Null where RFIDpro has never heard of it. */
const otherwise = (random: Random, row: RfidproRow): RfidproRow | null =>
  random.weighted<RfidproRow | null>([
    [{ ...row, status: row.status === "Ready to Rent" ? "On Rent" : "Ready to Rent" }, 6],
    [{ ...row, bin_location: row.bin_location === "NR4x1" ? "NR5x2" : "NR4x1" }, 4],
    [{ ...row, quality: row.quality === "B" ? "C+" : "B" }, 2],
    [{ ...row, bin_location: "null" }, 1],
    [null, 1],
  ]);

const flagWords: Readonly<Record<string, string>> = {
  dirty: "dirty_or_mud",
  mold: "mud",
  rip: "rip_or_tear",
  sewing: "sewing_repair_needed",
};

/** A scan as RFIDpro has it from the moment on at which it arrives. */
export const uploadOf = (
  scan: BaseScan & { readonly arrivesAtMs: number },
  item: Pick<BaseItem, "class" | "name"> | undefined,
  timeZone: string,
): RfidproUpload => {
  const { arrivesAtMs } = scan;
  const created = utcText(arrivesAtMs);
  const flags = Object.entries(scan.condition ?? {}).map(([flag, value]) => [
    flagWords[flag] ?? flag,
    value === null ? "" : String(value),
  ]);
  const row = {
    scan_type: scanTypeWords[scan.type] ?? scan.type,
    contract_number: scan.contract ?? "",
    notes: "",
    tag_id: scan.tag,
    rental_class_id: item?.class ?? "",
    common_name: item?.name ?? "",
    serial_number: "",
    location_of_repair: "",
    quality: scan.quality ?? "",
    bin_location: scan.place ?? "",
    status: statusWords[scan.status ?? ""] ?? "",
    scan_date: localText(scan.scannedAtMs, timeZone),
    scan_by: scan.by ?? "",
    ...Object.fromEntries(flags),
    other: "",
    long: "",
    lat: "",
    date_created: created,
    date_updated: created,
  };
  return { arrivesAtMs, row };
};

/** Rows that say what another system knows, but for a share. */
export const rowsOfBase = (random: Random, base: RfidproBase, timeZone: string): RfidproData => {
  const { items, scans = [], disagreeingShare = disagreeingByDefault } = base;
  const odd = someOf(random, items.length, Math.round(items.length * disagreeingShare));
  const known = new Map(items.map((item) => [item.tag, item]));
  const classes = base.classes ?? [
    ...new Map(items.map((item) => [item.class, { id: item.class, name: item.name ?? item.class }])).values(),
  ];
  return {
    classes: classes.map(({ id, name, ...rest }) => ({
      rental_class_id: id,
      common_name: name,
      bin_location: ("place" in rest ? rest.place : null) ?? "",
    })),
    items: items
      .map((item, index) => {
        const row = itemRow(item, timeZone);
        return odd.has(index) ? otherwise(random, row) : row;
      })
      .filter((row) => row !== null),
    uploads: scans
      .map((scan) => {
        const arrivesAtMs = scan.arrivesAtMs ?? scan.scannedAtMs + drawUploadDelay(random);
        return uploadOf({ ...scan, arrivesAtMs }, known.get(scan.tag), timeZone);
      })
      .toSorted((a, b) => a.arrivesAtMs - b.arrivesAtMs),
  };
};
