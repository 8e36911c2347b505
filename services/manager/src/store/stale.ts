import type { StaleCount, StaleParams } from "@tagwire/messages";
import { type ItemRow, itemColumns, itemOf } from "./items.ts";
import { type Reader, recordset } from "./rows.ts";
import type { SinceCursor, SinceItem } from "./since-items.ts";

/** Whose limits count, and when it is. */
export type StaleSight = { readonly site: string; readonly params: StaleParams; readonly nowMs: number };

/**
 * Rows of items that nobody scanned for longer than the limit of their role, or else of their place, with the name and days of that
 * limit; an empty name is everything else. What is missing, sold or retired is not waited for. The one definition, for alerts and lists.
 */
export const staleRows = (sql: Reader, { site, params, nowMs }: StaleSight) => {
  const limits = params.limits.map(({ name, days }) => ({ name, place: name.toLowerCase(), days }));
  const named = sql`(
    select distinct on (place) name, place, days
    from json_to_recordset(${recordset(limits)}::text::json) as given (name text, place text, days int) order by place)`;
  return sql`
    select coalesce(of_role.name, of_place.name, '') as limit_name, coalesce(of_role.days, of_place.days, ${params.days}::int) as days,
      coalesce(item.seen_at, item.changed_at) as since, item.*
    from item
    left join ${named} of_role on of_role.place = lower(item.role)
    left join ${named} of_place on of_place.place = lower(item.place)
    where item.site = ${site} and item.status not in ('missing', 'sold', 'retired')
      and coalesce(item.seen_at, item.changed_at) < ${new Date(nowMs).toISOString()}::text::timestamptz
        - coalesce(of_role.days, of_place.days, ${params.days}::int) * interval '1 day'`;
};

/** How many items are over each limit, zeros included; the one that holds for everything else comes first. */
export const countStale = async (sql: Reader, sight: StaleSight): Promise<StaleCount[]> => {
  const rows = await sql<{ name: string; items: number; since: Date }[]>`
    select limit_name as name, count(*)::int as items, min(since) as since from (${staleRows(sql, sight)}) stale
    group by limit_name`;
  const found = new Map(rows.map((row) => [row.name, row]));
  const { days, limits } = sight.params;
  // Of two limits whose names differ only in case one counts, and the other has nothing.
  return [{ name: "", days }, ...limits].map((limit) => {
    const own = found.get(limit.name);
    return { ...limit, items: own?.items ?? 0, oldestSince: own?.since.toISOString() ?? null };
  });
};

export type StaleFound = SinceItem & { readonly name: string; readonly days: number };
type Row = ItemRow & { limit_name: string; days: number; since: Date; seen_at: Date | null };

/** A page of items over their limits, those that were not seen for longest first. */
export const listStale = async (
  sql: Reader,
  sight: StaleSight,
  {
    name,
    class: ofClass,
    after,
    limit,
  }: {
    readonly name: string | undefined;
    readonly class: string | undefined;
    readonly after: SinceCursor | undefined;
    readonly limit: number;
  },
): Promise<StaleFound[]> => {
  const rows = await sql<Row[]>`
    select limit_name, days, since, seen_at, ${itemColumns(sql)} from (${staleRows(sql, sight)}) stale
    where true
    ${name === undefined ? sql`` : sql`and limit_name = ${name}`}
    ${ofClass === undefined ? sql`` : sql`and class = ${ofClass}`}
    ${after === undefined ? sql`` : sql`and (since, tag) > (${after.since}::text::timestamptz, ${after.tag})`}
    order by since, tag limit ${limit}`;
  return rows.map((row) => ({
    item: itemOf(row),
    since: row.since.toISOString(),
    lastSeenAt: row.seen_at?.toISOString() ?? null,
    name: row.limit_name,
    days: row.days,
  }));
};
