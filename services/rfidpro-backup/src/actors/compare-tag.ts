import { compareItem, isOfRfidproAlone, isOurs, missingFromRfid, onlyInRfidpro } from "./compare-item.ts";
import { compareScans, isScan } from "./compare-scans.ts";
import { type Found, sideOf } from "./found.ts";
import type { OperationsItem, OperationsScan } from "./operations-scan.ts";
import type { ItemRow, TransactionRow } from "./rows.ts";
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

/** What of a pull is whole, and since when whatever happens belongs to the next one. */
export type PullWindow = {
  readonly itemsComplete: boolean;
  readonly transactionsComplete: boolean;
  readonly sinceMs: number;
};

export type TagCompared = {
  readonly found: readonly Found[];
  /** Something happened to it while RFIDpro was read: what differs is looked at again by the next run. */
  readonly isPending: boolean;
  readonly item: "agreed" | "differing" | "none";
  readonly scans: { readonly compared: number; readonly agreed: number };
  /** Of the class that a side has it under; null where that side has not got it. */
  readonly classes: { readonly rfidpro: string | null; readonly operations: string | null };
};

/** The row that was scanned last says what RFIDpro knows of the thing now. */
const newestOf = (rows: readonly ItemRow[]): ItemRow | undefined =>
  rows.toSorted((left, right) => (right.lastScannedAtMs ?? 0) - (left.lastScannedAtMs ?? 0))[0];

const hasHappened = ({ item, scans, transactions }: TagSides, { sinceMs }: PullWindow): boolean =>
  (item !== undefined && Date.parse(item.touchedAt) >= sinceMs) ||
  scans.some((scan) => scan.happenedAtMs >= sinceMs) ||
  transactions.some(({ createdAtMs }) => createdAtMs !== null && createdAtMs >= sinceMs);

const duplicated = (tag: string, rows: readonly ItemRow[]): Found[] =>
  rows.length < 2
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

/** Compares what both sides have of one tag. */
export const compareTag = (sides: TagSides, window: PullWindow): TagCompared => {
  const row = newestOf(sides.items);
  const ofItem = itemFound(sides, row, window);
  const ofScans = compareScans(sides.transactions, sides.scans, window.transactionsComplete);
  const item = sides.item?.item;
  // Of what may be missing only because the pull is not whole, nothing is said either way.
  const isAgreed = ofItem.every(isOfRfidproAlone) && !(row !== undefined && isUnreadable(row));
  const isTold = row !== undefined || (item !== undefined && !isOurs(item) && window.itemsComplete);
  return {
    found: [...ofItem, ...duplicated(sides.tag, sides.items), ...malformedOf(sides), ...ofScans.found],
    isPending: hasHappened(sides, window),
    item: !isTold ? "none" : isAgreed ? "agreed" : "differing",
    scans: { compared: ofScans.compared, agreed: ofScans.agreed },
    classes: {
      rfidpro: row?.rentalClass ?? null,
      operations: item === undefined || isOurs(item) ? null : item.class,
    },
  };
};
