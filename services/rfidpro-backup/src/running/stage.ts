import type { RfidproDataset } from "@tagwire/messages";
import { inTransaction, type Sql, type Transaction } from "@tagwire/store";
import { normalise } from "../actors/normalise.ts";
import { identityOf, naturalKeyOf } from "../actors/row-identity.ts";
import type { PulledPage, RawRow } from "../actors/rows.ts";
import { addPage } from "../store/pulled-pages.ts";
import { holdOwned } from "../store/runs.ts";
import { findTaken, forgetSomeRows, type StagedRow, stageRows } from "../store/staged-rows.ts";

/** What the rows of a data set are staged for. */
export type Staging = {
  readonly sql: Sql;
  readonly site: string;
  readonly run: string;
  readonly dataset: RfidproDataset;
  readonly timeZone: string;
  /** Who carries the run out. */
  readonly owner: string;
};

/** The last number that is taken, of numbers that are taken from 1 on without a gap: looked for by doubling, since a stranger may send one row for ever. */
const lastTaken = async (isTaken: (number: number) => Promise<boolean>): Promise<number> => {
  let taken = 1;
  let free = 2;
  for (; await isTaken(free); free *= 2) taken = free;
  while (free - taken > 1) {
    const middle = (taken + free) >> 1;
    if (await isTaken(middle)) taken = middle;
    else free = middle;
  }
  return taken;
};

/**
 * Numbers the rows of a page among those of the run that have a natural key in common. What came before is asked of the store, so that
 * nothing grows in memory with the size of a pull; hardly any row has a copy, so that this is one question a page.
 */
const occurrencesOf = async (
  { sql, run, dataset }: Staging,
  rows: readonly RawRow[],
): Promise<readonly number[]> => {
  const keys = rows.map((row) => naturalKeyOf(dataset, row));
  const next = new Map<string, number>();
  const takenOf = (identities: readonly string[]) => findTaken(sql, { run, dataset }, identities);
  const asked = [...new Set(keys)];
  const first = await takenOf(asked.map((key) => identityOf(key, 1)));
  for (const key of asked) {
    const isTaken = async (number: number): Promise<boolean> =>
      (await takenOf([identityOf(key, number)])).size > 0;
    next.set(key, first.has(identityOf(key, 1)) ? (await lastTaken(isTaken)) + 1 : 1);
  }
  return keys.map((key) => {
    const occurrence = next.get(key) ?? 1;
    next.set(key, occurrence + 1);
    return occurrence;
  });
};

/** From where a data set goes on that another process has begun. */
export type StagedSoFar = { readonly pass: number; readonly rows: number; readonly pages: number };

/**
 * Stages the pages of a data set as they come, each with its rows in one transaction, so that whoever goes on with the run finds both or
 * neither. A new pass makes what the passes before it brought void; their answers are kept for the archive.
 *
 * @throws Fault `lease.lost` where the run is another's by then: two processes never mix their pages
 */
export const openStaging = (
  staging: Staging,
  from: StagedSoFar = { pass: 0, rows: 0, pages: 0 },
): { readonly page: (page: PulledPage) => Promise<void> } => {
  const { sql, dataset, timeZone } = staging;
  let { pass, rows: seq, pages } = from;
  const owned = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    inTransaction(sql, async (transaction) => {
      await holdOwned(transaction, staging.run, staging.owner);
      return work(transaction);
    });
  return {
    page: async (page) => {
      if (page.pass !== pass) {
        while ((await owned((transaction) => forgetSomeRows(transaction, staging))) > 0);
        pass = page.pass;
        seq = 0;
      }
      const occurrences = await occurrencesOf(staging, page.rows);
      const rows = page.rows.map(
        (raw, index): StagedRow => ({
          seq: seq + index,
          row: normalise(dataset, raw, { timeZone, occurrence: occurrences[index] ?? 1 }),
        }),
      );
      await owned(async (transaction) => {
        await addPage(transaction, staging, pages, page);
        await stageRows(transaction, staging, rows);
      });
      seq += rows.length;
      pages += 1;
    },
  };
};
