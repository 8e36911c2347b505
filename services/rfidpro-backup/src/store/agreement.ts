import type { RfidproOldScanner } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { AgreementDay } from "../actors/gates.ts";

/** Only a run that is asked for all items and all scans can say how well both sides agree. Of the table `run`. */
export const asksForAll = (sql: Sql) => sql`
  run.run->'incremental' is distinct from 'true' and run.run->'datasets' @> '[{"dataset":"items"},{"dataset":"transactions"}]'`;

/** It says so once it has read them to their end, and was compared. */
export const isWhole = (sql: Sql) => sql`
  run.verdict = 'complete' and run.run->>'agreement' is not null and ${asksForAll(sql)}`;

/** How well both agreed on each of so many days until today, in the days of a time zone, oldest first. */
export const readAgreement = async (
  sql: Sql,
  { site, timeZone, days, now }: { site: string; timeZone: string; days: number; now: Date },
): Promise<AgreementDay[]> => {
  const rows = await sql<{ day: string; runs: number; worst: number | null }[]>`
    with today as (select (${now}::timestamptz at time zone ${timeZone})::date as day)
    select to_char(asked.day, 'YYYY-MM-DD') as day, count(ended.agreement)::int as runs, min(ended.agreement) as worst
    from today, generate_series(today.day - ${days - 1}::int, today.day, interval '1 day') as asked (day)
    left join (
      select ((run->>'endedAt')::timestamptz at time zone ${timeZone})::date as day, (run->>'agreement')::float8 as agreement
      from run where site = ${site} and ${isWhole(sql)}
    ) ended on ended.day = asked.day::date
    group by asked.day order by asked.day`;
  return rows.map(({ day, runs, worst }) => ({ day, runs, worst }));
};

type OldRow = { pulled_at: Date; old_scanners: RfidproOldScanner[] | null };

/**
 * Who handed in at RFIDpro within the week before the newest whole and compared run, by what that run read. Undefined where no such run is, or
 * where it is of before this was kept.
 */
export const readOldScanners = async (
  sql: Sql,
  site: string,
): Promise<{ readonly pulledAt: string; readonly oldScanners: readonly RfidproOldScanner[] } | undefined> => {
  const [row] = await sql<OldRow[]>`
    select run.started_at as pulled_at, comparison->'oldScanners' as old_scanners
    from run join comparison on comparison.run = run.id
    where run.site = ${site} and ${isWhole(sql)} order by run.started_at desc, run.id desc limit 1`;
  return row == null || row.old_scanners === null
    ? undefined
    : { pulledAt: row.pulled_at.toISOString(), oldScanners: row.old_scanners };
};
