import type { Zone, ZoneConfigured, ZoneShape } from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";
import type { ZoneGround } from "../actors/zone.ts";
import type { EventRow } from "./events.ts";

/** The plan is what the log says last of each place: it is told in few events, which are looked for by whose they are. */
export const zonesIndex: Migration = {
  name: "zones-told-1",
  sql: `
    create index event_of_zones on event (site, (data->>'id'), epoch desc, pos desc) where type = 'zone.configured.v1';
  `,
};

type Row = Pick<EventRow, "pos" | "received_at" | "by"> & { data: ZoneConfigured };

/** Every place that is on the plan of a site, in the order of their names. */
export const listZones = async (sql: Sql, site: string): Promise<Zone[]> => {
  const rows = await sql<Row[]>`
    select distinct on (data->>'id') pos, received_at, by, data from event
    where site = ${site} and type = 'zone.configured.v1' order by data->>'id', epoch desc, pos desc`;
  return rows.flatMap(({ data: { id, now }, by, received_at, pos }) =>
    now === null
      ? []
      : [{ place: id, points: now.points, setAt: received_at.toISOString(), by, setPos: pos }],
  );
};

/** What has to be known before a place is drawn. */
export const zoneGround = async (sql: Sql, site: string, place: string): Promise<ZoneGround> => {
  const zones = await listZones(sql, site);
  const own = zones.find((zone) => zone.place === place);
  const was: ZoneShape | null = own === undefined ? null : { points: own.points };
  return { was, zones: zones.length };
};
