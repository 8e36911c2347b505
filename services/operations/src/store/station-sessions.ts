import type { Session } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import {
  type StationSession,
  sessionsPerStationMax,
  stationSessionOf,
  withStationSessions,
} from "../actors/station-session.ts";

/** The sessions at these stations that are remembered of each: the open one and the newest. A station without any has none. */
export const findStationSessions = async (
  sql: Sql,
  site: string,
  stations: readonly string[],
): Promise<Map<string, readonly StationSession[]>> => {
  if (stations.length === 0) return new Map();
  const rows = await sql<{ station: string; doc: Session }[]>`
    select wanted.station, known.doc from unnest(${stations as string[]}::text[]) as wanted (station)
    cross join lateral (
      (select doc from session
        where site = ${site} and session.station = wanted.station and state = 'open' limit ${sessionsPerStationMax})
      union all
      (select doc from session
        where site = ${site} and session.station = wanted.station and state <> 'open'
        order by begun_at desc, id desc limit ${sessionsPerStationMax})
    ) known`;
  const found = Map.groupBy(rows, ({ station }) => station);
  return new Map(
    stations.map((station) => {
      const own = (found.get(station) ?? []).flatMap(({ doc }) => stationSessionOf(doc) ?? []);
      return [station, withStationSessions([], own)];
    }),
  );
};
