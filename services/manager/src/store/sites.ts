import type { Transaction } from "@tagwire/actor";
import type { Position, SiteCreated } from "@tagwire/messages";
import { type Reader, recordset } from "./rows.ts";

/** Where a site stands; undefined when nothing of it was ever applied. */
export const findPosition = async (sql: Reader, site: string): Promise<Position | undefined> => {
  const [row] = await sql<
    { epoch: number; pos: number }[]
  >`select epoch, pos from site_position where site = ${site}`;
  return row;
};

export type KnownSite = {
  /** Names the build of the site's rows: each time that they are begun anew, they get another. */
  readonly generation: string;
  readonly timeZone: string;
};

/** Where days begin at a site whose log does not say. */
export const timeZoneDefault = "UTC";

/** What is known of some sites themselves; nothing of a site whose rows were never begun. */
export const findSites = async (
  sql: Reader,
  sites: readonly string[],
): Promise<ReadonlyMap<string, KnownSite>> => {
  const rows = await sql<{ site: string; name: string; time_zone: string | null }[]>`
    select generation.site, generation.name, site.time_zone
    from site_generation generation left join site using (site)
    where generation.site = any(${[...sites]}::text[])`;
  return new Map(
    rows.map((row) => [row.site, { generation: row.name, timeZone: row.time_zone ?? timeZoneDefault }]),
  );
};

/** The zone in which the days of a site begin. */
export const findTimeZone = async (sql: Reader, site: string): Promise<string> =>
  (await findSites(sql, [site])).get(site)?.timeZone ?? timeZoneDefault;

/** Writes what sites say of themselves. Safe to repeat. */
export const saveSites = (
  transaction: Transaction,
  changed: ReadonlyMap<string, SiteCreated>,
): Promise<unknown> => {
  const rows = [...changed].map(([site, { name, timeZone }]) => ({ site, name, time_zone: timeZone }));
  return transaction`
    insert into site (site, name, time_zone)
    select site, name, time_zone
    from json_to_recordset(${recordset(rows)}::text::json) as given (site text, name text, time_zone text)
    on conflict (site) do update set name = excluded.name, time_zone = excluded.time_zone`;
};

/** How long forgetting a large site may take: longer than any other transaction here. */
const forgetTimeoutMs = 120_000;

/** Forgets everything of a site in some tables; what is written of it from here on is of another generation. */
export const forgetSite = async (
  transaction: Transaction,
  site: string,
  { tables, boards }: { readonly tables: readonly string[]; readonly boards: string },
): Promise<void> => {
  // Both limits where the server knows them; transaction_timeout came with Postgres 17.
  await transaction`
    select set_config(name, ${String(forgetTimeoutMs)}, true) from pg_settings
    where name in ('statement_timeout', 'transaction_timeout')`;
  for (const table of tables) await transaction`delete from ${transaction(table)} where site = ${site}`;
  await transaction`
    insert into site_generation (site, boards) values (${site}, ${boards})
    on conflict (site) do update set name = excluded.name, boards = excluded.boards`;
};

/**
 * Forgets where the sites stand whose rows were begun by a release that kept other boards, so that they are made anew from the log,
 * and gives their names.
 */
export const forgetOutdated = async (transaction: Transaction, boards: string): Promise<string[]> => {
  const rows = await transaction<{ site: string }[]>`
    delete from site_position using site_generation generation
    where generation.site = site_position.site and generation.boards <> ${boards} returning site_position.site`;
  return rows.map(({ site }) => site);
};

/** How many events nobody could apply, over all sites. */
export const countParked = async (sql: Reader): Promise<number> => {
  const [row] = await sql<{ parked: number }[]>`select count(*)::int as parked from parked`;
  return row?.parked ?? 0;
};

const parkedShown = 20;

/** The events of a site that nobody could apply, the first ones. */
export const findParked = async (
  sql: Reader,
  site: string,
): Promise<{ count: number; examples: { epoch: number; pos: number; key: string; error: string }[] }> => {
  const [all] = await sql<
    { count: number }[]
  >`select count(*)::int as count from parked where site = ${site}`;
  const examples = await sql<{ epoch: number; pos: number; key: string; error: string }[]>`
    select epoch, pos, key, error from parked where site = ${site} order by epoch, pos limit ${parkedShown}`;
  return { count: all?.count ?? 0, examples };
};
