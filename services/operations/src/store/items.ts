import { digestText, emptyDigest } from "@tagwire/digest";
import type { Condition, Item, ItemStatus, LastScan, ServiceWork } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

type Row = {
  tag: string;
  class: string;
  name: string | null;
  status: ItemStatus;
  quality: string | null;
  place: string | null;
  contract: string | null;
  notes: string | null;
  version: number;
  pos: number;
  last_fact_at: Date | null;
  last_scan: LastScan | null;
  place_at: Date | null;
  quality_at: Date | null;
  role: string | null;
  condition: Condition | null;
  last_service: ServiceWork | null;
  replaces: string | null;
  replaced_by: string | null;
};

const itemOf = (row: Row): Item => ({
  tag: row.tag,
  class: row.class,
  name: row.name,
  status: row.status,
  quality: row.quality,
  place: row.place,
  contract: row.contract,
  notes: row.notes,
  version: row.version,
  pos: row.pos,
  lastFactAt: row.last_fact_at?.toISOString() ?? null,
  lastScan: row.last_scan,
  placeAt: row.place_at?.toISOString() ?? null,
  qualityAt: row.quality_at?.toISOString() ?? null,
  role: row.role,
  condition: row.condition,
  lastService: row.last_service,
  replaces: row.replaces,
  replacedBy: row.replaced_by,
});

const columns = (sql: Sql) =>
  sql`tag, class, name, status, quality, place, contract, notes, version, pos, last_fact_at, last_scan, place_at, quality_at,
    role, condition, last_service, replaces, replaced_by`;

export const findItem = async (sql: Sql, site: string, tag: string): Promise<Item | undefined> => {
  const [row] = await sql<Row[]>`select ${columns(sql)} from item where site = ${site} and tag = ${tag}`;
  return row === undefined ? undefined : itemOf(row);
};

export const findItems = async (sql: Sql, site: string, tags: readonly string[]): Promise<Item[]> => {
  const rows = await sql<Row[]>`
    select tag, class, name, status, quality, place, contract, notes, version, pos, last_fact_at, last_scan, place_at, quality_at,
      role, condition, last_service, replaces, replaced_by
    from item where site = ${site} and tag = any(${tags as string[]}::text[])`;
  return rows.map(itemOf);
};

/** A page of the tags that items carry, in their order. */
export const listTags = async (
  sql: Sql,
  site: string,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<string[]> => {
  const rows = await sql<{ tag: string }[]>`
    select tag from item where site = ${site} ${after === undefined ? sql`` : sql`and tag > ${after}`}
    order by tag limit ${limit}`;
  return rows.map(({ tag }) => tag);
};

export type ItemQuery = {
  readonly site: string;
  readonly limit: number;
  /** The tag after which to go on. */
  readonly after: string | undefined;
  readonly status?: readonly string[] | undefined;
  readonly class?: string | undefined;
  readonly place?: string | undefined;
  /** Part of a tag, name or class. */
  readonly q?: string | undefined;
};

const likeEscape = (text: string): string => text.replaceAll(/[\\%_]/g, (found) => `\\${found}`);

/** A page of items in the order of their tags; one row more than `limit` says that there is a next page. */
export const listItems = async (sql: Sql, query: ItemQuery): Promise<Item[]> => {
  const pattern = query.q === undefined ? undefined : `%${likeEscape(query.q)}%`;
  const rows = await sql<Row[]>`
    select ${columns(sql)} from item
    where site = ${query.site}
    ${query.after === undefined ? sql`` : sql`and tag > ${query.after}`}
    ${query.status === undefined ? sql`` : sql`and status = any(${query.status as string[]}::text[])`}
    ${query.class === undefined ? sql`` : sql`and class = ${query.class}`}
    ${query.place === undefined ? sql`` : sql`and place = ${query.place}`}
    ${pattern === undefined ? sql`` : sql`and (tag ilike ${pattern} or name ilike ${pattern} or class ilike ${pattern})`}
    order by tag limit ${query.limit + 1}`;
  return rows.map(itemOf);
};

/**
 * The digest of all items of a site at its position, computed by Postgres from the rows themselves: of what the manager holds too,
 * so without positions, last scans and the instants that only decisions need. It reads every row of the site, 200,000 in some
 * seconds, and owes nothing to the digests that are kept.
 */
export const digestItems = async (
  sql: Sql,
  site: string,
): Promise<{ epoch: number; pos: number; digest: string }> => {
  const [row] = await sql<{ epoch: number; pos: number; count: number; sums: string[] | null }[]>`
    select s.epoch, s.pos, d.count, d.sums from site s, lateral (
      select count(*)::int as count,
        array[sum(lanes[1])::text, sum(lanes[2])::text, sum(lanes[3])::text, sum(lanes[4])::text] as sums
      from (
        select tagwire_lanes(tagwire_canonical(tag, class, name, status, quality, place, contract, notes, version::text,
          (extract(epoch from last_fact_at) * 1000000)::bigint::text, role, replaces, replaced_by)) as lanes
        from item where site = s.site
      ) rows
    ) d where s.site = ${site}`;
  if (row === undefined) return { epoch: 0, pos: 0, digest: digestText(emptyDigest) };
  const [a, b, c, d] = (row.sums ?? []).map((sum) => BigInt(sum ?? 0));
  return {
    epoch: row.epoch,
    pos: row.pos,
    digest: digestText({ count: row.count, lanes: [a ?? 0n, b ?? 0n, c ?? 0n, d ?? 0n] }),
  };
};

/** Tags of things on the floor that should be at a place or are of a class, in the order of their tags. */
export const findOnFloor = async (
  sql: Sql,
  query: {
    readonly site: string;
    readonly place: string | undefined;
    readonly class: string | undefined;
    readonly statuses: readonly ItemStatus[];
    readonly limit: number;
  },
): Promise<string[]> => {
  const rows = await sql<{ tag: string }[]>`
    select tag from item
    where site = ${query.site} and status = any(${query.statuses as string[]}::text[])
    ${query.place === undefined ? sql`` : sql`and place = ${query.place}`}
    ${query.class === undefined ? sql`` : sql`and class = ${query.class}`}
    order by tag collate "C" limit ${query.limit}`;
  return rows.map(({ tag }) => tag);
};

/** Tags of a class that wait for their labels, without those that are named, in their order; and how many of them there are. */
export const findUnlabelled = async (
  sql: Sql,
  query: {
    readonly site: string;
    readonly class: string;
    readonly without: readonly string[];
    readonly limit: number;
  },
): Promise<{ readonly tags: string[]; readonly count: number }> => {
  const rows = await sql<{ tag: string; count: number }[]>`
    select tag, (count(*) over ())::int as count from item
    where site = ${query.site} and status = 'provisioned' and class = ${query.class}
      and tag <> all(${query.without as string[]}::text[])
    order by tag collate "C" limit ${query.limit}`;
  return { tags: rows.map(({ tag }) => tag), count: rows[0]?.count ?? 0 };
};

/** Tags of sold things of a class that are still on them, those that were sold longest ago first. */
export const findSold = async (
  sql: Sql,
  query: { readonly site: string; readonly class: string; readonly limit: number },
): Promise<string[]> => {
  const rows = await sql<{ tag: string }[]>`
    select tag from item
    where site = ${query.site} and status = 'sold' and class = ${query.class} and replaced_by is null
    order by pos limit ${query.limit}`;
  return rows.map(({ tag }) => tag);
};
