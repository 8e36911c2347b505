import type { Upload } from "../headline/month.ts";
import type { Statuses } from "../headline/truth.ts";

/** A scan as RFIDpro keeps it. There is no id in it that a client could see. */
export type TransactionRow = {
  readonly scan: string;
  readonly tag: string;
  readonly type: string;
  readonly contract: string | null;
  readonly status: string | undefined;
  readonly by: string;
  /** By the scanner's clock. */
  readonly scannedAtMs: number;
  /** When RFIDpro took it. */
  readonly createdAtMs: number;
};

export type MasterRow = {
  readonly tag: string;
  readonly status: string;
  readonly lastScannedAtMs: number | null;
};

/** Rows in one answer at most, whatever is asked for. */
export const rowsPerPageMax = 200;
/** It takes a large session row by row, at so many a second. */
const rowsPerSecond = 58;

/** The rows of an upload, each with the instant at which RFIDpro has it. */
export const rowsOf = ({ act, scans, oldAtMs }: Upload): TransactionRow[] =>
  scans.map(({ id, tag, states }, index) => ({
    ...{ scan: id, tag, status: states, by: act.device, contract: act.scans[index]?.contract ?? null },
    type: act.scans[index]?.type ?? "touch",
    scannedAtMs: act.scans[index]?.scannedAtMs ?? act.happenedAtMs,
    createdAtMs: Math.floor(oldAtMs + ((index + 1) * 1_000) / rowsPerSecond),
  }));

/**
 * RFIDpro as its clients see it. Each row of an upload is added to the transactions, and its status written over that of the item master,
 * whichever was made first: the last upload wins. Pages come in no stated order; an item that was written anew lies behind all others.
 */
export const openRfidpro = (books: Statuses) => {
  const master = new Map<string, MasterRow>(
    [...books].map(([tag, status]) => [tag, { tag, status, lastScannedAtMs: null }]),
  );
  const transactions: TransactionRow[] = [];
  return {
    statusOf: (tag: string): string | undefined => master.get(tag)?.status,
    take: (row: TransactionRow): void => {
      transactions.push(row);
      const before = master.get(row.tag);
      if (before === undefined) return;
      master.delete(row.tag);
      const status = row.status ?? before.status;
      master.set(row.tag, { tag: row.tag, status, lastScannedAtMs: row.scannedAtMs });
    },
    /** Items that were last scanned after an instant, by the clocks of scanners. */
    items: (afterMs: number, offset: number): MasterRow[] =>
      [...master.values()]
        .filter(({ lastScannedAtMs }) => lastScannedAtMs !== null && lastScannedAtMs > afterMs)
        .slice(offset, offset + rowsPerPageMax),
    transactions: (afterMs: number, offset: number): TransactionRow[] =>
      transactions.filter(({ scannedAtMs }) => scannedAtMs > afterMs).slice(offset, offset + rowsPerPageMax),
  };
};
export type Rfidpro = ReturnType<typeof openRfidpro>;
