import type { Transaction } from "@tagwire/actor";
import type { Day, Position, PrefetchArm, PrefetchSource } from "@tagwire/messages";
import { type Deed, type DeedDay, deedDays } from "../actors/prefetch-deed.ts";
import type { HeldItem } from "../actors/prefetch-lookup.ts";
import { type SourceTally, sumTallies } from "../actors/prefetch-tally.ts";
import type { DeviceDay } from "../actors/prefetch-worth.ts";
import type { Pair } from "./prefetch-candidates.ts";
import { type Reader, recordset } from "./rows.ts";

/* What became of what devices were handed: read from the log behind a cursor of its own, and counted by device and day. */

export type Followed = {
  readonly site: string;
  readonly position: Position;
  readonly joinedAt: Date | null;
  /** Everything that was recorded up to here is counted; null before anything was. */
  readonly countedAt: Date | null;
};

/** The sites of which some device was handed a set, and how far their logs were read. */
export const listFollowed = async (sql: Reader): Promise<Followed[]> => {
  type Row = { site: string; epoch: number; pos: number; joined_at: Date | null; counted_at: Date | null };
  const rows = await sql<Row[]>`
    select site, epoch, pos, joined_at, counted_at from prefetch_site order by site`;
  return rows.map(({ site, epoch, pos, joined_at, counted_at }) => ({
    site,
    position: { epoch, pos },
    joinedAt: joined_at,
    countedAt: counted_at,
  }));
};

/** False when the cursor is not where it was thought to be: then another page comes next. */
export const advance = async (
  transaction: Transaction,
  site: string,
  { from, to, countedAt }: { readonly from: Position; readonly to: Position; readonly countedAt: Date },
): Promise<boolean> => {
  const rows = await transaction`
    update prefetch_site set epoch = ${to.epoch}, pos = ${to.pos}, counted_at = ${countedAt}
    where site = ${site} and epoch = ${from.epoch} and pos = ${from.pos} returning 1`;
  return rows.length > 0;
};

export type Scanned = { readonly device: string; readonly tag: string; readonly atMs: number };

/** Remembers what devices scanned, each item once under its newest scan. Safe to repeat. */
export const addRecents = (
  transaction: Transaction,
  site: string,
  scanned: readonly Scanned[],
): Promise<unknown> => {
  const newest = new Map<string, Scanned>();
  for (const scan of scanned) {
    const key = JSON.stringify([scan.device, scan.tag]);
    if ((newest.get(key)?.atMs ?? 0) <= scan.atMs) newest.set(key, scan);
  }
  const rows = [...newest.values()].map(({ atMs, ...row }) => ({ ...row, at: new Date(atMs).toISOString() }));
  return transaction`
    insert into prefetch_recent (site, device, tag, at)
    select ${site}, device, tag, at from json_to_recordset(${recordset(rows)}::text::json) as given (
      device text, tag text, at timestamptz)
    on conflict (site, device, tag) do update set at = greatest(prefetch_recent.at, excluded.at)`;
};

/** Counts what devices did that contracts foretell, by days of UTC. Whoever calls makes sure that it happens once. */
export const addDeeds = async (
  transaction: Transaction,
  site: string,
  scanned: readonly (Pick<Scanned, "device" | "atMs"> & { readonly deed: Deed | undefined })[],
): Promise<void> => {
  const counted = new Map<string, DeedDay>();
  for (const { device, deed, atMs } of scanned) {
    if (deed === undefined) continue;
    const day = new Date(atMs).toISOString().slice(0, 10);
    const key = JSON.stringify([device, deed, day]);
    counted.set(key, { device, deed, day, scans: (counted.get(key)?.scans ?? 0) + 1 });
  }
  if (counted.size === 0) return;
  await transaction`
    insert into prefetch_deed as kept (site, device, deed, day, scans)
    select ${site}, device, deed, day, scans
    from json_to_recordset(${recordset([...counted.values()])}::text::json) as given (
      device text, deed text, day date, scans int)
    on conflict (site, day, device, deed) do update set scans = kept.scans + excluded.scans`;
};

/** What the devices of a site did in the days up to one. */
export const listDeeds = (sql: Reader, site: string, today: Day): Promise<DeedDay[]> => sql<DeedDay[]>`
  select device, deed, day::text, scans from prefetch_deed
  where site = ${site} and day > ${today}::text::date - ${deedDays}::int and day <= ${today}::text::date + 1`;

export type Account = {
  readonly device: string;
  readonly arm: PrefetchArm;
  readonly day: Day;
  readonly sources: readonly PrefetchSource[];
  /** Since when it holds a set, by its own word. */
  readonly confirmedFromMs: number;
};

/** The devices of a site that said which set they hold, and under which arm, day and sources their scans count. */
export const listAccounts = async (sql: Reader, site: string): Promise<Account[]> => {
  type Row = Omit<Account, "confirmedFromMs"> & { confirmed_from: Date };
  const rows = await sql<Row[]>`
    select device, arm, day::text, sources, confirmed_from from prefetch_device
    where site = ${site} and confirmed_revision is not null`;
  return rows.map(({ confirmed_from, ...row }) => ({ ...row, confirmedFromMs: confirmed_from.getTime() }));
};

const pairKey = (device: string, tag: string): string => JSON.stringify([device, tag]);

/**
 * What devices hold of what they scanned, by the revision that each said it holds: what was handed over since is not held yet, what was
 * taken away since still is, and of what was handed anew they show what it was before.
 */
export const findHeld = async (
  sql: Reader,
  site: string,
  wanted: readonly Pick<Scanned, "device" | "tag">[],
): Promise<(device: string, tag: string) => HeldItem | undefined> => {
  type Row = Omit<HeldItem, "handedAtMs"> & { device: string; tag: string; handed_at: Date };
  const rows = await sql<Row[]>`
    select distinct on (held.device, held.tag) held.device, held.tag, held.handed_at,
      case when is_new then held.held->>'status' else held.status end as status,
      case when is_new then held.held->>'contract' else held.contract end as contract,
      case when is_new then array(select jsonb_array_elements_text(held.held->'sources')) else held.sources end as sources
    from json_to_recordset(${recordset(wanted.map(({ device, tag }) => ({ device, tag })))}::text::json) as wanted (
      device text, tag text)
    join prefetch_device device on device.site = ${site} and device.device = wanted.device
    join prefetch_item held on held.site = device.site and held.device = device.device and held.tag = wanted.tag
    cross join lateral (select held.revision > device.confirmed_revision and held.held is not null as is_new) what
    where held.put_revision <= device.confirmed_revision
      and (not held.gone or held.revision > device.confirmed_revision)`;
  const known = new Map(
    rows.map(({ device, tag, handed_at, ...held }) => [
      pairKey(device, tag),
      { ...held, handedAtMs: handed_at.getTime() },
    ]),
  );
  return (device, tag) => known.get(pairKey(device, tag));
};

/** Notes which of what devices hold was of use, under the first scan of it. Safe to repeat. */
export const markUsed = (
  transaction: Transaction,
  site: string,
  used: readonly Scanned[],
): Promise<unknown> => {
  const rows = used.map(({ atMs, ...row }) => ({ ...row, at: new Date(atMs).toISOString() }));
  return transaction`
    update prefetch_item held set used_at = coalesce(held.used_at, given.at)
    from json_to_recordset(${recordset(rows)}::text::json) as given (device text, tag text, at timestamptz)
    where held.site = ${site} and held.device = given.device and held.tag = given.tag and not held.settled`;
};

export type DayTally = DeviceDay & { readonly day: Day };

type DayRow = {
  device: string;
  day: Day;
  arm: PrefetchArm;
  lookups: number;
  hits: number;
  stale: number;
  offline_lookups: number;
  offline_misses: number;
  prefetched: number;
  used: number;
  waste_bytes: number;
  by_source: Partial<Record<PrefetchSource, SourceTally>>;
};

const tallyOf = (row: DayRow): DayTally => ({
  ...{
    device: row.device,
    day: row.day,
    arm: row.arm,
    lookups: row.lookups,
    hits: row.hits,
    stale: row.stale,
  },
  ...{ offlineLookups: row.offline_lookups, offlineMisses: row.offline_misses },
  ...{ prefetched: row.prefetched, used: row.used, wasteBytes: row.waste_bytes, bySource: row.by_source },
});

const addSources = (left: DeviceDay["bySource"], right: DeviceDay["bySource"]): DeviceDay["bySource"] => {
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])] as PrefetchSource[];
  return Object.fromEntries(
    names.map((name): [PrefetchSource, SourceTally] => [
      name,
      sumTallies([left[name] ?? {}, right[name] ?? {}]),
    ]),
  );
};

/** Adds counts to the days of devices. Whoever calls makes sure that it happens once. */
export const addToDays = async (
  transaction: Transaction,
  site: string,
  added: readonly DayTally[],
): Promise<void> => {
  if (added.length === 0) return;
  const rows = added.map((one) => ({
    ...{
      device: one.device,
      day: one.day,
      arm: one.arm,
      lookups: one.lookups,
      hits: one.hits,
      stale: one.stale,
    },
    ...{ offline_lookups: one.offlineLookups, offline_misses: one.offlineMisses },
    ...{ prefetched: one.prefetched, used: one.used, waste_bytes: one.wasteBytes },
  }));
  const written = await transaction<DayRow[]>`
    insert into prefetch_day as kept (site, device, day, arm, lookups, hits, stale, offline_lookups, offline_misses,
      prefetched, used, waste_bytes)
    select ${site}, device, day, arm, lookups, hits, stale, offline_lookups, offline_misses, prefetched, used, waste_bytes
    from json_to_recordset(${recordset(rows)}::text::json) as given (
      device text, day date, arm text, lookups int, hits int, stale int, offline_lookups int, offline_misses int,
      prefetched int, used int, waste_bytes bigint)
    on conflict (site, day, device, arm) do update set
      lookups = kept.lookups + excluded.lookups, hits = kept.hits + excluded.hits, stale = kept.stale + excluded.stale,
      offline_lookups = kept.offline_lookups + excluded.offline_lookups,
      offline_misses = kept.offline_misses + excluded.offline_misses,
      prefetched = kept.prefetched + excluded.prefetched, used = kept.used + excluded.used,
      waste_bytes = kept.waste_bytes + excluded.waste_bytes
    returning device, day::text, arm, by_source`;
  const keyOf = ({ device, day, arm }: Pick<DayRow, "device" | "day" | "arm">) =>
    JSON.stringify([device, day, arm]);
  const known = new Map(written.map((row) => [keyOf(row), row.by_source]));
  const sources = added.map((one) => ({
    ...{ device: one.device, day: one.day, arm: one.arm },
    by_source: addSources(known.get(keyOf(one)) ?? {}, one.bySource),
  }));
  await transaction`
    update prefetch_day set by_source = given.by_source
    from json_to_recordset(${recordset(sources)}::text::json) as given (
      device text, day date, arm text, by_source jsonb)
    where site = ${site} and prefetch_day.device = given.device and prefetch_day.day = given.day
      and prefetch_day.arm = given.arm`;
};

export const listDays = async (
  sql: Reader,
  site: string,
  { from, to }: { readonly from: Day; readonly to: Day },
): Promise<DayTally[]> => {
  const rows = await sql<DayRow[]>`
    select device, day::text, arm, lookups, hits, stale, offline_lookups, offline_misses, prefetched, used,
      waste_bytes, by_source
    from prefetch_day where site = ${site} and day between ${from}::text::date and ${to}::text::date`;
  return rows.map(tallyOf);
};

export type Settled = {
  readonly site: string;
  readonly device: string;
  readonly arm: PrefetchArm;
  readonly day: Day;
  readonly sources: readonly PrefetchSource[];
  readonly isUsed: boolean;
  readonly bytes: number;
};

/**
 * Takes items whose time is over, at most so many, and gives what became of those that the device said it holds. Each is given once.
 * Which sources named an item is told as of when it was first of use: what was scanned is recent then, and nobody foretold that.
 */
export const settleItems = async (
  transaction: Transaction,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<{ readonly taken: number; readonly settled: Settled[] }> => {
  type Row = Omit<Settled, "isUsed"> & { used: boolean; held: boolean };
  const rows = await transaction<Row[]>`
    update prefetch_item held set settled = true
    from (
      select site, device, tag from prefetch_item where not settled and handed_at < ${before}
      order by handed_at limit ${limit} for update skip locked
    ) over_now
    where held.site = over_now.site and held.device = over_now.device and held.tag = over_now.tag
    returning held.site, held.device, held.arm, held.day::text, held.named as sources, held.bytes,
      held.used_at is not null as used, exists (select 1 from prefetch_device device
        where device.site = held.site and device.device = held.device
          and device.confirmed_revision >= held.put_revision) as held`;
  const settled = rows.flatMap(({ used, held, ...row }) => (held ? [{ ...row, isUsed: used }] : []));
  return { taken: rows.length, settled };
};

/** Forgets what no device holds and nobody counts any more, and what is too old to be looked at. */
export const forgetPrefetched = async (
  transaction: Transaction,
  { recentsBefore, devicesBefore, daysBefore }: { recentsBefore: Date; devicesBefore: Date; daysBefore: Day },
): Promise<void> => {
  await transaction`
    with gone as (delete from prefetch_item where gone and settled returning site, device, revision)
    update prefetch_device device set forgotten_revision = greatest(device.forgotten_revision, last.revision)
    from (select site, device, max(revision) as revision from gone group by site, device) last
    where device.site = last.site and device.device = last.device`;
  await transaction`delete from prefetch_recent where at < ${recentsBefore}`;
  await transaction`delete from prefetch_deed where day < ${recentsBefore}::date`;
  await transaction`delete from prefetch_day where day < ${daysBefore}::text::date`;
  await transaction`
    delete from prefetch_device device where made_at < ${devicesBefore}
      and not exists (select 1 from prefetch_item held
        where held.site = device.site and held.device = device.device and not held.settled)`;
};

/** Replaces what is known to be seen together at a site. */
export const savePairs = async (
  transaction: Transaction,
  site: string,
  { pairs, at }: { readonly pairs: readonly Pair[]; readonly at: Date },
): Promise<void> => {
  await transaction`delete from prefetch_pair where site = ${site}`;
  await transaction`
    insert into prefetch_pair (site, tag, other, sessions, chance)
    select ${site}, tag, other, sessions, chance from json_to_recordset(${recordset([...pairs])}::text::json) as given (
      tag text, other text, sessions int, chance real)`;
  await transaction`update prefetch_site set joined_at = ${at} where site = ${site}`;
};
