import type { ImportRow, ItemStatus, RfidproImportRule, Scan, ServiceStatus } from "@tagwire/messages";
import { isScan, withoutDuplicates } from "./compare-scans.ts";
import { baselineIdOf, idOf } from "./deterministic-id.ts";
import { fitting, grades, instant, textsMax } from "./import-texts.ts";
import { planScan, type TagRows, type TakeNote } from "./plan-scan.ts";
import type { ItemRow } from "./rows.ts";

/** What is noted of a row: the rule it falls under, the row in a few words, and by what it is found in the archive. */
export type Note = { readonly rule: RfidproImportRule; readonly example: string; readonly identity: string };

/** Everything that is sent of one tag, in this order; ids follow from what is sent. */
export type TagPlan = {
  /** The item, made as if it were new. */
  readonly item: ImportRow | null;
  /** The scan that states what it is now: whatever happened before it is history. */
  readonly baseline: Scan | null;
  /** What happened to it, oldest first, with the times and words of RFIDpro. */
  readonly history: readonly Scan[];
  /**
   * That it is sold, retired or missing, which no scan says; as of the baseline, so that whatever somebody here has said or seen since is
   * newer and stands, whenever the row gets there.
   */
  readonly end: ImportRow | null;
  readonly notes: readonly Note[];
  /** Scans of it that are left aside with their item. */
  readonly leftScans: number;
};

/** The class of what RFIDpro has under none. */
const unclassified = "unclassified";
const roleShape = /^[a-z0-9][a-z0-9_-]{0,31}$/;

const codesOf = (row: ItemRow): ReadonlySet<string> => new Set(row.oddities.map(({ code }) => code));
const floor: ReadonlySet<ItemStatus> = new Set(["ready", "inspect", "repair", "wash", "wet"]);
const ends: ReadonlySet<ItemStatus> = new Set(["sold", "retired", "missing"]);
const outBy = { on_rent: "rental", delivered: "delivery", staged: "stage" } as const;

type Stated = Pick<Scan, "type" | "status" | "contract" | "place" | "quality">;

/** Whether the last scan of a thing, told at the same instant as its baseline, leaves it as it is. */
const agreesWith = (last: Scan, baseline: Stated): boolean => {
  const isOther = (of: "place" | "quality") =>
    last[of] !== undefined && baseline[of] !== undefined && last[of] !== baseline[of];
  if (isOther("place") || isOther("quality")) return false;
  if (last.type === "touch") return true;
  if (last.type === "service") return baseline.type === "service" && last.status === baseline.status;
  if (last.type === "return" || last.type === "pickup") return baseline.type === "service";
  return last.type === baseline.type && last.contract === baseline.contract;
};

const qualityOf = ({ quality }: ItemRow): Pick<ImportRow, "quality"> =>
  quality !== null && grades.has(quality) ? { quality: quality as NonNullable<ImportRow["quality"]> } : {};

/** What RFIDpro says that the thing is now, as a scan. */
const baselineOf = (
  { site, tag, window }: TagRows,
  row: ItemRow,
  history: readonly Scan[],
  note: TakeNote,
): Scan => {
  const last = history.at(-1);
  const seenAtMs = Math.min(row.lastScannedAtMs ?? 0, window.toMs);
  const newestAtMs = Math.max(seenAtMs, last === undefined ? 0 : Date.parse(last.scannedAt));
  const named =
    fitting("contract", row.contract, () => undefined) ??
    history.findLast(({ type, contract }) => type === "rental" && contract !== undefined)?.contract;
  const place = fitting("place", row.place, () => undefined);
  const stateOf = (): Pick<Scan, "type"> & { status?: ServiceStatus; contract?: string } => {
    const { status } = row;
    if (status === "on_rent" || status === "delivered" || status === "staged") {
      if (named !== undefined) return { type: outBy[status], contract: named };
      note("contract_missing", `${tag} ${status}`, row);
      return { type: "service", status: "inspect" };
    }
    if (status !== null && ends.has(status)) return { type: "service", status: "ready" };
    return {
      type: "service",
      status: status !== null && floor.has(status) ? (status as ServiceStatus) : "inspect",
    };
  };
  const state = stateOf();
  // At one instant the last word counts: a last scan that says otherwise than RFIDpro's master is told as older by a breath.
  const isContradicted = history.some(
    (scan) =>
      Date.parse(scan.scannedAt) === newestAtMs &&
      !agreesWith(scan, { ...state, ...(place === undefined ? {} : { place }), ...qualityOf(row) }),
  );
  const atMs = (newestAtMs === 0 ? window.fromMs : newestAtMs) + (isContradicted ? 1 : 0);
  return {
    id: baselineIdOf(site, tag),
    tag,
    scannedAt: instant(atMs),
    ...state,
    ...(place === undefined ? {} : { place }),
    notes: "What RFIDpro's item master said when it was imported.",
  };
};

/** What somebody wrote of the thing, and its serial number behind that where both fit: neither is dropped for the other. */
const notesOf = ({ notes, serial }: ItemRow, unfit: (of: string) => void): string | undefined => {
  const own = fitting("notes", notes, unfit);
  if (serial === null) return own;
  const words = [own, `Serial number in RFIDpro: ${serial}.`].filter((one) => one !== undefined);
  return fitting("notes", words.join("\n"), () => unfit("serial number")) ?? own;
};

/** The item as of its baseline: where and how good it is by whoever has scanned it here since is newer, and stands. */
const itemOf = ({ site, tag }: TagRows, row: ItemRow, asOf: string, note: TakeNote): ImportRow => {
  const unfit = (of: string) => note("unfit", `${tag}: ${of}`, row);
  const name = fitting("name", row.name, unfit);
  const place = fitting("place", row.place, unfit);
  const notes = notesOf(row, unfit);
  const rentalClass = fitting("class", row.rentalClass, unfit);
  if (rentalClass === undefined) note("no_class", tag, row);
  const codes = codesOf(row);
  const bin = row.oddities.find(({ field }) => field === "bin_location");
  if (bin !== undefined) note("junk_bin", `${tag} ${bin.given.slice(0, textsMax.place)}`, row);
  const status = row.oddities.find(({ field }) => field === "status")?.given.slice(0, textsMax.place) ?? "";
  if (row.status === null)
    note(codes.has("epc_in_status") ? "epc_in_status" : "status_unknown", `${tag} ${status}`, row);
  const members = {
    tag,
    class: rentalClass?.trim() ?? unclassified,
    ...(name === undefined ? {} : { name }),
    ...qualityOf(row),
    ...(place === undefined ? {} : { place }),
    ...(row.role !== null && roleShape.test(row.role) ? { role: row.role } : {}),
    ...(notes === undefined ? {} : { notes }),
    asOf,
  };
  return { id: idOf(site, "rfidpro-item", members), ...members };
};

const newestFirst = (rows: readonly ItemRow[]): ItemRow[] =>
  rows.toSorted((left, right) => (right.lastScannedAtMs ?? 0) - (left.lastScannedAtMs ?? 0));

const nothing = { item: null, baseline: null, history: [], end: null, leftScans: 0 } as const;

/**
 * What an import sends of one tag.
 *
 *   in the master ──► the item, a scan that states what it is now, its history as older scans; that it has ended, where it has
 *   only scanned  ──► its scans, which wait in quarantine
 *   there already ──► nothing, unless an import has made it and brought no more of it: then all the rest
 */
export const planTag = (rows: TagRows): TagPlan => {
  const { site, tag, isThere, imported, twin } = rows;
  const isBare = isThere && imported === "bare";
  const notes: Note[] = [];
  const note: TakeNote = (rule, example, { identity }) => void notes.push({ rule, example, identity });
  const [row, ...copies] = newestFirst(rows.items);
  const leftScans = rows.transactions.length;
  if (isThere) {
    const identity = (row ?? rows.transactions[0])?.identity ?? "";
    const rules = { whole: "imported_already", bare: "imported_in_part" } as const;
    const rule = imported === null ? "there_already" : rules[imported];
    const example = leftScans === 0 ? tag : `${tag}, with scans: ${leftScans}`;
    if (!isBare) return { ...nothing, leftScans, notes: [{ rule, example, identity }] };
    notes.push({ rule, example, identity });
  } else if (row !== undefined && twin !== undefined)
    return {
      ...nothing,
      leftScans,
      notes: [{ rule: "tag_twin", example: `${tag} beside ${twin}`, identity: row.identity }],
    };

  const scans = rows.transactions.filter(isScan);
  for (const one of rows.transactions) if (!isScan(one)) note("scan_malformed", tag, one);
  const { firsts, copies: scanCopies } = withoutDuplicates(scans);
  for (const [key, more] of scanCopies) for (const one of more) note("scan_duplicate", key, one);
  const planned = firsts
    .toSorted(
      (left, right) =>
        left.scannedAtMs - right.scannedAtMs || (left.createdAtMs ?? 0) - (right.createdAtMs ?? 0),
    )
    .map((one) => ({ ...planScan(rows, one, note), of: one }))
    .toSorted((left, right) => Date.parse(left.scannedAt) - Date.parse(right.scannedAt));
  const history = planned.map(({ of: _of, ...scan }) => scan);

  if (row === undefined) {
    for (const { type, scannedAt, of } of isBare ? [] : planned)
      note("orphan", `${tag} ${type} ${scannedAt}`, of);
    return { ...nothing, history, notes };
  }
  for (const one of copies) note("item_duplicate", tag, one);
  if (history.length === 0) note("without_history", tag, row);
  const baseline = baselineOf(rows, row, history, note);
  const item = itemOf(rows, row, baseline.scannedAt, note);
  const ended = row.status !== null && ends.has(row.status) ? row.status : undefined;
  const end = ended === undefined ? null : { tag, status: ended, asOf: baseline.scannedAt };
  return {
    // Made already, by an import of another pull: it would be refused under another id.
    item: isBare ? null : item,
    baseline,
    history,
    end: end === null ? null : { id: idOf(site, "rfidpro-end", end), ...end },
    leftScans: 0,
    notes,
  };
};
