import type { Transaction } from "@tagwire/actor";
import type { SiteRun } from "../actors/happening.ts";
import { lagWindowMinutes } from "../actors/lag.ts";
import { type Minute, type Minutes, scannedMinutes } from "../actors/minute.ts";
import { type Reader, recordset } from "./rows.ts";

type MinuteRow = {
  site: string;
  minute: Date;
  scans: number;
  rejected: number;
  quarantined: number;
  lag_ms_sum: number;
  lag_ms_max: number;
  lag_counts: number[];
};

const minuteOf = (row: MinuteRow): Minute => ({
  scans: row.scans,
  rejected: row.rejected,
  quarantined: row.quarantined,
  lagMsSum: row.lag_ms_sum,
  lagMsMax: row.lag_ms_max,
  lagCounts: row.lag_counts,
});

const minutesOf = (rows: readonly MinuteRow[] = []): Minutes =>
  new Map(rows.map((row) => [row.minute.toISOString(), minuteOf(row)]));

/** The minutes of some sites from an instant on, oldest first. */
const findSince = (sql: Reader, sites: readonly string[], sinceMs: number) => sql<MinuteRow[]>`
  select minute_figures.*
  from json_to_recordset(${recordset(sites.map((site) => ({ site })))}::text::json) as wanted (site text)
  join minute_figures using (site)
  where minute_figures.minute >= ${new Date(sinceMs).toISOString()}::text::timestamptz
  order by minute_figures.minute`;

const minuteMs = 60_000;

/** The minutes that some scans count in, and those that the lag of their sites is of. */
export const findMinutes = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, Minutes>> => {
  const wanted = runs.flatMap(({ site, happenings }) =>
    [...scannedMinutes(happenings)].map((minute) => ({ site, minute })),
  );
  const nowMs = Math.max(...runs.map((run) => run.nowMs));
  const [counted, recent] = await Promise.all([
    sql<MinuteRow[]>`
      select figures.* from json_to_recordset(${recordset(wanted)}::text::json) as wanted (site text, minute timestamptz)
      cross join lateral (
        select * from minute_figures where minute_figures.site = wanted.site and minute_figures.minute = wanted.minute limit 1
      ) figures`,
    findSince(
      sql,
      runs.map(({ site }) => site),
      nowMs - lagWindowMinutes * minuteMs,
    ),
  ]);
  const rows = Map.groupBy([...counted, ...recent], ({ site }) => site);
  return new Map(runs.map(({ site }) => [site, minutesOf(rows.get(site))]));
};

/** The minutes of a site from an instant on, oldest first. */
export const readMinutes = async (sql: Reader, site: string, sinceMs: number): Promise<Minutes> =>
  minutesOf(await findSince(sql, [site], sinceMs));

/** How long minutes are kept behind the newest of their site. The dashboard shows an hour. */
const minutesKeptHours = 24;

/** Writes minutes as they are now, and forgets those that are long over. Safe to repeat: numbers are set, not added. */
export const saveMinutes = (
  transaction: Transaction,
  changed: ReadonlyMap<string, Minutes>,
): Promise<unknown> => {
  const rows = [...changed].flatMap(([site, minutes]) =>
    [...minutes].map(([start, minute]) => ({
      site,
      minute: start,
      scans: minute.scans,
      rejected: minute.rejected,
      quarantined: minute.quarantined,
      lag_ms_sum: minute.lagMsSum,
      lag_ms_max: minute.lagMsMax,
      lag_counts: minute.lagCounts,
    })),
  );
  return Promise.all([
    transaction`
      insert into minute_figures (site, minute, scans, rejected, quarantined, lag_ms_sum, lag_ms_max, lag_counts)
      select site, minute, scans, rejected, quarantined, lag_ms_sum, lag_ms_max, lag_counts
      from json_to_recordset(${recordset(rows)}::text::json) as given (
        site text, minute timestamptz, scans int, rejected int, quarantined int,
        lag_ms_sum double precision, lag_ms_max double precision, lag_counts int[])
      on conflict (site, minute) do update set
        scans = excluded.scans, rejected = excluded.rejected, quarantined = excluded.quarantined,
        lag_ms_sum = excluded.lag_ms_sum, lag_ms_max = excluded.lag_ms_max, lag_counts = excluded.lag_counts`,
    transaction`
      with newest as (
        select site, max(minute) as minute
        from json_to_recordset(${recordset(rows)}::text::json) as given (site text, minute timestamptz) group by site
      )
      delete from minute_figures using newest
      where minute_figures.site = newest.site
        and minute_figures.minute < newest.minute - ${minutesKeptHours} * interval '1 hour'`,
  ]);
};
