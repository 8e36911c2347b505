import type { Transaction } from "@tagwire/actor";
import type {
  Day,
  Position,
  PrefetchArm,
  PrefetchItem,
  PrefetchRow,
  PrefetchSource,
} from "@tagwire/messages";
import type { SetBounds, SetItem } from "../actors/prefetch-set.ts";
import { type Reader, recordset, textArray } from "./rows.ts";

/* The sets that devices were handed, row by row, and what they scanned themselves. */

export type DeviceSet = {
  readonly arm: PrefetchArm;
  readonly day: Day;
  readonly sources: readonly PrefetchSource[];
  readonly bounds: SetBounds;
  readonly revision: number;
  /** Rows that went before this revision or in it are no longer known. */
  readonly forgottenRevision: number;
  readonly madeAtMs: number;
};

type DeviceRow = {
  arm: PrefetchArm;
  day: Day;
  sources: PrefetchSource[];
  items_max: number;
  bytes_max: number;
  revision: number;
  forgotten_revision: number;
  made_at: Date;
};

const deviceOf = (row: DeviceRow): DeviceSet => ({
  ...{ arm: row.arm, day: row.day, sources: row.sources },
  bounds: { items: row.items_max, bytes: row.bytes_max },
  ...{ revision: row.revision, forgottenRevision: row.forgotten_revision, madeAtMs: row.made_at.getTime() },
});

/** Begins to keep account of a site's devices, from a position of its log on. Safe to repeat. */
export const beginPrefetching = (
  sql: Reader,
  site: string,
  { epoch, pos }: Position,
): Promise<unknown> => sql`
  insert into prefetch_site (site, epoch, pos) values (${site}, ${epoch}, ${pos}) on conflict do nothing`;

export const isPrefetching = async (sql: Reader, site: string): Promise<boolean> => {
  const rows = await sql`select 1 from prefetch_site where site = ${site}`;
  return rows.length > 0;
};

/** A device's set as it is; undefined when it was never handed one. */
export const findDevice = async (
  sql: Reader,
  site: string,
  device: string,
): Promise<DeviceSet | undefined> => {
  const [row] = await sql<DeviceRow[]>`
    select arm, day::text, sources, items_max, bytes_max, revision, forgotten_revision, made_at
    from prefetch_device where site = ${site} and device = ${device}`;
  return row === undefined ? undefined : deviceOf(row);
};

/** Keeps a device's set for one writer until the transaction commits, also one that is not there yet. */
export const lockDevice = (transaction: Transaction, site: string, device: string): Promise<unknown> =>
  transaction`select pg_advisory_xact_lock(hashtextextended(${`prefetch ${site} ${device}`}, 0))`;

/**
 * Notes which revision a device says that it holds, or with null that it holds none. Says since when it holds any, which nobody's scans
 * from before count for. Safe to repeat.
 */
export const confirmSet = (
  sql: Reader,
  { site, device, revision, at }: { site: string; device: string; revision: number | null; at: Date },
): Promise<unknown> => sql`
  update prefetch_device set confirmed_revision = ${revision},
    confirmed_from = case when ${revision}::bigint is null then null else coalesce(confirmed_from, ${at}) end
  where site = ${site} and device = ${device} and confirmed_revision is distinct from ${revision}::bigint`;

/** Notes the newest report of a device; false when it is not newer than the last one, or the device holds no set. */
export const noteReport = async (
  sql: Reader,
  { site, device, id }: { readonly site: string; readonly device: string; readonly id: string },
): Promise<boolean> => {
  const rows = await sql`
    update prefetch_device set reported = ${id}
    where site = ${site} and device = ${device} and (reported is null or reported < ${id} collate "C") returning 1`;
  return rows.length > 0;
};

/** Forgets the device of a site that asked for nothing for longest, if that was before then. Says whether there was one. */
export const forgetLongestUnseen = async (
  transaction: Transaction,
  site: string,
  before: Date,
): Promise<boolean> => {
  const rows = await transaction`
    delete from prefetch_device where site = ${site} and device = (
      select device from prefetch_device where site = ${site} and made_at < ${before} order by made_at, device limit 1)
    returning 1`;
  return rows.length > 0;
};

export const countDevices = async (sql: Reader, site: string): Promise<number> => {
  const [row] = await sql<{ devices: number }[]>`
    select count(*)::int as devices from prefetch_device where site = ${site}`;
  return row?.devices ?? 0;
};

/** What a device holds now. */
export const listHeld = async (
  sql: Reader,
  site: string,
  device: string,
): Promise<ReadonlyMap<string, Pick<SetItem, "version" | "sources">>> => {
  const rows = await sql<{ tag: string; version: number; sources: PrefetchSource[] }[]>`
    select tag, version::int as version, sources from prefetch_item
    where site = ${site} and device = ${device} and not gone`;
  return new Map(rows.map(({ tag, ...row }) => [tag, row]));
};

export type SetChange = {
  readonly site: string;
  readonly device: string;
  readonly arm: PrefetchArm;
  readonly day: Day;
  readonly sources: readonly PrefetchSource[];
  readonly bounds: SetBounds;
  readonly revision: number;
  readonly at: Date;
  readonly put: readonly SetItem[];
  readonly gone: readonly string[];
};

/**
 * Writes what a device is handed. An item that it holds already stays handed when it was; one whose time was settled is handed anew,
 * whether or not it changed, since the device goes on holding it. What the device holds by its own word is kept while it is told anew, and
 * which sources ever named an item until it was of use.
 */
export const saveSet = async (transaction: Transaction, change: SetChange): Promise<void> => {
  const { site, device, arm, day, bounds, revision, at, put, gone } = change;
  const sources = textArray(change.sources);
  await transaction`
    insert into prefetch_device (site, device, arm, day, sources, items_max, bytes_max, revision, begun_at, made_at)
    values (${site}, ${device}, ${arm}, ${day}::text::date, ${sources}::text::text[], ${bounds.items}, ${bounds.bytes},
      ${revision}, ${at}, ${at})
    on conflict (site, device) do update set arm = excluded.arm, day = excluded.day, sources = excluded.sources,
      items_max = excluded.items_max, bytes_max = excluded.bytes_max, revision = excluded.revision,
      made_at = excluded.made_at`;
  const rows = put.map(({ bytes, ...item }) => ({
    ...{ tag: item.tag, item, version: item.version, status: item.status, contract: item.contract },
    ...{ sources: item.sources, bytes },
  }));
  await Promise.all([
    transaction`
      insert into prefetch_item as held (site, device, tag, revision, put_revision, item, version, status, contract,
        sources, named, bytes, arm, day, handed_at)
      select ${site}, ${device}, tag, ${revision}, ${revision}, item, version, status, contract, named, named, bytes,
        ${arm}, ${day}::text::date, ${at}
      from json_to_recordset(${recordset(rows)}::text::json) as given (
        tag text, item json, version bigint, status text, contract text, sources json, bytes int)
      cross join lateral (select array(select json_array_elements_text(sources)) as named) what
      on conflict (site, device, tag) do update set revision = excluded.revision, gone = false, item = excluded.item,
        version = excluded.version, status = excluded.status, contract = excluded.contract,
        sources = excluded.sources, bytes = excluded.bytes,
        put_revision = case when held.gone then excluded.put_revision else held.put_revision end,
        named = case when held.used_at is not null then held.named
          else array(select distinct unnest(held.named || excluded.sources)) end,
        held = case when held.revision > (select confirmed_revision from prefetch_device where site = ${site} and device = ${device})
          then held.held
          else jsonb_build_object('status', held.status, 'contract', held.contract, 'sources', held.sources) end`,
    transaction`
      update prefetch_item set gone = true, revision = ${revision}
      where site = ${site} and device = ${device} and tag = any(${textArray(gone)}::text::text[])`,
    transaction`
      update prefetch_item set arm = ${arm}, day = ${day}::text::date, handed_at = ${at}, used_at = null, settled = false,
        named = sources
      where site = ${site} and device = ${device} and settled and not gone`,
  ]);
};

/** How large a device's set is. */
export const measureSet = async (
  sql: Reader,
  site: string,
  device: string,
): Promise<{ readonly items: number; readonly bytes: number }> => {
  const [row] = await sql<{ items: number; bytes: number }[]>`
    select count(*)::int as items, coalesce(sum(bytes), 0)::int as bytes from prefetch_item
    where site = ${site} and device = ${device} and not gone`;
  return row ?? { items: 0, bytes: 0 };
};

/** A page of what a device must be told, by tag. Without `since` it is told everything there is. */
export const listChanges = async (
  sql: Reader,
  query: {
    readonly site: string;
    readonly device: string;
    readonly since: number | null;
    readonly after: string;
    readonly limit: number;
  },
): Promise<PrefetchRow[]> => {
  const { site, device, since, after, limit } = query;
  const rows = await sql<{ tag: string; gone: boolean; item: PrefetchItem }[]>`
    select tag, gone, item from prefetch_item
    where site = ${site} and device = ${device} and tag > ${after}
      ${since === null ? sql`and not gone` : sql`and revision > ${since}`}
    order by tag limit ${limit}`;
  return rows.map(({ tag, gone, item }) => (gone ? { tag, gone } : item));
};

export type Recent = { readonly tag: string; readonly atMs: number };

/** What a device scanned itself, the newest first. */
export const listRecents = async (
  sql: Reader,
  query: { readonly site: string; readonly device: string; readonly since: Date; readonly limit: number },
): Promise<Recent[]> => {
  const rows = await sql<{ tag: string; at: Date }[]>`
    select tag, at from prefetch_recent
    where site = ${query.site} and device = ${query.device} and at >= ${query.since}
    order by at desc, tag limit ${query.limit}`;
  return rows.map(({ tag, at }) => ({ tag, atMs: at.getTime() }));
};

export type Mate = { readonly tag: string; readonly chance: number };

/** What is seen with any of some tags at least so often as `chanceMin` says, the likeliest first. */
export const listMates = (
  sql: Reader,
  query: {
    readonly site: string;
    readonly tags: readonly string[];
    readonly chanceMin: number;
    readonly limit: number;
  },
): Promise<Mate[]> => sql<Mate[]>`
  select other as tag, max(chance)::float8 as chance from prefetch_pair
  where site = ${query.site} and tag = any(${textArray(query.tags)}::text::text[]) and chance >= ${query.chanceMin}
  group by other order by chance desc, other limit ${query.limit}`;
