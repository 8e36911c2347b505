import {
  type Antenna,
  type DriverName,
  type PastFault,
  partitionOf,
  type ReaderId,
  type ReaderLogin,
  type ReaderRegion,
  type ReadRules,
  type SiteId,
} from "@tagwire/messages";
import type { AntennaTallies } from "../actors/antenna-ledger.ts";
import { reached, type Sql } from "./database.ts";
import { noted, type SettingsNote } from "./settings-notes.ts";

/** What was decided about a reader. */
export type ReaderSettings = {
  readonly driver: DriverName;
  /** Empty for a reader that comes to us. */
  readonly address: string;
  readonly login?: ReaderLogin | null;
  readonly antennas: readonly Antenna[];
  readonly station: string | null;
  readonly rules?: ReadRules;
  readonly region?: ReaderRegion | null;
  readonly session?: number | null;
};

/** The counters that are in Postgres; they add up among themselves. */
export type SavedCounts = {
  /** Columns by antenna port: see `migrations.ts`. */
  readonly antennaCounts: AntennaTallies;
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
    /** SHA-256 of its own key, in hex. */
    readonly keyHash?: string | null;
    readonly keyMadeAt?: Date | null;
    readonly createdAt: Date;
    readonly ledgerVersion: number;
    readonly lastReadAt?: Date | null;
    /** The newest first. */
    readonly pastFaults?: readonly PastFault[];
  };

const columns = (sql: Sql) => sql`
  number, site, id, driver, address, antennas, station, rules, region, session, login, enabled, key_hash as "keyHash", key_made_at as "keyMadeAt", created_at as "createdAt", ledger_version as "ledgerVersion",
  frames, malformed, reads, filtered, observed, observations, accepted, already_applied as "alreadyApplied", rejected, quarantined,
  antenna_counts as "antennaCounts", last_read_at as "lastReadAt", past_faults as "pastFaults"`;

const loginText = ({ login }: ReaderSettings): string | null =>
  login === undefined || login === null ? null : JSON.stringify(login);

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
  { site, id }: { readonly site: SiteId; readonly id: ReaderId },
  settings: ReaderSettings,
  note: SettingsNote,
): Promise<StoredReader | undefined> => {
  const [row] = await reached(
    sql<StoredReader[]>`
      with changed as (
        insert into reader (site, partition, id, driver, address, antennas, station, rules, region, session, login)
        values (${site}, ${partitionOf(site)}, ${id}, ${settings.driver}, ${settings.address},
          ${JSON.stringify(settings.antennas)}::text::jsonb, ${settings.station}, ${JSON.stringify(settings.rules ?? {})}::text::jsonb,
          ${settings.region ?? null}, ${settings.session ?? null}, ${loginText(settings)}::text::jsonb)
        on conflict (site, id) where deleted_at is null do nothing
        returning *
      ), ${noted(sql, site, note)}
      select ${columns(sql)} from changed`,
  );
  return row;
};

/** A stored reader, and the note of what is done to it. */
export type Noted = { readonly site: SiteId; readonly number: number; readonly note: SettingsNote };

/** Sets what is given, so repeating it changes nothing more. */
export const updateSettings = async (
  sql: Sql,
  { site, number, note }: Noted,
  settings: ReaderSettings,
): Promise<void> => {
  await reached(sql`
    with changed as (
      update reader set driver = ${settings.driver}, address = ${settings.address},
        antennas = ${JSON.stringify(settings.antennas)}::text::jsonb, station = ${settings.station},
        rules = ${JSON.stringify(settings.rules ?? {})}::text::jsonb,
        region = ${settings.region ?? null}, session = ${settings.session ?? null},
        login = ${loginText(settings)}::text::jsonb
      where number = ${number}
      returning number
    ), ${noted(sql, site, note)}
    select from changed`);
};

export const updateEnabled = async (
  sql: Sql,
  { site, number, note }: Noted,
  enabled: boolean,
): Promise<void> => {
  await reached(sql`
    with changed as (
      update reader set enabled = ${enabled} where number = ${number} and enabled <> ${enabled} returning number
    ), ${noted(sql, site, note)}
    select from changed`);
};

/** Keeps the hash of a reader's key, or none: sets what is given. False when there is no such reader any more. */
export const updateKey = async (
  sql: Sql,
  { site, number, note }: Noted,
  key: { readonly hash: string; readonly madeAt: Date } | undefined,
): Promise<boolean> => {
  const rows = await reached(sql`
    with changed as (
      update reader set key_hash = ${key?.hash ?? null}, key_made_at = ${key?.madeAt ?? null}
      where number = ${number} and deleted_at is null
      returning number
    ), ${noted(sql, site, note)}
    select number from changed`);
  return rows.length > 0;
};

/** The id is free again at once; the row stays until the last of its observations was taken. */
export const markDeleted = async (sql: Sql, { site, number, note }: Noted): Promise<void> => {
  await reached(sql`
    with changed as (
      update reader set deleted_at = clock_timestamp() where number = ${number} and deleted_at is null returning number
    ), ${noted(sql, site, note)}
    select from changed`);
};

/** Removes deleted readers of a partition that have nothing left to send. Safe to repeat. */
export const removeFinished = async (sql: Sql, partition: number): Promise<void> => {
  await reached(sql`
    delete from reader r where r.partition = ${partition} and r.deleted_at is not null
    and not exists (select from observation o where o.reader = r.number)`);
};
