import type { Sql } from "@tagwire/store";
import { timed } from "./figure.ts";

/** Rows as the product wrote them, ready to be written again by whoever only has to write. */
export type WrittenRows = {
  readonly events: readonly object[];
  readonly items: readonly object[];
  readonly receipts: readonly object[];
  /** Of each event that moved an item on a contract, where the item stands there. */
  readonly members: readonly object[];
};

export const floorSchema = "bench";
/** Each table that is written again, under its name in the floor's schema. `like` copies neither storage settings nor references. */
const copies = [
  { from: "operations.event", to: "event" },
  { from: "operations.item", to: "item" },
  { from: "operations.receipt", to: "receipt" },
  { from: "operations.contract_member", to: "contract_member" },
  { from: "manager.item", to: "projected" },
] as const;

const copyTable = async (sql: Sql, from: string, to: string): Promise<void> => {
  await sql.unsafe(`create table ${floorSchema}.${to} (like ${from} including all)`);
  const [table] = await sql<{ settings: string | null }[]>`
    select array_to_string(reloptions, ', ') as settings from pg_class where oid = ${from}::regclass`;
  if (table?.settings) await sql.unsafe(`alter table ${floorSchema}.${to} set (${table.settings})`);
  const references = await sql<{ definition: string }[]>`
    select pg_get_constraintdef(oid) as definition from pg_constraint
    where conrelid = ${from}::regclass and contype = 'f'`;
  for (const { definition } of references) {
    const here = definition.replace(/REFERENCES \w+\./, `REFERENCES ${floorSchema}.`);
    await sql.unsafe(`alter table ${floorSchema}.${to} add ${here}`);
  }
};

/**
 * Makes tables like the product's in a schema of our own: the same columns, indexes, checks, storage settings, and the references
 * that the product's tables have, no more and no fewer.
 */
export const prepareFloor = async (sql: Sql): Promise<void> => {
  await sql.unsafe(`drop schema if exists ${floorSchema} cascade; create schema ${floorSchema};
    create table ${floorSchema}.site (site text primary key)`);
  for (const { from, to } of copies) await copyTable(sql, from, to);
};

/** Lets a site into the floor's tables, with its items as they are, so that what follows updates them as the product does. */
export const admitSite = async (sql: Sql, site: string): Promise<void> => {
  await sql`insert into bench.site (site) values (${site}) on conflict do nothing`;
  await sql`insert into bench.item select * from operations.item where site = ${site} on conflict do nothing`;
};

type EventRow = {
  readonly tag: string;
  readonly scan_id: string;
  readonly data: { readonly moves?: unknown };
};

const inOrder = <R extends object>(rows: readonly R[], key: keyof R, keys: readonly unknown[]): R[] => {
  const byKey = new Map(rows.map((row) => [row[key] as unknown, row]));
  return keys.flatMap((one) => byKey.get(one) ?? []);
};

/** The events of scans of a site after a position, and what each of them left in items and receipts. */
export const readWritten = async (sql: Sql, site: string, afterPos: number): Promise<WrittenRows> => {
  const events = await sql<EventRow[]>`
    select * from operations.event where site = ${site} and epoch = 1 and pos > ${afterPos} order by pos`;
  const tags = events.map(({ tag }) => tag);
  const ids = events.map(({ scan_id }) => scan_id);
  const items = await sql<{ tag: string }[]>`
    select * from operations.item where site = ${site} and tag = any(${[...new Set(tags)]}::text[])`;
  const receipts = await sql<{ id: string }[]>`
    select * from operations.receipt where site = ${site} and id = any(${ids}::uuid[])`;
  const members = await sql<{ tag: string }[]>`
    select * from operations.contract_member where site = ${site} and tag = any(${[...new Set(tags)]}::text[])`;
  const moved = events.flatMap(({ tag, data }) => (data.moves === undefined ? [] : tag));
  return {
    events,
    items: inOrder(items, "tag", tags),
    receipts: inOrder(receipts, "id", ids),
    members: inOrder(members, "tag", moved),
  };
};

/** What the first rows of an import left: an event, an item and a receipt for each. */
export const readImported = async (sql: Sql, site: string, limit: number): Promise<WrittenRows> => {
  const events = await sql<EventRow[]>`
    select * from operations.event where site = ${site} and epoch = 1 and pos > 1 order by pos limit ${limit}`;
  const tags = events.map(({ tag }) => tag);
  const items = await sql<{ tag: string }[]>`
    select * from operations.item where site = ${site} and tag = any(${tags}::text[])`;
  const receipts = await sql<object[]>`
    select * from operations.receipt where site = ${site}
    order by (receipt -> 'event' ->> 'pos')::bigint limit ${limit}`;
  return { events, items: inOrder(items, "tag", tags), receipts, members: [] };
};

/** A tag that is scanned twice in a batch has one row in it. */
const once = (rows: readonly object[]): object[] => [...new Set(rows)];

/**
 * Writes one batch as plainly as can be: one statement, one commit, a set-based insert for each table. Nothing is read, decided,
 * hashed, fenced or answered.
 */
const writeBatch = (sql: Sql, { events, items, receipts, members }: WrittenRows): Promise<unknown> => sql`
  with logged as (
    insert into bench.event
    select * from json_populate_recordset(null::bench.event, ${JSON.stringify(events)}::text::json)
  ), kept as (
    insert into bench.item
    select * from json_populate_recordset(null::bench.item, ${JSON.stringify(once(items))}::text::json)
    on conflict (site, tag) do update set class = excluded.class, name = excluded.name, status = excluded.status,
      quality = excluded.quality, place = excluded.place, contract = excluded.contract, notes = excluded.notes,
      version = excluded.version, pos = excluded.pos, last_fact_at = excluded.last_fact_at, last_scan = excluded.last_scan,
      place_at = excluded.place_at, quality_at = excluded.quality_at, role = excluded.role, condition = excluded.condition,
      replaces = excluded.replaces, replaced_by = excluded.replaced_by
  ), stood as (
    insert into bench.contract_member
    select * from json_populate_recordset(null::bench.contract_member, ${JSON.stringify(once(members))}::text::json)
    on conflict (site, contract, tag) do update set class = excluded.class, state = excluded.state, out_at = excluded.out_at,
      back_at = excluded.back_at, pos = excluded.pos
  )
  insert into bench.receipt
  select * from json_populate_recordset(null::bench.receipt, ${JSON.stringify(receipts)}::text::json)`;

/** Each event that moved an item has one member, in the order of the events. */
const membersOf = ({ events, members }: WrittenRows, from: number, to: number): readonly object[] => {
  const moves = (some: readonly object[]) =>
    some.filter((event) => (event as EventRow).data.moves !== undefined).length;
  const before = moves(events.slice(0, from));
  return members.slice(before, before + moves(events.slice(from, to)));
};

/** Writes rows in batches of so many events, one after the other. */
export const writeAgain = async (sql: Sql, rows: WrittenRows, batch: number): Promise<void> => {
  for (let from = 0; from < rows.events.length; from += batch) {
    const to = from + batch;
    await writeBatch(sql, {
      events: rows.events.slice(from, to),
      items: rows.items.slice(from, to),
      receipts: rows.receipts.slice(from, to),
      members: membersOf(rows, from, to),
    });
  }
};

/** What a floor tries: nobody knows beforehand how many rows in a statement this machine likes best. */
const batchSizes = [250, 500, 1_000, 2_000, 5_000] as const;

/**
 * The size of batch in which these rows are written fastest. Each size begins with empty tables; the rows of the last one stay, as
 * those of a first round do.
 */
export const findBestBatch = async (sql: Sql, rows: WrittenRows): Promise<number> => {
  const tries: { readonly batch: number; readonly ms: number }[] = [];
  for (const batch of batchSizes) {
    await sql`truncate bench.event, bench.receipt`;
    tries.push({ batch, ms: await timed(() => writeAgain(sql, rows, batch)) });
  }
  return tries.reduce((best, one) => (one.ms < best.ms ? one : best)).batch;
};

/** Commits one event alone, as plainly as can be. `pos` has to be a new one. */
export const commitOne = (sql: Sql, site: string, pos: number): Promise<unknown> => sql`
  insert into bench.event (site, epoch, pos, id, type, tag, contract, session, scan_id, scanned_at, received_at, recorded_at,
    by, traceparent, data, prev_hash, hash)
  values (${site}, 1, ${pos}, '0198c0de-0000-7000-8000-000000000000', 'item.sighted.v1', 'E28011606000000000000000', 'C-4711', null,
    '0198c0de-0000-7000-8000-000000000001', now(), now(), now(), ${JSON.stringify({ device: "bench" })}::text::jsonb,
    '00-0123456789abcdef0123456789abcdef-0123456789abcdef-00',
    ${JSON.stringify({ set: { lastScan: { type: "touch", place: "gate-1", by: { device: "bench" } }, place: "gate-1" }, version: 7, outcome: "accepted", flags: [], scan: { type: "touch", place: "gate-1" } })}::text::jsonb,
    ${"0".repeat(64)}, ${"f".repeat(64)})`;
