import type { Sql } from "@tagwire/store";

/** When RFIDpro was last read whole, for each site for which it ever was. */
export const lastCompleted = (sql: Sql): Promise<{ site: string; completedAt: Date }[]> => sql`
  select site, completed_at as "completedAt" from pulled_site where completed_at is not null`;

/** Rows of each data set in the newest run of each site that has ended. */
export const newestRows = (sql: Sql): Promise<{ site: string; dataset: string; count: number }[]> => sql`
  select site, progress->>'dataset' as dataset, (progress->>'rows')::int as count
  from (select distinct on (site) site, run from run where state <> 'running' order by site, started_at desc) as newest,
    jsonb_array_elements(newest.run->'datasets') as progress`;

/** How many runs ended how; those that go on have the verdict `none`. */
export const countRuns = (
  sql: Sql,
): Promise<{ site: string; state: string; verdict: string; count: number }[]> => sql`
  select site, state, coalesce(verdict, 'none') as verdict, count(*)::int as count from run group by 1, 2, 3`;
