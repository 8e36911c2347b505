import type { Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

/** An event hash id that somebody was told, as the hex digest in it, and the event it belongs to. */
export type GivenId = Position & { readonly digest: string };

/** Remembers which ids were given out, before they are. Repeating it changes nothing. */
export const rememberIds = async (sql: Sql, site: string, ids: readonly GivenId[]): Promise<void> => {
  if (ids.length === 0) return;
  const given = ids.map(({ digest, epoch, pos }) => ({ digest, epoch, pos }));
  await sql`
    insert into epcis_id (site, digest, epoch, pos)
    select ${site}, decode(digest, 'hex'), epoch, pos
    from json_to_recordset(${JSON.stringify(given)}::text::json) as given (digest text, epoch bigint, pos bigint)
    order by digest on conflict (site, digest) do nothing`;
};

/** Which events these ids were given to. */
export const findIds = async (sql: Sql, site: string, digests: readonly string[]): Promise<Position[]> =>
  sql<Position[]>`
    select epoch, pos from epcis_id
    where site = ${site} and digest in (select decode(hex, 'hex') from unnest(${[...digests]}::text[]) as given (hex))
    order by epoch, pos`;
