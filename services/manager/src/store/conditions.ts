import type { Transaction } from "@tagwire/actor";
import type {
  AlertSubject,
  FindingOpenedParams,
  MissingParams,
  OverdueParams,
  QueueAgeParams,
  StaleParams,
} from "@tagwire/messages";
import { type Sight, subjectsMax } from "../actors/alert.ts";
import { calendarOf, dayBeginsMs, daysAfter } from "../actors/day.ts";
import { type FindingCode, wantedCodes } from "../actors/finding.ts";
import { recordset } from "./rows.ts";
import { staleRows } from "./stale.ts";

/*
 * What rules look for, asked of the projection: one statement for a rule, whatever the number of items. Each gives every group
 * with its count and the items, or contracts, that have been so for longest.
 */

type Row = { subject_group: string; key: string; since: Date; detail: string | null; items: number };

const sightsOf = (rows: readonly Row[]): Map<string, Sight> =>
  new Map(
    [...Map.groupBy(rows, (row) => row.subject_group)].map(([group, own]): [string, Sight] => [
      group,
      {
        count: own[0]?.items ?? 0,
        subjects: own.map(
          ({ key, since, detail }): AlertSubject => ({
            key,
            since: since.toISOString(),
            ...(detail === null ? {} : { detail }),
          }),
        ),
      },
    ]),
  );

/** Numbers the subjects of each group from the oldest on, and keeps as many as an alert remembers. */
const firstOfEach = (sql: Transaction, found: ReturnType<Transaction>) => sql<Row[]>`
  select subject_group, key, since, detail, items from (
    select found.*, count(*) over (partition by subject_group)::int as items,
      row_number() over (partition by subject_group order by since, key) as place
    from (${found}) as found (subject_group, key, since, detail)
  ) numbered where place <= ${subjectsMax} order by subject_group, place`;

/** Items that nobody scanned for longer than their limit. Groups are the names of limits. */
export const findStale = async (
  sql: Transaction,
  site: string,
  params: StaleParams,
  nowMs: number,
): Promise<Map<string, Sight>> => {
  const rows = await firstOfEach(
    sql,
    sql`select limit_name, tag, since, coalesce(role, place) from (${staleRows(sql, { site, params, nowMs })}) stale`,
  );
  return sightsOf(rows);
};

/** Items whose status is missing, all in one group; their class is the detail. */
export const findMissing = async (
  sql: Transaction,
  site: string,
  { classes }: MissingParams,
): Promise<Map<string, Sight>> => {
  const rows = await firstOfEach(
    sql,
    sql`
      select ''::text, tag, coalesce(status_at, changed_at), class from item
      where site = ${site} and status = 'missing'
      ${classes === undefined ? sql`` : sql`and class = any(${[...classes]}::text[])`}`,
  );
  return sightsOf(rows);
};

/** Items that wait in a queue of service for longer than its limit. Groups are the queues. */
export const findWaiting = async (
  sql: Transaction,
  site: string,
  { hours }: QueueAgeParams,
  nowMs: number,
): Promise<Map<string, Sight>> => {
  const limits = Object.entries(hours).map(([status, limit]) => ({ status, minutes: limit * 60 }));
  const rows = await firstOfEach(
    sql,
    sql`
      select item.status, item.tag, coalesce(item.status_at, item.changed_at), item.class
      from json_to_recordset(${recordset(limits)}::text::json) as given (status text, minutes double precision)
      join item on item.site = ${site} and item.status = given.status
        and item.status in ('inspect', 'repair', 'wash', 'wet')
        and coalesce(item.status_at, item.changed_at)
          < ${new Date(nowMs).toISOString()}::text::timestamptz - given.minutes * interval '1 minute'`,
  );
  return sightsOf(rows);
};

/**
 * Contracts whose goods are out although the day on which they were due back is over, at the site's own midnight. Groups are the
 * kinds of contracts; the client is the detail. They count as overdue since the day after, however many days nobody minds.
 */
export const findOverdue = async (
  sql: Transaction,
  { site, timeZone }: { readonly site: string; readonly timeZone: string },
  { days = 0, kinds }: OverdueParams,
  nowMs: number,
): Promise<Map<string, Sight>> => {
  const dueBefore = daysAfter(calendarOf(timeZone)(nowMs), -days);
  const rows = await firstOfEach(
    sql,
    sql`
      select kind, number, (due_in_day + 1)::timestamp at time zone 'UTC', client from contract
      where site = ${site} and due_in_day < ${dueBefore}::text::date
      ${kinds === undefined ? sql`` : sql`and kind = any(${[...kinds]}::text[])`}`,
  );
  const begins = new Map<number, Date>();
  const beginOf = (day: Date): Date => {
    const known = begins.get(day.getTime());
    if (known !== undefined) return known;
    const begin = new Date(dayBeginsMs(day.toISOString().slice(0, 10), timeZone));
    begins.set(day.getTime(), begin);
    return begin;
  };
  return sightsOf(rows.map((row) => ({ ...row, since: beginOf(row.since) })));
};

/** The rows of each kind of finding: what is open of it at a site, with the code as the group. */
const findingRows: Readonly<
  Record<FindingCode, (sql: Transaction, site: string) => ReturnType<Transaction>>
> = {
  // Tags whose scans wait in quarantine, with how many.
  tag_unknown: (sql, site) => sql`
    select 'tag_unknown'::text, tag, since, scans || case scans when 1 then ' scan' else ' scans' end
    from quarantine where site = ${site}`,
};

/** What is open among the findings that a rule looks for. Groups are their codes. */
export const findFindings = async (
  sql: Transaction,
  site: string,
  params: FindingOpenedParams,
): Promise<Map<string, Sight>> => {
  const found = await Promise.all(
    wantedCodes(params).map((code) => firstOfEach(sql, findingRows[code](sql, site))),
  );
  return sightsOf(found.flat());
};
