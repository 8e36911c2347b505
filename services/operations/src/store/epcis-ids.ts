import type { Position } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";

/** An event hash id that somebody was told, as the hex digest in it, and the event it belongs to. */
export type GivenId = Position & {
  readonly digest: string;
  /** Which of the EPCIS events that the event became it is. */
  readonly part: number;
};

/** Where an id leads; ids from when each event became one EPCIS event have no part. */
export type FoundId = Position & { readonly digest: string; readonly part: number | null };

/** Remembers which ids were given out, before they are. Repeating it changes nothing. */
export const rememberIds = async (sql: Sql, site: string, ids: readonly GivenId[]): Promise<void> => {
  if (ids.length === 0) return;
  const given = ids.map(({ digest, epoch, pos, part }) => ({ digest, epoch, pos, part }));
  await sql`
    insert into epcis_id (site, digest, epoch, pos, part)
    select ${site}, decode(digest, 'hex'), epoch, pos, part
    from json_to_recordset(${JSON.stringify(given)}::text::json)
      as given (digest text, epoch bigint, pos bigint, part smallint)
    order by digest on conflict (site, digest) do nothing`;
};

/** Which events these ids were given to. */
export const findIds = async (sql: Sql, site: string, digests: readonly string[]): Promise<FoundId[]> =>
  sql<FoundId[]>`
    select epoch, pos, encode(digest, 'hex') as digest, part from epcis_id
    where site = ${site} and digest in (select decode(hex, 'hex') from unnest(${[...digests]}::text[]) as given (hex))
    order by epoch, pos`;
