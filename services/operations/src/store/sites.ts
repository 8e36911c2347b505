import type { Reader } from "@tagwire/audit";
import { chainStart } from "@tagwire/digest";
import {
  type CreateSite,
  type MigrationStage,
  type Position,
  partitionOf,
  type Site,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

/** Where a site's log ends: what the next turn must find unchanged. */
export type SiteHead = Position & { readonly hash: string; readonly recordedAtMs: number };

type Row = {
  site: string;
  name: string;
  time_zone: string;
  epoch: number;
  pos: number;
  hash: string;
  recorded_at: Date;
  created_at: Date;
  stage: MigrationStage;
};

const siteOf = (row: Row): Site => ({
  id: row.site,
  name: row.name,
  timeZone: row.time_zone,
  epoch: row.epoch,
  pos: row.pos,
  createdAt: row.created_at.toISOString(),
  stage: row.stage,
});

const headOf = ({ epoch, pos, hash, recorded_at }: Row): SiteHead => ({
  epoch,
  pos,
  hash,
  recordedAtMs: recorded_at.getTime(),
});

type MarkedRow = Row & { readonly relayed_epoch: number | null; readonly relayed_pos: number | null };

const relayedOf = (row: MarkedRow): Position => ({
  epoch: row.epoch,
  pos: row.relayed_epoch === row.epoch ? (row.relayed_pos ?? 0) : 0,
});

/** A site, the head of its log, and how far that is known to be in the stream. */
export const findSite = async (
  sql: Sql,
  site: string,
): Promise<{ site: Site; head: SiteHead; relayed: Position } | undefined> => {
  const [row] = await sql<MarkedRow[]>`
    select site.*, mark.epoch as relayed_epoch, mark.pos as relayed_pos
    from site left join relay_mark mark using (site) where site.site = ${site}`;
  return row === undefined ? undefined : { site: siteOf(row), head: headOf(row), relayed: relayedOf(row) };
};

/** Sites whose log has begun, in the order of their ids. */
export const listSites = async (sql: Sql): Promise<Site[]> =>
  (await sql<Row[]>`select * from site where pos > 0 order by site`).map(siteOf);

/** What an owner needs of its sites: their heads, and how far each is known to be in the stream. */
export const sitesOfPartition = async (
  sql: Sql,
  partition: number,
): Promise<{ site: string; head: SiteHead; relayed: Position }[]> => {
  const rows = await sql<MarkedRow[]>`
    select site.*, mark.epoch as relayed_epoch, mark.pos as relayed_pos
    from site left join relay_mark mark using (site) where site.partition = ${partition}`;
  return rows.map((row) => ({ site: row.site, head: headOf(row), relayed: relayedOf(row) }));
};

/** Makes the row of a site whose log has yet to begin; the turn that begins it names it. Repeating it changes nothing. */
export const insertSite = async (sql: Sql, body: CreateSite): Promise<void> => {
  await sql`
    insert into site (site, partition, name, time_zone, epoch, pos, hash)
    values (${body.id}, ${partitionOf(body.id)}, ${body.name}, ${body.timeZone}, 1, 0, ${chainStart})
    on conflict (site) do nothing`;
};

/** Remembers how far each site's events are known to be in the stream; only ever forward within an epoch. */
export const saveRelayMarks = async (sql: Sql, marks: ReadonlyMap<string, Position>): Promise<void> => {
  const rows = [...marks].map(([site, { epoch, pos }]) => ({ site, epoch, pos }));
  await sql`
    insert into relay_mark (site, epoch, pos)
    select site, epoch, pos from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, epoch bigint, pos bigint)
    on conflict (site) do update set epoch = excluded.epoch, pos = excluded.pos
    where (relay_mark.epoch, relay_mark.pos) < (excluded.epoch, excluded.pos)`;
};

/** Where the log of a site ends; undefined for one that was never begun. */
export const positionOf = async (sql: Reader, site: string): Promise<Position | undefined> => {
  const [row] = await sql<Position[]>`select epoch, pos from site where site = ${site}`;
  return row;
};
