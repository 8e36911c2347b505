import type { Transaction } from "@tagwire/actor";
import type { AlertSubject, MissingParams, QueueAgeParams, StaleParams } from "@tagwire/messages";
import { type Sight, subjectsMax } from "../actors/alert.ts";
import { recordset } from "./rows.ts";

/*
 * What rules look for, asked of the projection: one statement for a rule, whatever the number of items. Each gives every group
 * with its count and the items that have been so for longest.
 */

type Row = { subject_group: string; tag: string; since: Date; detail: string | null; items: number };

const sightsOf = (rows: readonly Row[]): Map<string, Sight> =>
  new Map(
    [...Map.groupBy(rows, (row) => row.subject_group)].map(([group, own]): [string, Sight] => [
      group,
      {
        count: own[0]?.items ?? 0,
        subjects: own.map(
          ({ tag, since, detail }): AlertSubject => ({
            key: tag,
            since: since.toISOString(),
            ...(detail === null ? {} : { detail }),
          }),
        ),
      },
    ]),
  );

/** Numbers the items of each group from the oldest on, and keeps as many as an alert remembers. */
const firstOfEach = (sql: Transaction, found: ReturnType<Transaction>) => sql<Row[]>`
  select subject_group, tag, since, detail, items from (
    select found.*, count(*) over (partition by subject_group)::int as items,
      row_number() over (partition by subject_group order by since, tag) as place
    from (${found}) as found (subject_group, tag, since, detail)
  ) numbered where place <= ${subjectsMax} order by subject_group, place`;

/**
 * Items that nobody scanned for longer than the limit of their role, or else of their place. Groups are the names of limits; the empty one is
 * everything else. What is missing, sold or retired is not waited for.
 */
export const findStale = async (
  sql: Transaction,
  site: string,
  params: StaleParams,
  nowMs: number,
): Promise<Map<string, Sight>> => {
  const limits = params.limits.map(({ name, days }) => ({ name, place: name.toLowerCase(), days }));
  const named = sql`(
    select distinct on (place) name, place, days
    from json_to_recordset(${recordset(limits)}::text::json) as given (name text, place text, days int) order by place)`;
  const rows = await firstOfEach(
    sql,
    sql`
      select coalesce(of_role.name, of_place.name, ''), item.tag, coalesce(item.seen_at, item.changed_at),
        coalesce(item.role, item.place)
      from item
      left join ${named} of_role on of_role.place = lower(item.role)
      left join ${named} of_place on of_place.place = lower(item.place)
      where item.site = ${site} and item.status not in ('missing', 'sold', 'retired')
        and coalesce(item.seen_at, item.changed_at) < ${new Date(nowMs).toISOString()}::text::timestamptz
          - coalesce(of_role.days, of_place.days, ${params.days}::int) * interval '1 day'`,
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
