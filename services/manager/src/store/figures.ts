import type { Transaction } from "@tagwire/actor";
import type { Figures } from "../actors/figures.ts";
import type { SiteChanges } from "../actors/fold-site.ts";
import type { Minute } from "../actors/minute.ts";
import type { StatusCounts } from "../actors/status-counts.ts";
import { type Reader, recordset } from "./rows.ts";

type ClassRow = { site: string; class: string; statuses: StatusCounts };
type SiteRow = { site: string; statuses: StatusCounts; quarantined: number };
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

const minutesOf = (rows: readonly MinuteRow[]): Map<string, Minute> =>
  new Map(rows.map((row) => [row.minute.toISOString(), minuteOf(row)]));

const bySite = <R extends { site: string }>(rows: readonly R[]): Map<string, R[]> =>
  Map.groupBy(rows, ({ site }) => site);

/** The figures that some changes are about to change: of each site its totals, and the classes and minutes concerned. */
export const findFigures = async (
  sql: Reader,
  changed: ReadonlyMap<string, SiteChanges>,
): Promise<ReadonlyMap<string, Figures>> => {
  const wantedClasses = [...changed].flatMap(([site, { classes }]) =>
    [...classes.keys()].map((name) => ({ site, class: name })),
  );
  const wantedMinutes = [...changed].flatMap(([site, { minutes }]) =>
    [...minutes.keys()].map((minute) => ({ site, minute })),
  );
  const [sites, classes, minutes] = await Promise.all([
    sql<SiteRow[]>`
      select site, statuses, quarantined
      from json_to_recordset(${recordset([...changed.keys()].map((site) => ({ site })))}::text::json) as wanted (site text)
      join site_figures using (site)`,
    wantedClasses.length === 0
      ? []
      : sql<ClassRow[]>`
          select figures.* from json_to_recordset(${recordset(wantedClasses)}::text::json) as wanted (site text, class text)
          cross join lateral (
            select * from class_figures where class_figures.site = wanted.site and class_figures.class = wanted.class limit 1
          ) figures`,
    wantedMinutes.length === 0
      ? []
      : sql<MinuteRow[]>`
          select figures.* from json_to_recordset(${recordset(wantedMinutes)}::text::json) as wanted (site text, minute timestamptz)
          cross join lateral (
            select * from minute_figures where minute_figures.site = wanted.site and minute_figures.minute = wanted.minute limit 1
          ) figures`,
  ]);
  const siteRows = new Map(sites.map((row) => [row.site, row]));
  const classRows = bySite(classes);
  const minuteRows = bySite(minutes);
  return new Map(
    [...changed.keys()].map((site) => [
      site,
      {
        statuses: siteRows.get(site)?.statuses ?? {},
        quarantined: siteRows.get(site)?.quarantined ?? 0,
        classes: new Map((classRows.get(site) ?? []).map((row) => [row.class, row.statuses])),
        minutes: minutesOf(minuteRows.get(site) ?? []),
      },
    ]),
  );
};

/** How long minutes are kept behind the newest of their site. The dashboard shows an hour. */
const minutesKeptHours = 24;

const saveMinutes = async (transaction: Transaction, figures: ReadonlyMap<string, Figures>) => {
  const rows = [...figures].flatMap(([site, { minutes }]) =>
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
  if (rows.length === 0) return;
  await transaction`
    insert into minute_figures (site, minute, scans, rejected, quarantined, lag_ms_sum, lag_ms_max, lag_counts)
    select site, minute, scans, rejected, quarantined, lag_ms_sum, lag_ms_max, lag_counts
    from json_to_recordset(${recordset(rows)}::text::json) as given (
      site text, minute timestamptz, scans int, rejected int, quarantined int,
      lag_ms_sum double precision, lag_ms_max double precision, lag_counts int[])
    on conflict (site, minute) do update set
      scans = excluded.scans, rejected = excluded.rejected, quarantined = excluded.quarantined,
      lag_ms_sum = excluded.lag_ms_sum, lag_ms_max = excluded.lag_ms_max, lag_counts = excluded.lag_counts`;
  await transaction`
    with newest as (
      select site, max(minute) as minute
      from json_to_recordset(${recordset(rows)}::text::json) as given (site text, minute timestamptz) group by site
    )
    delete from minute_figures using newest
    where minute_figures.site = newest.site
      and minute_figures.minute < newest.minute - ${minutesKeptHours} * interval '1 hour'`;
};

const saveSites = async (transaction: Transaction, figures: ReadonlyMap<string, Figures>) => {
  const rows = [...figures].map(([site, { statuses, quarantined }]) => ({ site, statuses, quarantined }));
  await transaction`
    insert into site_figures (site, statuses, quarantined)
    select site, statuses, quarantined
    from json_to_recordset(${recordset(rows)}::text::json) as given (site text, statuses jsonb, quarantined bigint)
    on conflict (site) do update set statuses = excluded.statuses, quarantined = excluded.quarantined`;
};

const saveClasses = async (transaction: Transaction, figures: ReadonlyMap<string, Figures>) => {
  const rows = [...figures].flatMap(([site, { classes }]) =>
    [...classes].map(([name, statuses]) => ({ site, class: name, statuses })),
  );
  if (rows.length === 0) return;
  await transaction`
    insert into class_figures (site, class, statuses)
    select site, class, statuses
    from json_to_recordset(${recordset(rows)}::text::json) as given (site text, class text, statuses jsonb)
    on conflict (site, class) do update set statuses = excluded.statuses`;
};

/** Writes figures as they are now. Safe to repeat: numbers are set, not added. */
export const saveFigures = async (
  transaction: Transaction,
  figures: ReadonlyMap<string, Figures>,
): Promise<void> => {
  await Promise.all([
    saveSites(transaction, figures),
    saveClasses(transaction, figures),
    saveMinutes(transaction, figures),
  ]);
};

/** The minutes of some sites from an instant on, oldest first. */
export const findMinutesSince = async (
  sql: Reader,
  sites: readonly string[],
  sinceMs: number,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Minute>>> => {
  const rows = await sql<MinuteRow[]>`
    select minute_figures.* from json_to_recordset(${recordset(sites.map((site) => ({ site })))}::text::json) as wanted (site text)
    join minute_figures using (site)
    where minute_figures.minute >= ${new Date(sinceMs).toISOString()}::text::timestamptz
    order by minute_figures.minute`;
  return new Map([...bySite(rows)].map(([site, own]) => [site, minutesOf(own)]));
};

/** The whole figures of a site, with the minutes from an instant on. */
export const readFigures = async (sql: Reader, site: string, sinceMs: number): Promise<Figures> => {
  const [[total], classes, minutes] = await Promise.all([
    sql<SiteRow[]>`select site, statuses, quarantined from site_figures where site = ${site}`,
    sql<ClassRow[]>`select site, class, statuses from class_figures where site = ${site} order by class`,
    findMinutesSince(sql, [site], sinceMs),
  ]);
  return {
    statuses: total?.statuses ?? {},
    quarantined: total?.quarantined ?? 0,
    classes: new Map(classes.map((row) => [row.class, row.statuses])),
    minutes: minutes.get(site) ?? new Map(),
  };
};
