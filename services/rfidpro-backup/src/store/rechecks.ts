import type { Sql } from "@tagwire/store";

/** A site of which something pending is due to be looked at again, and the newest run that saw any of it. */
export type DueRecheck = { readonly site: string; readonly run: string };

/** Sites with pending differences that were to be decided by now; where a run goes on already, that may decide them. */
export const findDueRechecks = (sql: Sql, now: Date): Promise<DueRecheck[]> => sql<DueRecheck[]>`
  select distinct on (difference.site) difference.site, run.id as run
  from difference join run on run.site = difference.site and run.state = 'done'
  join comparison on comparison.run = run.id
  where difference.state = 'pending' and (difference.difference->>'recheckAt')::timestamptz <= ${now}
    and not exists (select from run going where going.site = difference.site and going.state = 'running')
  order by difference.site, run.started_at desc, run.id desc`;

/** Says no more that what a site has pending is decided by itself: the next pull that somebody begins does. */
export const takeBackRechecks = async (sql: Sql, { site }: DueRecheck): Promise<void> => {
  await sql`
    update difference set difference = jsonb_set(difference, '{recheckAt}', 'null')
    where site = ${site} and state = 'pending'`;
};
