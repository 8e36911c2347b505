import type { Sql } from "@tagwire/store";
import type { AgreementDay } from "../actors/gates.ts";
import { importDevice } from "../actors/operations-scan.ts";

/** Only a run that read all items and all scans to their end says how well both sides agree. */
const isWhole = (sql: Sql) => sql`
  verdict = 'complete' and run->>'agreement' is not null
    and run->'incremental' is distinct from 'true' and run->'datasets' @> '[{"dataset":"items"},{"dataset":"transactions"}]'`;

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

type OldRow = { pulled_at: Date; scans: number; scanners: string[]; imported: number };

/**
 * Who handed in at RFIDpro alone: scans that the newest whole and compared run found there and not in the log of operations, and that RFIDpro
 * took within so many days before the run began; and how many scans of these days operations has from an import alone. Undefined where no
 * such run is.
 */
export const readOldScanners = async (
  sql: Sql,
  site: string,
  days: number,
): Promise<{ pulledAt: string; scans: number; scanners: string[]; imported: number } | undefined> => {
  const [row] = await sql<OldRow[]>`
    with newest as (
      select id, started_at from run where site = ${site} and ${isWhole(sql)} order by started_at desc, id desc limit 1
    )
    select newest.started_at as pulled_at, count(found.id)::int as scans,
      coalesce(array_agg(distinct coalesce(found.difference #>> '{rfidpro,scannedBy}', 'unnamed'))
        filter (where found.id is not null), '{}') as scanners,
      (select count(*)::int from operations_scan where site = ${site} and scan #>> '{by,device}' = ${importDevice}
        and to_timestamp((scan->>'atMs')::float8 / 1000) >= newest.started_at - ${days} * interval '1 day') as imported
    from newest left join run_difference found on found.run = newest.id
      and found.class in ('only_in_rfidpro', 'late_upload') and found.difference->>'kind' = 'scan'
      and (found.difference #>> '{rfidpro,takenAt}')::timestamptz >= newest.started_at - ${days} * interval '1 day'
    group by newest.started_at`;
  if (row === undefined) return undefined;
  const { pulled_at: pulledAt, ...old } = row;
  return { ...old, pulledAt: pulledAt.toISOString() };
};
