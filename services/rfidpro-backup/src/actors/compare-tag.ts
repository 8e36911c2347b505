import { isChangedHereSince } from "./changed-here.ts";
import { compareItem, isOfRfidproAlone, isOurs, missingFromRfid, onlyInRfidpro } from "./compare-item.ts";
import { compareScans, isRowInside, isScan, isScanInside, type ScansCompared } from "./compare-scans.ts";
import { type Found, sideOf } from "./found.ts";
import type { OperationsItem, OperationsScan } from "./operations-scan.ts";
import type { PullWindow } from "./pull-window.ts";
import type { ItemRow, TransactionRow } from "./rows.ts";
import { clockSkewMsMax } from "./tolerances.ts";
import { unreadableOf } from "./unreadable.ts";

/** Everything that both sides have of one tag. */
export type TagSides = {
  readonly tag: string;
  /** More than one where RFIDpro's master has the tag more than once. */
  readonly items: readonly ItemRow[];
  readonly transactions: readonly TransactionRow[];
  readonly item: OperationsItem | undefined;
  readonly scans: readonly OperationsScan[];
};

export type TagCompared = {
  readonly found: readonly Found[];
  /** Those of them that touch something that happened while RFIDpro was read: they are looked at again. */
  readonly pending: ReadonlySet<Found>;
  /** Something happened to the thing meanwhile. */
  readonly isTouched: boolean;
  /** `ahead`: it was changed here since RFIDpro took its last scan from anybody, so that it cannot know. */
  readonly item: "agreed" | "differing" | "pending" | "ahead" | "none";
  readonly scans: ScansCompared["counts"];
  /** Of the class that a side has it under; null where that side has not got it. */
  readonly classes: { readonly rfidpro: string | null; readonly operations: string | null };
};

/** The row that was scanned last says what RFIDpro knows of the thing now. */
const newestOf = (rows: readonly ItemRow[]): ItemRow | undefined =>
  rows.toSorted((left, right) => (right.lastScannedAtMs ?? 0) - (left.lastScannedAtMs ?? 0))[0];

/** Items have no time but the scanner's: one that is further ahead than clocks go wrong is no scan of these minutes. */
const isItemRowInside = ({ lastScannedAtMs: atMs }: ItemRow, { sinceMs, untilMs }: PullWindow): boolean =>
  atMs !== null && atMs >= sinceMs && atMs <= untilMs + clockSkewMsMax;

/** Whether anything happened to a thing while RFIDpro was read, on either side. */
export const isTouchedInside = (sides: TagSides, window: PullWindow): boolean =>
  (sides.item !== undefined && Date.parse(sides.item.touchedAt) >= window.sinceMs) ||
  sides.scans.some((scan) => isScanInside(scan, window)) ||
  sides.transactions.some((row) => isRowInside(row, window)) ||
  sides.items.some((row) => isItemRowInside(row, window));

const duplicated = ({ tag, items: rows }: TagSides, { itemsOnce }: PullWindow): Found[] =>
  rows.length < 2 || !itemsOnce
    ? []
    : [
        {
          ...{ class: "duplicate", kind: "item", key: tag, tag, fields: [] },
          rfidpro: sideOf({ copies: rows.length, statuses: rows.map(({ status }) => status) }),
          operations: null,
        },
      ];

const itemFound = (sides: TagSides, row: ItemRow | undefined, window: PullWindow): Found[] => {
  const { tag, transactions, item: known } = sides;
  const item = known?.item;
  if (row === undefined)
    return item === undefined || isOurs(item) || !window.itemsComplete ? [] : [missingFromRfid(item)];
  if (item === undefined) return [onlyInRfidpro(tag, row)];
  const lastScanAtMs = item.lastScan === null ? null : Date.parse(item.lastScan.scannedAt);
  return compareItem(tag, row, item, {
    rows: transactions,
    lastScanAtMs,
    isComplete: window.transactionsComplete,
  });
};

/** An item that has to have a status, and has none, agrees with nothing either. */
const isUnreadable = (row: ItemRow): boolean => row.status === null || unreadableOf(row).length > 0;

/** A row of RFIDpro of which not all can be compared: no tag, a scan without type or time, a field that cannot be read. */
export const malformedRow = (kind: "item" | "scan", row: ItemRow | TransactionRow): Found => ({
  ...{
    class: "malformed",
    kind,
    key: row.identity,
    tag: row.tag,
    fields: row.oddities.map(({ field }) => field),
  },
  rfidpro: sideOf({
    name: row.name,
    oddities: row.oddities.map(({ field, code, given }) => `${field}: ${code}: ${given}`),
  }),
  operations: null,
});

/** Rows of the tag that say less than they should. */
const malformedOf = ({ items, transactions }: TagSides): Found[] => [
  ...items.filter(isUnreadable).map((row) => malformedRow("item", row)),
  ...transactions
    .filter((row) => !isScan(row) || unreadableOf(row).length > 0)
    .map((row) => malformedRow("scan", row)),
];

type Around = {
  /** Of a row that cannot be read nobody knows whether it agrees. */
  readonly isReadable: boolean;
  readonly isTouched: boolean;
  readonly quietSinceMs: number | null;
};

const itemWord = (
  { item }: TagSides,
  found: readonly Found[],
  { isReadable, isTouched, quietSinceMs }: Around,
): TagCompared["item"] => {
  if (isReadable && found.every(isOfRfidproAlone)) return "agreed";
  if (isTouched) return "pending";
  if (!isReadable) return "differing";
  return item !== undefined && quietSinceMs !== null && isChangedHereSince(item, quietSinceMs)
    ? "ahead"
    : "differing";
};

/** Compares what both sides have of one tag. */
export const compareTag = (sides: TagSides, window: PullWindow): TagCompared => {
  const row = newestOf(sides.items);
  const ofItem = itemFound(sides, row, window);
  const ofScans = compareScans(sides.transactions, sides.scans, window);
  const isTouched = isTouchedInside(sides, window);
  const item = sides.item?.item;
  // Of what may be missing only because the pull is not whole, nothing is said either way.
  const isReadable = row === undefined || !isUnreadable(row);
  const isTold = row !== undefined || (item !== undefined && !isOurs(item) && window.itemsComplete);
  const ofThing = [...ofItem, ...duplicated(sides, window), ...malformedOf(sides)];
  return {
    found: [...ofThing, ...ofScans.found],
    pending: new Set([...(isTouched ? ofThing : []), ...ofScans.pending]),
    isTouched,
    item: isTold
      ? itemWord(sides, ofItem, { isReadable, isTouched, quietSinceMs: window.quietSinceMs })
      : "none",
    scans: ofScans.counts,
    classes: {
      rfidpro: row?.rentalClass ?? null,
      operations: item === undefined || isOurs(item) ? null : item.class,
    },
  };
};
