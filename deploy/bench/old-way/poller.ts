import type { Statuses } from "../headline/truth.ts";
import { type Rfidpro, rowsPerPageMax } from "./rfidpro.ts";
import type { Wire } from "./wire.ts";

/** Nobody wrote down how often it polled: with this interval it leaves as many sessions behind as it did in the real house. */
export const pollEveryMs = 1_200_000;
/** The token was renewed after this long, though it holds for an hour. */
const tokenRenewedMs = 1_800_000;
/** From asking for one page to asking for the next. */
const pageMs = 1_000;

/** Something that goes on in virtual time: each step says when the next one is. */
export type Step = {
  readonly atMs: number;
  /** It is part of a refresh that has begun, so that the copy is half of one and half of another. */
  readonly isWithin: boolean;
  readonly run: () => Step | undefined;
};

/**
 * The old program's refresh. It asks for everything that was scanned since the refresh before it began, by one mark for both data sets, page by
 * page until one is not full; it writes each item over what it has, and adds each transaction without looking whether it is there.
 *
 * It never fails here, though the real one took a failure for no news: this is the old way at its best.
 */
export const openPoller = (rfidpro: Rfidpro, wire: Wire, books: Statuses) => {
  const statuses = new Map(books);
  /** When each scan was first seen, and how many rows say it. */
  const seen = new Map<string, { readonly atMs: number; rows: number }>();
  let loggedInMs = Number.NEGATIVE_INFINITY;

  const copyItems = (afterMs: number, offset: number): number => {
    const rows = rfidpro.items(afterMs, offset);
    wire.itemPage(rows);
    for (const { tag, status } of rows) statuses.set(tag, status);
    return rows.length;
  };

  const copyTransactions = (afterMs: number, offset: number, nowMs: number): number => {
    const rows = rfidpro.transactions(afterMs, offset);
    wire.transactionPage(rows);
    for (const { scan } of rows) {
      const before = seen.get(scan);
      if (before === undefined) seen.set(scan, { atMs: nowMs, rows: 1 });
      else before.rows += 1;
    }
    return rows.length;
  };

  const transactionsFrom = (atMs: number, offset: number, poll: { began: number; mark: number }): Step => ({
    ...{ atMs, isWithin: true },
    run: () =>
      copyTransactions(poll.mark, offset, atMs) < rowsPerPageMax
        ? pollAt(poll.began + pollEveryMs, poll.began, atMs + pageMs)
        : transactionsFrom(atMs + pageMs, offset + rowsPerPageMax, poll),
  });
  const itemsFrom = (atMs: number, offset: number, poll: { began: number; mark: number }): Step => ({
    ...{ atMs, isWithin: true },
    run: () =>
      copyItems(poll.mark, offset) < rowsPerPageMax
        ? transactionsFrom(atMs + pageMs, 0, poll)
        : itemsFrom(atMs + pageMs, offset + rowsPerPageMax, poll),
  });
  const pollAt = (atMs: number, mark: number, earliestMs = atMs): Step => {
    const began = Math.max(atMs, earliestMs);
    return {
      ...{ atMs: began, isWithin: false },
      run: () => {
        if (began - loggedInMs >= tokenRenewedMs) {
          wire.login();
          loggedInMs = began;
        }
        return itemsFrom(began, 0, { began, mark });
      },
    };
  };

  return {
    statuses: statuses as Statuses,
    seen: seen as ReadonlyMap<string, { readonly atMs: number; readonly rows: number }>,
    /** Its first step, when the month begins. */
    begin: (startMs: number): Step => pollAt(startMs + pollEveryMs, startMs),
  };
};
