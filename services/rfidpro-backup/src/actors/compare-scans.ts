import { type Found, instantOf, sideOf } from "./found.ts";
import type { OperationsScan } from "./operations-scan.ts";
import type { PullWindow } from "./pull-window.ts";
import type { TransactionRow } from "./rows.ts";
import { clockSkewMsMax, lateUploadMs, scanToleranceMs } from "./tolerances.ts";
import { unreadableOf } from "./unreadable.ts";

/** What RFIDpro calls a touch may be a count or a service scan of ours: its touches are how things enter and leave service. */
const sameType = (theirs: string, ours: string): boolean =>
  theirs === ours || (theirs === "touch" && (ours === "count" || ours === "service"));

/** Its returns name no contract, and ours may say one that the scan did not: only two that are named can differ. */
const sameContract = (theirs: string | null, ours: string | null): boolean =>
  theirs === null || ours === null || theirs === ours;

const rfidproSide = (row: TransactionRow): Record<string, unknown> =>
  sideOf({
    type: row.type,
    scannedAt: instantOf(row.scannedAtMs),
    takenAt: instantOf(row.createdAtMs),
    contract: row.contract,
    status: row.status,
    place: row.place,
    scannedBy: row.scannedBy,
  });

const operationsSide = (scan: OperationsScan): Record<string, unknown> =>
  sideOf({
    id: scan.id,
    type: scan.type,
    scannedAt: instantOf(scan.atMs),
    contract: scan.contract,
    place: scan.place,
    by: scan.by,
  });

export type ScanRow = TransactionRow & {
  readonly tag: string;
  readonly type: string;
  readonly scannedAtMs: number;
};

/** Whether a row says enough to be a scan. A contract that cannot be read is not one that was not said, which goes with any. */
export const isScan = (row: TransactionRow): row is ScanRow =>
  row.tag !== null &&
  row.type !== null &&
  row.scannedAtMs !== null &&
  !unreadableOf(row).includes("contract");

const keyOf = ({
  tag,
  type,
  atMs,
  contract,
}: {
  tag: string;
  type: string;
  atMs: number;
  contract: string | null;
}) => [tag, type, instantOf(atMs), contract ?? ""].join(" ");

const keyOfRow = (row: ScanRow): string =>
  keyOf({ tag: row.tag, type: row.type, atMs: row.scannedAtMs, contract: row.contract });

const of = (
  name: Found["class"],
  { row, scan, fields = [] }: { row?: ScanRow; scan?: OperationsScan; fields?: readonly string[] },
): Found => ({
  class: name,
  kind: "scan",
  key: row === undefined ? keyOf(scan as OperationsScan) : keyOfRow(row),
  tag: row?.tag ?? scan?.tag ?? null,
  fields,
  rfidpro: row === undefined ? null : rfidproSide(row),
  operations: scan === undefined ? null : operationsSide(scan),
});

export const isLate = ({ createdAtMs, scannedAtMs }: ScanRow): boolean =>
  createdAtMs !== null && createdAtMs - scannedAtMs > lateUploadMs;

/** Rows of one tag that say the same of one scan: the first stands for all, and the others are duplicates. */
export const withoutDuplicates = (
  rows: readonly ScanRow[],
): { firsts: ScanRow[]; copies: Map<string, ScanRow[]> } => {
  const firsts = new Map<string, ScanRow>();
  const copies = new Map<string, ScanRow[]>();
  for (const row of rows) {
    const key = keyOfRow(row);
    if (!firsts.has(key)) firsts.set(key, row);
    else copies.set(key, [...(copies.get(key) ?? []), row]);
  }
  return { firsts: [...firsts.values()], copies };
};

/** Where the scans begin that were made at an instant or after it. */
const firstSince = (inTime: readonly OperationsScan[], atMs: number): number => {
  let from = 0;
  let to = inTime.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((inTime[middle]?.atMs ?? atMs) < atMs) from = middle + 1;
    else to = middle;
  }
  return from;
};

type Pair = { readonly row: ScanRow; readonly scan: OperationsScan };

/** Pairs each row with the nearest scan that says the same within so many ms; the nearest pairs first, each scan once. */
const pair = (
  rows: readonly ScanRow[],
  scans: readonly OperationsScan[],
  withinMs: number,
): { pairs: Pair[]; rows: ScanRow[]; scans: OperationsScan[] } => {
  const inTime = scans.toSorted((left, right) => left.atMs - right.atMs);
  const candidates = rows.flatMap((row) => {
    const near: (Pair & { apartMs: number })[] = [];
    for (let index = firstSince(inTime, row.scannedAtMs - withinMs); index < inTime.length; index += 1) {
      const scan = inTime[index];
      if (scan === undefined || scan.atMs > row.scannedAtMs + withinMs) break;
      if (sameType(row.type, scan.type) && sameContract(row.contract, scan.contract))
        near.push({ row, scan, apartMs: Math.abs(row.scannedAtMs - scan.atMs) });
    }
    return near;
  });
  // The same words before the same instant: a touch is a touch before it is a count.
  const rank = ({ row, scan }: Pair) =>
    (row.type === scan.type ? 0 : 1) + (row.contract === scan.contract ? 0 : 1);
  candidates.sort((left, right) => left.apartMs - right.apartMs || rank(left) - rank(right));
  const taken = new Set<ScanRow | OperationsScan>();
  const pairs: Pair[] = [];
  for (const { row, scan } of candidates) {
    if (taken.has(row) || taken.has(scan)) continue;
    taken.add(row).add(scan);
    pairs.push({ row, scan });
  }
  return {
    pairs,
    rows: rows.filter((row) => !taken.has(row)),
    scans: scans.filter((scan) => !taken.has(scan)),
  };
};

export type ScansCompared = {
  readonly found: readonly Found[];
  /** Those of them of which a side had the scan only while RFIDpro was read. */
  readonly pending: ReadonlySet<Found>;
  readonly counts: {
    /** Scans that either side has, each once; duplicates are none. */
    readonly compared: number;
    readonly agreed: number;
    readonly pending: number;
    /** Scans of operations since which RFIDpro has taken none from anybody. */
    readonly ahead: number;
  };
};

/** Whether a row of RFIDpro, or a scan of operations, came while RFIDpro was read. */
export const isRowInside = (row: TransactionRow, { rfidproSinceMs }: PullWindow): boolean =>
  (row.createdAtMs ?? row.scannedAtMs ?? 0) >= rfidproSinceMs;
export const isScanInside = (scan: OperationsScan, { sinceMs }: PullWindow): boolean =>
  scan.happenedAtMs >= sinceMs;

/** Made here, and told here, after RFIDpro had taken its last scan from anybody: it cannot have this one, whoever is right. */
const isAhead = ({ atMs, happenedAtMs }: OperationsScan, { quietSinceMs }: PullWindow): boolean =>
  quietSinceMs !== null && Math.min(atMs, happenedAtMs) > quietSinceMs;

/**
 * The scans of one tag on both sides, by what they say: tag, type, time by the scanner's clock, and contract.
 *
 * What only operations has is told by nothing less than all that RFIDpro has. So is another clock: where rows were not read, the row that
 * belongs to a scan may be one of them, and what stands an hour beside it another scan. Then nothing is said of either.
 */
export const compareScans = (
  given: readonly TransactionRow[],
  scans: readonly OperationsScan[],
  window: PullWindow,
): ScansCompared => {
  const { firsts, copies } = withoutDuplicates(given.filter(isScan));
  const exact = pair(firsts, scans, scanToleranceMs);
  // Who scanned twice in a second did so on both sides: a row that looks like a copy is none where operations has the second scan, too.
  const again = pair([...copies.values()].flat(), exact.scans, scanToleranceMs);
  const skewed = pair(exact.rows, again.scans, clockSkewMsMax);
  const pending = new Set<Found>();
  const told = (one: Found, isPending: boolean): Found => {
    if (isPending) pending.add(one);
    return one;
  };
  const isWhole = window.transactionsComplete;
  const found = [
    ...(isWhole ? skewed.pairs : []).map(({ row, scan }) =>
      told(
        of("clock_skew", { row, scan, fields: ["scannedAt"] }),
        isRowInside(row, window) || isScanInside(scan, window),
      ),
    ),
    ...skewed.rows.map((row) =>
      told(of(isLate(row) ? "late_upload" : "only_in_rfidpro", { row }), isRowInside(row, window)),
    ),
    ...(isWhole ? skewed.scans : []).map((scan) =>
      told(of("only_in_ops", { scan }), isScanInside(scan, window)),
    ),
  ];
  const ahead = isWhole
    ? skewed.scans.filter((scan) => isAhead(scan, window) && !isScanInside(scan, window)).length
    : 0;
  const agreed = exact.pairs.length + again.pairs.length;
  const counts = { agreed, compared: agreed + found.length - ahead, pending: pending.size, ahead };
  // A row that moved while it was read was seen twice and is there once.
  const left = new Map(window.transactionsOnce ? again.rows.map((row) => [keyOfRow(row), row]) : []);
  const duplicates = [...left].map(([key, row]) =>
    told(
      {
        ...of("duplicate", { row }),
        rfidpro: { ...rfidproSide(row), copies: (copies.get(key) ?? []).length + 1 },
      },
      isRowInside(row, window),
    ),
  );
  return { found: [...found, ...duplicates], pending, counts };
};
