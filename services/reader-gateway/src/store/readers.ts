import { type Antenna, type DriverName, partitionOf, type ReaderId, type SiteId } from "@tagwire/messages";
import { reached, type Sql } from "./database.ts";

/** What was decided about a reader. */
export type ReaderSettings = {
  readonly driver: DriverName;
  readonly address: string;
  readonly antennas: readonly Antenna[];
  readonly station: string | null;
};

/** The counters that are in Postgres; they add up among themselves. */
export type SavedCounts = {
  readonly frames: number;
  readonly malformed: number;
  readonly reads: number;
  readonly filtered: number;
  readonly observed: number;
  readonly observations: number;
  readonly accepted: number;
  readonly alreadyApplied: number;
  readonly rejected: number;
  readonly quarantined: number;
};

export type StoredReader = ReaderSettings &
  SavedCounts & {
    readonly number: number;
    readonly site: SiteId;
    readonly id: ReaderId;
    readonly enabled: boolean;
    readonly createdAt: Date;
    readonly ledgerVersion: number;
  };

const columns = (sql: Sql) => sql`
  number, site, id, driver, address, antennas, station, enabled, created_at as "createdAt", ledger_version as "ledgerVersion",
  frames, malformed, reads, filtered, observed, observations, accepted, already_applied as "alreadyApplied", rejected, quarantined`;

export const findOfPartition = (sql: Sql, partition: number): Promise<StoredReader[]> =>
  reached(
    sql<StoredReader[]>`
      select ${columns(sql)} from reader where partition = ${partition} and deleted_at is null order by site, id`,
  );

export const findReader = async (sql: Sql, site: SiteId, id: ReaderId): Promise<StoredReader | undefined> => {
  const [row] = await reached(
    sql<
      StoredReader[]
    >`select ${columns(sql)} from reader where site = ${site} and id = ${id} and deleted_at is null`,
  );
  return row;
};

/** Sites of a partition that have something to send, including those whose readers are deleted. */
export const findSitesWithObservations = async (sql: Sql, partition: number): Promise<SiteId[]> => {
  const rows = await reached(
    sql<{ site: string }[]>`
      select distinct r.site from reader r where r.partition = ${partition}
      and exists (select from observation o where o.reader = r.number)`,
  );
  return rows.map(({ site }) => site);
};

/** Undefined when the id is taken. Safe to repeat: the second time finds the first. */
export const insertReader = async (
  sql: Sql,
  site: SiteId,
  id: ReaderId,
  settings: ReaderSettings,
): Promise<StoredReader | undefined> => {
  const [row] = await reached(
    sql<StoredReader[]>`
      insert into reader (site, partition, id, driver, address, antennas, station)
      values (${site}, ${partitionOf(site)}, ${id}, ${settings.driver}, ${settings.address},
        ${JSON.stringify(settings.antennas)}::text::jsonb, ${settings.station})
      on conflict (site, id) where deleted_at is null do nothing
      returning ${columns(sql)}`,
  );
  return row;
};

/** Sets what is given, so repeating it changes nothing more. */
export const updateSettings = async (sql: Sql, number: number, settings: ReaderSettings): Promise<void> => {
  await reached(sql`
    update reader set driver = ${settings.driver}, address = ${settings.address},
      antennas = ${JSON.stringify(settings.antennas)}::text::jsonb, station = ${settings.station}
    where number = ${number}`);
};

export const updateEnabled = async (sql: Sql, number: number, enabled: boolean): Promise<void> => {
  await reached(sql`update reader set enabled = ${enabled} where number = ${number}`);
};

/** The id is free again at once; the row stays until the last of its observations was taken. */
export const markDeleted = async (sql: Sql, number: number): Promise<void> => {
  await reached(sql`update reader set deleted_at = clock_timestamp() where number = ${number}`);
};

/** Removes deleted readers of a partition that have nothing left to send. Safe to repeat. */
export const removeFinished = async (sql: Sql, partition: number): Promise<void> => {
  await reached(sql`
    delete from reader r where r.partition = ${partition} and r.deleted_at is not null
    and not exists (select from observation o where o.reader = r.number)`);
};
