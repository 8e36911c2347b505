import { type DeviceReport, type KeptReport, reportsKeptMax } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

type Told = {
  readonly site: string;
  readonly person: string;
  readonly at: string;
  readonly report: DeviceReport;
};

/** Keeps the newest report of each life of a device, and of so many lives, first those with scans that wait. Repeated or overtaken it changes nothing. */
export const keepReport = async (sql: Sql, { site, person, at, report }: Told): Promise<void> => {
  await sql`
    insert into device_report as kept (site, incarnation, first_at, reported_at, person, report)
    values (${site}, ${report.device.incarnation}, ${at}, ${at}, ${person}, ${JSON.stringify(report)}::text::jsonb)
    on conflict (site, incarnation) do update set
      reported_at = excluded.reported_at, person = excluded.person, report = excluded.report
      where kept.reported_at <= excluded.reported_at`;
  await sql`
    delete from device_report where site = ${site} and incarnation in (
      select incarnation from device_report where site = ${site}
      order by (report->>'queued')::int > 0 desc, reported_at desc offset ${reportsKeptMax}
    )`;
};

type Row = {
  readonly report: DeviceReport;
  readonly person: string;
  readonly first_at: Date;
  readonly reported_at: Date;
};

/** The last reports of the devices of a site, newest first. */
export const listReports = async (sql: Sql, site: string): Promise<KeptReport[]> => {
  const rows = await sql<Row[]>`
    select report, person, first_at, reported_at from device_report
    where site = ${site} order by reported_at desc limit ${reportsKeptMax}`;
  return rows.map(({ report, person, first_at, reported_at }) => ({
    ...report,
    person,
    firstAt: first_at.toISOString(),
    reportedAt: reported_at.toISOString(),
  }));
};

export type DeviceQueues = {
  readonly site: string;
  readonly devices: number;
  readonly queued: number;
  readonly attention: number;
  readonly oldestMs: number;
};

/** What waits on the devices of each site that reported within so many ms: their sums, and how old the oldest is now. */
export const queuesOfDevices = async (sql: Sql, withinMs: number): Promise<DeviceQueues[]> => sql`
  select site, count(*)::int as devices,
    sum((report->>'queued')::int)::int as queued,
    sum((report->>'attention')::int)::int as attention,
    coalesce(max(extract(epoch from now() - (report->>'oldestAt')::timestamptz) * 1000)
      filter (where (report->>'queued')::int > 0), 0)::float8 as "oldestMs"
  from device_report
  where reported_at > now() - make_interval(secs => ${withinMs / 1_000})
  group by site`;
