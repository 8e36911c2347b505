import type { Transaction } from "@tagwire/actor";
import type { Condition, Item, ItemStatus, LastScan, ServiceWork } from "@tagwire/messages";
import type { Step } from "../actors/item-steps.ts";
import type { ChangedItem, KnownStock, KnownTimes, Stock } from "../actors/stock.ts";
import { likeEscape, type Reader, recordset, textArray } from "./rows.ts";

/** An item as it is kept. */
export type ItemRow = {
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
  last_fact_at: string | null;
  last_scan: LastScan | null;
  role: string | null;
  condition: Condition | null;
  last_service: ServiceWork | null;
  replaces: string | null;
  replaced_by: string | null;
  place_at: string | null;
  quality_at: string | null;
};

export const itemOf = (row: ItemRow): Item => ({
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
  lastFactAt: row.last_fact_at,
  lastScan: row.last_scan,
  role: row.role,
  condition: row.condition,
  lastService: row.last_service,
  replaces: row.replaces,
  replacedBy: row.replaced_by,
  placeAt: row.place_at,
  qualityAt: row.quality_at,
});

/** The columns of an item, for a statement that reads it. */
export const itemColumns = (sql: Reader) => sql`
  tag, class, name, status, quality, place, contract, notes, version, pos, last_fact_at, last_scan, role, condition, last_service,
  replaces, replaced_by, place_at, quality_at`;

type Wanted = { readonly site: string; readonly tag: string };
type KnownRow = {
  site: string;
  wanted: string;
  waiting: number | null;
  waiting_since: Date | null;
  free_at: Date | null;
  steps: readonly Step[] | null;
  seen_at: Date | null;
  changed_at: Date | null;
} & {
  [column in keyof ItemRow]: ItemRow[column] | null;
};

const isItem = (row: KnownRow): row is KnownRow & ItemRow & { changed_at: Date } => row.tag !== null;

const nothingYet = () => ({
  items: new Map<string, Item>(),
  times: new Map<string, KnownTimes>(),
  waiting: new Map<string, number>(),
  waitingSince: new Map<string, string>(),
  steps: new Map<string, readonly Step[]>(),
});

/** What is known of some tags: their items, and the scans that wait for them. One statement, whatever their number. */
export const findTags = async (
  sql: Reader,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, KnownStock>> => {
  const known = new Map<string, ReturnType<typeof nothingYet>>();
  for (const { site } of wanted) {
    if (!known.has(site)) known.set(site, nothingYet());
  }
  if (wanted.length === 0) return known;
  // The laterals keep each look-up on its index: a plan made while the tables were still empty would read them whole.
  const rows = await sql<KnownRow[]>`
    select wanted.site, wanted.tag as wanted, quarantine.scans as waiting, quarantine.since as waiting_since,
      item.free_at, item.steps, item.seen_at, item.changed_at,
      item.tag, item.class, item.name, item.status, item.quality, item.place, item.contract, item.notes, item.version,
      item.pos, item.last_fact_at, item.last_scan, item.role, item.condition, item.last_service, item.replaces,
      item.replaced_by, item.place_at, item.quality_at
    from json_to_recordset(${recordset(wanted)}::text::json) as wanted (site text, tag text)
    left join lateral (select * from item where item.site = wanted.site and item.tag = wanted.tag limit 1) item on true
    left join lateral (
      select scans, since from quarantine where quarantine.site = wanted.site and quarantine.tag = wanted.tag limit 1
    ) quarantine on true`;
  for (const row of rows) {
    const site = known.get(row.site);
    if (site === undefined) continue;
    if (row.waiting !== null) site.waiting.set(row.wanted, row.waiting);
    if (row.waiting_since !== null) site.waitingSince.set(row.wanted, row.waiting_since.toISOString());
    if (!isItem(row)) continue;
    site.items.set(row.wanted, itemOf(row));
    if (row.steps !== null) site.steps.set(row.wanted, row.steps);
    site.times.set(row.wanted, { freeAt: row.free_at, seenAt: row.seen_at, changedAt: row.changed_at });
  }
  return known;
};

type ChangedRow = ChangedItem & { readonly site: string; readonly seenAt: string | undefined };

/**
 * Writes items as they are now. Safe to repeat: the row is the whole truth of its item. A column travels as one array, because
 * taking rows out of JSON would cost Postgres as much as writing them.
 */
export const saveItems = async (
  transaction: Transaction,
  changed: ReadonlyMap<string, Stock>,
): Promise<void> => {
  const rows = [...changed].flatMap(([site, { items, seen }]) =>
    [...items.values()].map((row) => ({ ...row, site, seenAt: seen.get(row.item.tag) })),
  );
  if (rows.length === 0) return;
  const column = (of: (row: ChangedRow) => string | null) =>
    transaction`unnest(${textArray(rows.map(of))}::text::text[])`;
  await transaction`
    insert into item (site, tag, class, name, status, quality, place, contract, notes, version, pos, last_fact_at, last_scan, changed_at,
      status_at, free_at, steps, seen_at, role, condition, last_service, replaces, replaced_by, place_at, quality_at)
    select site, tag, class, name, status, quality, place, contract, notes, version::bigint, pos::bigint, last_fact_at,
      last_scan::jsonb, changed_at::timestamptz, status_at::timestamptz, free_at::timestamptz,
      steps::jsonb, seen_at::timestamptz, role, condition::jsonb,
      last_service::jsonb, replaces, replaced_by, place_at, quality_at
    from rows from (
      ${column(({ site }) => site)}, ${column(({ item }) => item.tag)}, ${column(({ item }) => item.class)},
      ${column(({ item }) => item.name)}, ${column(({ item }) => item.status)}, ${column(({ item }) => item.quality)},
      ${column(({ item }) => item.place)}, ${column(({ item }) => item.contract)}, ${column(({ item }) => item.notes)},
      ${column(({ item }) => String(item.version))}, ${column(({ item }) => String(item.pos))},
      ${column(({ item }) => item.lastFactAt)},
      json_array_elements_text(${JSON.stringify(rows.map(({ item }) => item.lastScan))}::text::json),
      ${column(({ changedAt }) => changedAt)}, ${column(({ times }) => times.statusAt ?? null)},
      ${column(({ times }) => times.freeAt ?? null)},
      ${column(({ times }) => (times.steps === undefined ? null : JSON.stringify(times.steps)))},
      ${column(({ seenAt }) => seenAt ?? null)}, ${column(({ item }) => item.role ?? null)},
      json_array_elements_text(${JSON.stringify(rows.map(({ item }) => item.condition ?? null))}::text::json),
      json_array_elements_text(${JSON.stringify(rows.map(({ item }) => item.lastService ?? null))}::text::json),
      ${column(({ item }) => item.replaces ?? null)}, ${column(({ item }) => item.replacedBy ?? null)},
      ${column(({ item }) => item.placeAt ?? null)}, ${column(({ item }) => item.qualityAt ?? null)}
    ) as given (site, tag, class, name, status, quality, place, contract, notes, version, pos, last_fact_at, last_scan, changed_at,
      status_at, free_at, steps, seen_at, role, condition, last_service, replaces, replaced_by, place_at, quality_at)
    on conflict (site, tag) do update set
      class = excluded.class, name = excluded.name, status = excluded.status, quality = excluded.quality,
      place = excluded.place, contract = excluded.contract, notes = excluded.notes, version = excluded.version,
      pos = excluded.pos, last_fact_at = excluded.last_fact_at, last_scan = excluded.last_scan,
      changed_at = excluded.changed_at, status_at = coalesce(excluded.status_at, item.status_at),
      free_at = coalesce(excluded.free_at, item.free_at), steps = coalesce(excluded.steps, item.steps),
      seen_at = greatest(item.seen_at, excluded.seen_at), role = excluded.role, condition = excluded.condition,
      last_service = excluded.last_service, replaces = excluded.replaces, replaced_by = excluded.replaced_by,
      place_at = excluded.place_at, quality_at = excluded.quality_at`;
};

/** Writes when tags were scanned whose item did not change by it. Safe to repeat: the newest instant stays. */
export const saveSeen = async (
  transaction: Transaction,
  changed: ReadonlyMap<string, Stock>,
): Promise<void> => {
  const rows = [...changed].flatMap(([site, { items, seen }]) =>
    [...seen].flatMap(([tag, seenAt]) => (items.has(tag) ? [] : [{ site, tag, seen_at: seenAt }])),
  );
  if (rows.length === 0) return;
  await transaction`
    update item set seen_at = greatest(item.seen_at, given.seen_at)
    from json_to_recordset(${recordset(rows)}::text::json) as given (site text, tag text, seen_at timestamptz)
    where item.site = given.site and item.tag = given.tag`;
};

/** Writes how many scans wait for each tag. Safe to repeat: the number is set, not added. */
export const saveWaiting = async (
  transaction: Transaction,
  changed: ReadonlyMap<string, Stock>,
): Promise<void> => {
  const rows = [...changed].flatMap(([site, { waiting, waitingSince }]) =>
    [...waiting].map(([tag, scans]) => ({ site, tag, scans, since: waitingSince.get(tag) ?? null })),
  );
  const held = rows.filter(({ scans }) => scans > 0);
  const decided = rows.filter(({ scans }) => scans === 0);
  await Promise.all([
    held.length > 0 &&
      transaction`
        insert into quarantine (site, tag, scans, since)
        select site, tag, scans, coalesce(since, now())
        from json_to_recordset(${recordset(held)}::text::json) as given (site text, tag text, scans int, since timestamptz)
        on conflict (site, tag) do update set scans = excluded.scans, since = excluded.since`,
    decided.length > 0 &&
      transaction`
        delete from quarantine
        using json_to_recordset(${recordset(decided)}::text::json) as given (site text, tag text)
        where quarantine.site = given.site and quarantine.tag = given.tag`,
  ]);
};

export type ItemQuery = {
  readonly site: string;
  readonly limit: number;
  /** The tag after which to go on. */
  readonly after?: string | undefined;
  readonly status?: readonly string[] | undefined;
  readonly class?: string | undefined;
  readonly place?: string | undefined;
  readonly tag?: string | undefined;
  /** Part of a tag, name or class, in either case. */
  readonly q?: string | undefined;
};

/** A page of items in the order of their tags. */
export const listItems = async (sql: Reader, query: ItemQuery): Promise<Item[]> => {
  const pattern = query.q === undefined ? undefined : `%${likeEscape(query.q)}%`;
  const rows = await sql<ItemRow[]>`
    select ${itemColumns(sql)} from item
    where site = ${query.site}
    ${query.after === undefined ? sql`` : sql`and tag > ${query.after}`}
    ${query.status === undefined ? sql`` : sql`and status in (select json_array_elements_text(${JSON.stringify(query.status)}::text::json))`}
    ${query.class === undefined ? sql`` : sql`and class = ${query.class}`}
    ${query.place === undefined ? sql`` : sql`and place = ${query.place}`}
    ${query.tag === undefined ? sql`` : sql`and tag = ${query.tag}`}
    ${pattern === undefined ? sql`` : sql`and (tag ilike ${pattern} or name ilike ${pattern} or class ilike ${pattern})`}
    order by tag limit ${query.limit}`;
  return rows.map(itemOf);
};

const readAtOnce = 2_000;

/** All items of a site, a slice at a time, so that a large site neither fills memory nor holds up the process. */
export const readItems = async function* (sql: Transaction, site: string): AsyncGenerator<Item> {
  const slices = sql<ItemRow[]>`
    select ${itemColumns(sql)}
    from item where site = ${site}`.cursor(readAtOnce);
  for await (const rows of slices) for (const row of rows) yield itemOf(row);
};
