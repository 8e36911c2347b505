import type { ClassDay, DayWindow, ItemStatus } from "@tagwire/messages";
import { availableStatus } from "../actors/standing.ts";
import type { StatusCounts } from "../actors/status-counts.ts";
import type { Availability } from "../actors/usage.ts";
import { type ItemRow, itemColumns, itemOf } from "./items.ts";
import type { Reader } from "./rows.ts";
import type { SinceCursor, SinceItem } from "./since-items.ts";

/**
 * How many item-days each class had in each status, from how the days of the window ended: a day without a move ended as the one before
 * did. Costs the closings of the window and one look-up for each class.
 */
export const readItemDays = async (
  sql: Reader,
  site: string,
  { from, to }: DayWindow,
): Promise<ReadonlyMap<string, StatusCounts>> => {
  const rows = await sql<{ class: string; status: ItemStatus; days: number }[]>`
    with closing as (
      select figures.class, each.day, each.statuses from class_figures figures
      cross join lateral (
        (select greatest(day, ${from}::text::date) as day, statuses from class_use
          where class_use.site = figures.site and class_use.class = figures.class
            and class_use.day <= ${from}::text::date
          order by class_use.day desc limit 1)
        union all
        select day, statuses from class_use
        where class_use.site = figures.site and class_use.class = figures.class
          and class_use.day > ${from}::text::date and class_use.day <= ${to}::text::date
      ) each
      where figures.site = ${site}
    ), held as (
      select class, statuses,
        lead(day, 1, ${to}::text::date + 1) over (partition by class order by day) - day as days
      from closing
    )
    select class, status, sum(items::bigint * days)::float8 as days
    from held, jsonb_each_text(statuses) as counted (status, items) group by class, status`;
  return new Map(
    [...Map.groupBy(rows, (row) => row.class)].map(([name, own]) => [
      name,
      Object.fromEntries(own.map(({ status, days }) => [status, days])),
    ]),
  );
};

/** What each class has that is available now, and how much of it was not on contract since an instant. */
export const readAvailability = async (
  sql: Reader,
  site: string,
  idleBefore: string,
): Promise<ReadonlyMap<string, Availability>> => {
  const rows = await sql<{ class: string; available: number; idle: number; since: Date | null }[]>`
    select class, count(*)::int as available,
      (count(*) filter (where free_at <= ${idleBefore}::text::timestamptz))::int as idle,
      min(free_at) filter (where free_at <= ${idleBefore}::text::timestamptz) as since
    from item where site = ${site} and status = ${availableStatus} group by class`;
  return new Map(
    rows.map(({ class: name, available, idle, since }) => [
      name,
      { available, idle, idleSince: since?.toISOString() ?? null },
    ]),
  );
};

/** Where a page of days of classes begins: behind a day of a class. */
export type ClassDayCursor = { readonly class: string; readonly day: string };

/**
 * How each class stood at the end of the days since one, and before the first of them: what item-days from then on are reckoned from. In
 * the order of classes and days.
 */
export const listClassDays = async (
  sql: Reader,
  {
    site,
    from,
    class: name,
    after,
    limit,
  }: {
    readonly site: string;
    readonly from: string;
    readonly class: string | undefined;
    readonly after: ClassDayCursor | undefined;
    readonly limit: number;
  },
): Promise<ClassDay[]> =>
  sql<ClassDay[]>`
    select figures.class, each.day::text, each.statuses, each.pos from class_figures figures
    cross join lateral (
      (select day, statuses, pos from class_use closing
        where closing.site = figures.site and closing.class = figures.class and closing.day <= ${from}::text::date
        order by closing.day desc limit 1)
      union all
      select day, statuses, pos from class_use closing
      where closing.site = figures.site and closing.class = figures.class and closing.day > ${from}::text::date
    ) each
    where figures.site = ${site}
    ${name === undefined ? sql`` : sql`and figures.class = ${name}`}
    ${after === undefined ? sql`` : sql`and (figures.class, each.day) > (${after.class} collate "C", ${after.day}::text::date)`}
    order by figures.class, each.day limit ${limit}`;

type IdleRow = ItemRow & { free_at: Date; seen_at: Date | null };

/** A page of what is available and was not on contract since an instant, those that are not for longest first. */
export const listIdle = async (
  sql: Reader,
  {
    site,
    idleBefore,
    class: name,
    after,
    limit,
  }: {
    readonly site: string;
    readonly idleBefore: string;
    readonly class: string | undefined;
    readonly after: SinceCursor | undefined;
    readonly limit: number;
  },
): Promise<SinceItem[]> => {
  const rows = await sql<IdleRow[]>`
    select free_at, seen_at, ${itemColumns(sql)} from item
    where site = ${site} and status = ${availableStatus} and free_at <= ${idleBefore}::text::timestamptz
    ${name === undefined ? sql`` : sql`and class = ${name}`}
    ${after === undefined ? sql`` : sql`and (free_at, tag) > (${after.since}::text::timestamptz, ${after.tag})`}
    order by free_at, tag limit ${limit}`;
  return rows.map((row) => ({
    item: itemOf(row),
    since: row.free_at.toISOString(),
    lastSeenAt: row.seen_at?.toISOString() ?? null,
  }));
};
