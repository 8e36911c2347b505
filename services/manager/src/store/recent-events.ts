import type { Transaction } from "@tagwire/actor";
import type { LoggedEvent } from "@tagwire/messages";
import { type Reader, recordset } from "./rows.ts";

/** What is kept of each site's newest events: as many as a screen gets to begin with. */
export const recentEventsMax = 200;

/** Keeps the newest events and forgets those that fell behind. Safe to repeat. */
export const saveRecent = async (
  transaction: Transaction,
  bySite: ReadonlyMap<string, readonly LoggedEvent[]>,
): Promise<void> => {
  const newest = [...bySite].flatMap(([site, events]) =>
    events.slice(-recentEventsMax).map((event) => ({ site, pos: event.pos, event })),
  );
  const bounds = [...bySite].map(([site, events]) => ({
    site,
    pos: (events.at(-1)?.pos ?? 0) - recentEventsMax,
  }));
  await transaction`
    with gone as (
      delete from recent_event using json_to_recordset(${recordset(bounds)}::text::json) as bound (site text, pos bigint)
      where recent_event.site = bound.site and recent_event.pos <= bound.pos
    )
    insert into recent_event (site, pos, event)
    select site, pos, event from json_to_recordset(${recordset(newest)}::text::json) as given (site text, pos bigint, event json)
    on conflict (site, pos) do update set event = excluded.event`;
};

/** The newest events of a site, newest last. */
export const listRecent = async (sql: Reader, site: string, limit: number): Promise<LoggedEvent[]> => {
  const rows = await sql<{ event: LoggedEvent }[]>`
    select event from recent_event where site = ${site} order by pos desc limit ${limit}`;
  return rows.map(({ event }) => event).reverse();
};
