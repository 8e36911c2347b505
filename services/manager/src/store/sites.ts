import type { Transaction } from "@tagwire/actor";
import type { Position } from "@tagwire/messages";
import type { Reader } from "./rows.ts";

/** Where a site stands; undefined when nothing of it was ever applied. */
export const findPosition = async (sql: Reader, site: string): Promise<Position | undefined> => {
  const [row] = await sql<
    { epoch: number; pos: number }[]
  >`select epoch, pos from site_position where site = ${site}`;
  return row;
};

/** The names of the generations of sites' rows: each time that the rows of a site are begun anew, they get another. */
export const findGenerations = async (
  sql: Reader,
  sites: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const rows = await sql<
    { site: string; name: string }[]
  >`select site, name from site_generation where site = any(${[...sites]}::text[])`;
  return new Map(rows.map(({ site, name }) => [site, name]));
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
