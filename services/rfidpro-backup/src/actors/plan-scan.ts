import {
  conditionFlags,
  type ItemStatus,
  type RfidproImportRule,
  type Scan,
  type ServiceStatus,
} from "@tagwire/messages";
import type { ScanRow } from "./compare-scans.ts";
import { idOf } from "./deterministic-id.ts";
import { fitting, grades, instant, storable, textsMax } from "./import-texts.ts";
import type { ItemRow, TransactionRow } from "./rows.ts";
import { clockAheadMs } from "./tolerances.ts";

export type TagRows = {
  readonly site: string;
  readonly tag: string;
  readonly items: readonly ItemRow[];
  readonly transactions: readonly TransactionRow[];
  /** The site has an item with this tag already. */
  readonly isThere: boolean;
  /** Whether an import has brought it in: with its state, or bare, since it ended before that; null where none has. */
  readonly imported: "whole" | "bare" | null;
  /** The tag that names the same thing and came first. */
  readonly twin: string | undefined;
  /** Between these the pull was made. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
};

/** Notes the rule that a row falls under. */
export type TakeNote = (rule: RfidproImportRule, example: string, row: { readonly identity: string }) => void;

const known: ReadonlySet<string> = new Set(conditionFlags);

/** What a scan leaves a thing as by its kind alone; a touch says nothing of it. */
const leftAs: Readonly<Record<string, ItemStatus>> = {
  ...{ rental: "on_rent", return: "ready", delivery: "delivered", pickup: "ready" },
};
const inService: ReadonlySet<string> = new Set(["inspect", "repair", "wash", "wet"]);

/** RFIDpro has no scan for it: a touch with the status of a service is how a thing came into it. */
const kindOf = ({ type, status }: ScanRow): Pick<Scan, "type" | "status"> =>
  type === "touch" && status !== null && inService.has(status)
    ? { type: "service", status: status as ServiceStatus }
    : { type: type as Scan["type"] };

/** What the row says besides that no member of a scan has: it is kept in words. */
const besidesOf = (row: ScanRow, items: readonly ItemRow[]): string[] => {
  const given = (field: string) => {
    const odd = row.oddities.find((one) => one.field === field && one.code !== "null_as_text");
    return odd === undefined || odd.given === ""
      ? []
      : [`its ${field} was "${odd.given.slice(0, textsMax.place)}"`];
  };
  // What came into service is said in words, too: operations' record of a scan that is history has no status.
  const isTold = leftAs[row.type] === row.status;
  return [
    ...(row.status === null || isTold ? [] : [`it was ${row.status} then`]),
    ...given("status"),
    ...given("quality"),
    ...(row.role === null ? [] : [`its bin was ${row.role}`]),
    ...given("bin_location"),
    ...(row.repairPlace == null ? [] : [`repaired at ${row.repairPlace}`]),
    ...(row.serial == null || items.some(({ serial }) => serial === row.serial)
      ? []
      : [`its serial number was ${row.serial}`]),
  ];
};

/** Where RFIDpro took it, and who scanned it: the scan itself is told by RFIDpro. */
const provenanceOf = (row: TransactionRow, besides: readonly string[]): string =>
  [
    ...(row.notes === null || row.notes.trim() === "" ? [] : [row.notes.trim()]),
    `RFIDpro: scanned by ${row.scannedBy ?? "nobody it names"}${
      row.createdAtMs === null ? "" : `, taken ${instant(row.createdAtMs)}`
    }${besides.map((more) => `; ${more}`).join("")}.`,
  ].join("\n");

const conditionOf = (row: TransactionRow): Scan["condition"] => {
  const flags = Object.entries(row.condition).filter(([flag]) => known.has(flag));
  const other = fitting("other", row.other, () => undefined);
  if (flags.length === 0 && other === undefined) return undefined;
  return { ...Object.fromEntries(flags), ...(other === undefined ? {} : { other }) };
};

/** A scan as it is told to operations: with its own time, and in its notes where it comes from. */
export const planScan = ({ site, tag, window, items }: TagRows, row: ScanRow, note: TakeNote): Scan => {
  const isFuture = row.scannedAtMs > window.toMs;
  const atMs = isFuture ? Math.min(row.createdAtMs ?? window.toMs, window.toMs) : row.scannedAtMs;
  const example = `${tag} ${row.type} ${instant(row.scannedAtMs)}`;
  if (isFuture) note("future_scan", example, row);
  else if (row.createdAtMs !== null && row.scannedAtMs - row.createdAtMs > clockAheadMs)
    note("clock_ahead", example, row);
  if ((row.type === "return" || row.type === "pickup") && row.contract === null)
    note("return_without_contract", example, row);
  for (const { field, code, given } of row.oddities) {
    const shown = `${example} ${given.slice(0, textsMax.place)}`;
    if (field === "bin_location") note("junk_bin", shown, row);
    if (code === "epc_in_status" || code === "status_unknown") note(code, shown, row);
  }
  const unfit = (of: string) => note("unfit", `${example}: ${of}`, row);
  const contract = fitting("contract", row.contract, unfit);
  const place = fitting("place", row.place, unfit);
  const condition = conditionOf(row);
  const notes = provenanceOf(row, [
    ...(isFuture ? [`the scanner said ${instant(row.scannedAtMs)}`] : []),
    ...besidesOf(row, items),
  ]);
  const scan = {
    tag,
    ...kindOf(row),
    scannedAt: instant(atMs),
    ...(contract === undefined ? {} : { contract }),
    ...(place === undefined ? {} : { place }),
    ...(row.quality !== null && grades.has(row.quality)
      ? { quality: row.quality as NonNullable<Scan["quality"]> }
      : {}),
    ...(condition === undefined ? {} : { condition }),
    notes: storable(notes.slice(-textsMax.notes)),
  };
  return { id: idOf(site, "rfidpro-scan", scan), ...scan };
};
