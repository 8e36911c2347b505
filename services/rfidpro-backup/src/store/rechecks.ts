import type { Sql } from "@tagwire/store";

/** A site of which something is due to be looked at again, and the newest run that saw any of it. */
export type DueRecheck = { readonly site: string; readonly run: string };

/** Of the table `difference`: somebody still has to do something about it, and it may say when RFIDpro is read again for it. */
const isUndecided = (sql: Sql) => sql`difference.state in ('pending', 'open', 'acknowledged')`;

/** Sites with differences that were to be looked at again by now; where a run goes on already, that may decide them. */
export const findDueRechecks = (sql: Sql, now: Date): Promise<DueRecheck[]> => sql<DueRecheck[]>`
  select distinct on (difference.site) difference.site, run.id as run
  from difference join run on run.site = difference.site and run.state = 'done'
  join comparison on comparison.run = run.id
  where ${isUndecided(sql)} and (difference.difference->>'recheckAt')::timestamptz <= ${now}
    and not exists (select from run going where going.site = difference.site and going.state = 'running')
  order by difference.site, run.started_at desc, run.id desc`;

/** Says no more that what waits at a site is decided by itself: the next pull that somebody begins does. */
export const takeBackRechecks = async (sql: Sql, { site }: DueRecheck): Promise<void> => {
  await sql`
    update difference set difference = jsonb_set(difference.difference, '{recheckAt}', 'null')
    where site = ${site} and ${isUndecided(sql)} and difference.difference->>'recheckAt' is not null`;
};

/** When RFIDpro is read again by itself for the first that a run saw of what something happened to; null where it is not read for any of it. */
export const findRecheckOf = async (sql: Sql, site: string, run: string): Promise<string | null> => {
  const [row] = await sql<[{ at: string | null }]>`
    select min(difference.difference->>'recheckAt') as at from difference
    where site = ${site} and ${isUndecided(sql)} and last_run = ${run}`;
  return row.at;
};
