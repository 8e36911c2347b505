import type { Item, ItemStatus } from "@tagwire/messages";
import { type Found, instantOf, sideOf } from "./found.ts";
import type { ItemRow, TransactionRow } from "./rows.ts";
import { lastScanToleranceMs, scanToleranceMs } from "./tolerances.ts";

const out: ReadonlySet<ItemStatus> = new Set(["on_rent", "delivered"]);
const back: ReadonlySet<ItemStatus> = new Set(["ready", "inspect", "repair", "wash", "wet"]);
/** Contracts mean something while the thing is on one. */
const onContract: ReadonlySet<ItemStatus> = new Set(["staged", "on_rent", "delivered"]);

/** What a person compares of an item of RFIDpro. */
export const rfidproSide = (row: ItemRow): Record<string, unknown> =>
  sideOf({
    status: row.status,
    class: row.rentalClass,
    name: row.name,
    quality: row.quality,
    place: row.place,
    role: row.role,
    contract: row.contract,
    lastScannedAt: instantOf(row.lastScannedAtMs),
    scannedBy: row.scannedBy,
  });

/** The same of an item of operations. */
export const operationsSide = (item: Item): Record<string, unknown> =>
  sideOf({
    status: item.status,
    class: item.class,
    name: item.name,
    quality: item.quality,
    place: item.place,
    role: item.role ?? null,
    contract: item.contract,
    lastScannedAt: item.lastScan?.scannedAt ?? null,
  });

const found = (
  tag: string,
  row: ItemRow,
  item: Item,
  { class: name, fields }: Pick<Found, "class" | "fields">,
): Found => ({
  class: name,
  kind: "item",
  key: tag,
  tag,
  fields,
  rfidpro: rfidproSide(row),
  operations: operationsSide(item),
});

/** Where RFIDpro says nothing there is nothing to compare. What cannot be read is told apart, and agrees with nothing. */
const differs = (theirs: string | null, ours: string | null): boolean => theirs !== null && theirs !== ours;

/**
 * Where a thing is and what it is kept for. RFIDpro has one field for both, and so had whoever filled operations from it before they were
 * told apart: a role that operations still has as a place of the same name is the same whereabouts.
 */
const whereaboutsOf = (row: ItemRow, { place, role = null }: Item): string[] => {
  const isSameBin = row.role !== null && role === null && place?.toLowerCase() === row.role;
  return [
    ...(differs(row.place, place) ? ["place"] : []),
    ...(differs(row.role, role) && !isSameBin ? ["role"] : []),
  ];
};

/** RFIDpro keeps the number of the last contract for ever; it counts while the thing is on one. */
const contractDiffers = (row: ItemRow, item: Item): boolean =>
  row.status !== null &&
  onContract.has(row.status) &&
  onContract.has(item.status) &&
  differs(row.contract, item.contract);

const stateOf = (row: ItemRow, item: Item): Pick<Found, "class" | "fields"> | undefined => {
  const fields = [
    ...(differs(row.status, item.status) ? ["status"] : []),
    ...(contractDiffers(row, item) ? ["contract"] : []),
    ...(differs(row.quality, item.quality) ? ["quality"] : []),
    ...(differs(row.rentalClass, item.class) ? ["class"] : []),
  ];
  if (fields.length === 0) return undefined;
  const { status } = row;
  if (fields.includes("contract")) return { class: "double_booked", fields };
  const isOutOnOneSide =
    status !== null &&
    ((out.has(status) && back.has(item.status)) || (back.has(status) && out.has(item.status)));
  return { class: isOutOnOneSide ? "return_not_recorded" : "status_mismatch", fields };
};

/**
 * Whether RFIDpro says that a thing was scanned at an instant of which neither side has a scan: its master was changed by hand. It can only
 * be told where all its scans were read.
 */
const isWithoutEvent = (row: ItemRow, { rows, lastScanAtMs, ...of }: ScansOfTag): boolean => {
  const atMs = row.lastScannedAtMs;
  if (!of.isComplete || atMs === null) return false;
  const near = (otherMs: number | null) =>
    otherMs !== null && Math.abs(otherMs - atMs) <= Math.max(lastScanToleranceMs, scanToleranceMs);
  return !near(lastScanAtMs) && !rows.some(({ scannedAtMs }) => near(scannedAtMs));
};

/**
 * Whether a difference is one of RFIDpro with itself: its master says that a thing was seen last at an instant that none of its own scans
 * has, and there are newer ones that both sides have.
 */
export const isOfRfidproAlone = ({ class: name, rfidpro, operations }: Found): boolean =>
  name === "state_without_event" &&
  String(rfidpro?.lastScannedAt ?? "") < String(operations?.lastScannedAt ?? "");

export type ScansOfTag = {
  /** What RFIDpro has of scans of the tag. */
  readonly rows: readonly TransactionRow[];
  /** When operations saw it last. */
  readonly lastScanAtMs: number | null;
  /** Whether those are all that RFIDpro has. */
  readonly isComplete: boolean;
};

/** In what an item that both sides have differs. */
export const compareItem = (tag: string, row: ItemRow, item: Item, scans: ScansOfTag): Found[] => {
  const state = stateOf(row, item);
  const whereabouts = whereaboutsOf(row, item);
  return [
    ...(state === undefined ? [] : [found(tag, row, item, state)]),
    ...(whereabouts.length === 0
      ? []
      : [found(tag, row, item, { class: "location_mismatch", fields: whereabouts })]),
    ...(isWithoutEvent(row, scans)
      ? [found(tag, row, item, { class: "state_without_event", fields: ["lastScannedAt"] })]
      : []),
  ];
};

/** An item that RFIDpro has and operations has not. */
export const onlyInRfidpro = (tag: string, row: ItemRow): Found => ({
  ...{ class: "only_in_rfidpro", kind: "item", key: tag, tag, fields: [] },
  rfidpro: rfidproSide(row),
  operations: null,
});

/** What only operations can have: a tag that is not on a thing yet, and one that was taken off it. */
export const isOurs = (item: Item): boolean => item.status === "provisioned" || item.replacedBy != null;

/** An item that operations has and RFIDpro has not, which only a whole pull can tell. */
export const missingFromRfid = (item: Item): Found => ({
  ...{ class: "missing_from_rfid", kind: "item", key: item.tag, tag: item.tag, fields: [] },
  rfidpro: null,
  operations: operationsSide(item),
});
