import type { Day, ItemStatus } from "@tagwire/messages";
import { addCounts, type StatusCounts } from "../actors/status-counts.ts";
import type { Reader } from "./rows.ts";

/** The last move that counts at a moment. */
export type LastMove = { readonly pos: number; readonly day: Day; readonly recordedAt: string };

type MoveFound = { pos: number; day: Day; at: Date };
const moveOf = (row: MoveFound | undefined): LastMove | undefined =>
  row === undefined ? undefined : { pos: row.pos, day: row.day, recordedAt: row.at.toISOString() };

/** The position of the last move before a day; 0 when there is none. */
const findEndBefore = async (sql: Reader, site: string, day: Day): Promise<number> => {
  const [row] = await sql<{ pos: number }[]>`
    select pos from class_closing where site = ${site} and day < ${day}::text::date order by day desc, pos desc limit 1`;
  return row?.pos ?? 0;
};

/** The last move up to a position; undefined when nothing was there yet. */
export const findMoveAt = async (sql: Reader, site: string, pos: number): Promise<LastMove | undefined> => {
  const [row] = await sql<MoveFound[]>`
    select pos, day::text, at from stock_move where site = ${site} and pos <= ${pos} order by pos desc limit 1`;
  return moveOf(row);
};

/**
 * The last move up to an instant; undefined when nothing was there yet. `nextDay` is the day after the instant's own: where that day
 * ended is known, so that no more than the moves of one day are looked through.
 */
export const findMoveUntil = async (
  sql: Reader,
  site: string,
  { atMs, nextDay }: { readonly atMs: number; readonly nextDay: Day },
): Promise<LastMove | undefined> => {
  const [row] = await sql<MoveFound[]>`
    select pos, day::text, at from stock_move
    where site = ${site} and pos <= ${await findEndBefore(sql, site, nextDay)}
      and at <= ${new Date(atMs).toISOString()}::text::timestamptz
    order by pos desc limit 1`;
  return moveOf(row);
};

/** How many scans waited in quarantine from some event on. */
export type HeldThen = { readonly pos: number; readonly quarantined: number; readonly recordedAt: string };

/**
 * How many scans waited at a moment; undefined when none ever had. Of an instant no more than the changes of one day are looked through:
 * `nextDay` is the day after its own.
 */
export const findHeldAt = async (
  sql: Reader,
  site: string,
  { posMax, until }: { readonly posMax: number; readonly until: { atMs: number; nextDay: Day } | undefined },
): Promise<HeldThen | undefined> => {
  const [row] = await sql<{ pos: number; quarantined: number; at: Date }[]>`
    select pos, quarantined, at from quarantine_step
    where site = ${site} and pos <= ${posMax}
    ${
      until === undefined
        ? sql``
        : sql`and at <= ${new Date(until.atMs).toISOString()}::text::timestamptz and pos <= (
            select pos from quarantine_step last where last.site = ${site} and last.day < ${until.nextDay}::text::date
            order by last.day desc, last.pos desc limit 1)`
    }
    order by pos desc limit 1`;
  return row === undefined
    ? undefined
    : { pos: row.pos, quarantined: row.quarantined, recordedAt: row.at.toISOString() };
};

type ClosingRow = { class: string; statuses: StatusCounts };
type MovedRow = { class: string; status: ItemStatus; items: number };

/** How many items each class had after a move: how its last day before ended, and what was moved since. */
export const readCountsAfter = async (
  sql: Reader,
  site: string,
  { pos, day }: LastMove,
): Promise<ReadonlyMap<string, StatusCounts>> => {
  const from = await findEndBefore(sql, site, day);
  const [closings, moved] = await Promise.all([
    sql<ClosingRow[]>`
      select figures.class, closing.statuses from class_figures figures
      cross join lateral (
        select statuses from class_closing
        where class_closing.site = figures.site and class_closing.class = figures.class and class_closing.pos <= ${from}
        order by class_closing.day desc limit 1
      ) closing
      where figures.site = ${site}`,
    sql<MovedRow[]>`
      with moved as (
        select from_class, from_status, to_class, to_status from stock_move
        where site = ${site} and pos > ${from} and pos <= ${pos}
      )
      select class, status, sum(items)::int as items from (
        select from_class as class, from_status as status, -1 as items from moved where from_class is not null
        union all
        select to_class, to_status, 1 from moved where to_class is not null
      ) each group by class, status`,
  ]);
  const classes = new Map(closings.map((row) => [row.class, row.statuses]));
  for (const { class: name, status, items } of moved)
    classes.set(name, addCounts(classes.get(name) ?? {}, { [status]: items }));
  return classes;
};
