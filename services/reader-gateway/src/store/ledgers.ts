import type { AntennaTallies } from "../actors/antenna-ledger.ts";
import type { Sql } from "./database.ts";
import type { SavedCounts, StoredReader } from "./readers.ts";

/** The ledger in a reader's row. Every statement that changes the counts raises `version`. */
export type LedgerRow = Omit<SavedCounts, "antennaCounts"> & {
  readonly version: number;
  readonly antennas: AntennaTallies;
};

/** Ledgers by the number of their reader. */
export type LedgerRows = ReadonlyMap<number, LedgerRow>;

/** A ledger as statements give it back, so that all of them speak of the same columns. */
export const ledgerJson = (sql: Sql) => sql`
  json_build_object('number', number, 'version', ledger_version, 'frames', frames, 'malformed', malformed, 'reads', reads,
    'filtered', filtered, 'observed', observed, 'observations', observations, 'accepted', accepted,
    'alreadyApplied', already_applied, 'rejected', rejected, 'quarantined', quarantined, 'antennas', antenna_counts)`;

export const ledgersByNumber = (ledgers: readonly (LedgerRow & { readonly number: number })[]): LedgerRows =>
  new Map(ledgers.map(({ number, ...ledger }) => [number, ledger]));

export const ledgerOf = (stored: StoredReader): LedgerRow => ({
  version: stored.ledgerVersion,
  frames: stored.frames,
  malformed: stored.malformed,
  reads: stored.reads,
  filtered: stored.filtered,
  observed: stored.observed,
  observations: stored.observations,
  accepted: stored.accepted,
  alreadyApplied: stored.alreadyApplied,
  rejected: stored.rejected,
  quarantined: stored.quarantined,
  antennas: stored.antennaCounts,
});

/** Ledgers as they are now; a reader that is not in the answer is gone. */
export const findLedgers = async (sql: Sql, numbers: readonly number[]): Promise<LedgerRows> => {
  const rows = await sql<{ ledger: LedgerRow & { number: number } }[]>`
    select ${ledgerJson(sql)} as ledger from reader where number in ${sql([...numbers])}`;
  return ledgersByNumber(rows.map(({ ledger }) => ledger));
};
