import { type LoggedEvent, type Position, ZoneConfigured } from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";
import { type EventRow, eventOf } from "./events.ts";

/** Settings are told in few events, which are looked for by whose they are. */
export const settingsIndex: Migration = {
  name: "settings-told-1",
  sql: `
    create index event_of_settings on event (site, type, (data->>'id'), epoch desc, pos desc)
      where type in ('reader.configured.v1', 'station.configured.v1');
  `,
};

/** What was set of one reader, station or zone, newest first, before a position when one is given; one more than was asked for. */
export const readSettings = async (
  sql: Sql,
  query: { site: string; type: string; id: string; before: Position | undefined; limit: number },
): Promise<LoggedEvent[]> => {
  const { site, type, id, before, limit } = query;
  // The names are written out besides, since an index of a part of the table is only for questions that say which part they mean.
  const rows = await sql<EventRow[]>`
    select * from event
    where site = ${site} and type = ${type} and data->>'id' = ${id}
      and ${type === ZoneConfigured.type ? sql`type = 'zone.configured.v1'` : sql`type in ('reader.configured.v1', 'station.configured.v1')`}
      ${before === undefined ? sql`` : sql`and (epoch, pos) < (${before.epoch}, ${before.pos})`}
    order by epoch desc, pos desc limit ${limit + 1}`;
  return rows.map(eventOf);
};
