import type { Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

export type PlaceKind = "read_point" | "location";

/** What of the log names a place: which kinds of events, and after which a thing is at one. */
export type Naming = { readonly types: readonly string[]; readonly atHand: readonly string[] };

const start: Position = { epoch: 0, pos: 0 };

const markOf = async (sql: Sql, site: string): Promise<Position> => {
  const [row] = await sql<Position[]>`select epoch, pos from epcis_place_mark where site = ${site}`;
  return row ?? start;
};

/**
 * Takes the places out of the next stretch of the log, and says whether it ends there. Repeating it, also by two at once, changes nothing:
 * a place is kept once, and the mark only goes forward.
 */
export const readPlaces = async (
  sql: Sql,
  site: string,
  { types, atHand }: Naming,
  rows: number,
): Promise<boolean> => {
  const mark = await markOf(sql, site);
  const [read] = await sql<{ seen: number }[]>`
    with stretch as materialized (
      select epoch, pos, type, data from event
      where site = ${site} and (epoch, pos) > (${mark.epoch}::bigint, ${mark.pos}::bigint)
      order by epoch, pos limit ${rows}
    ), told as (
      select 'read_point' as kind, data->'scan'->>'place' as place
      from stretch where type = any(${[...types]}::text[])
      union
      select 'location', case
        when data ? 'item' then data->'item'->>'place'
        when data->'set' ? 'place' then data->'set'->>'place'
        else data->'was'->>'place' end
      from stretch where type = any(${[...types]}::text[])
        and coalesce(data->'item'->>'status', data->'set'->>'status', data->'was'->>'status') = any(${[...atHand]}::text[])
    ), kept as (
      insert into epcis_place (site, kind, place)
      select ${site}, kind, place from told where place is not null order by kind, place
      on conflict do nothing
    ), marked as (
      insert into epcis_place_mark (site, epoch, pos)
      select ${site}, epoch, pos from stretch order by epoch desc, pos desc limit 1
      on conflict (site) do update set epoch = excluded.epoch, pos = excluded.pos
      where (excluded.epoch, excluded.pos) > (epcis_place_mark.epoch, epcis_place_mark.pos)
    )
    select count(*)::int as seen from stretch`;
  return (read?.seen ?? 0) < rows;
};

/** A page of the places that were found, in their order. */
export const listPlaces = async (
  sql: Sql,
  site: string,
  {
    kind,
    limit,
    after,
  }: { readonly kind: PlaceKind; readonly limit: number; readonly after: string | undefined },
): Promise<string[]> => {
  const rows = await sql<{ place: string }[]>`
    select place from epcis_place where site = ${site} and kind = ${kind}
    ${after === undefined ? sql`` : sql`and place > ${after}`} order by place limit ${limit}`;
  return rows.map(({ place }) => place);
};
