import { keptDigestSql, vectorSql } from "@tagwire/digest";
import type { AuditEntity } from "@tagwire/messages";
import type { Reader } from "./side.ts";

/**
 * What was kept of a site when its log came to a barrier. For schemas that have what `keepDigestSql` makes; a step of their life, so its
 * text never changes.
 */
export const barrierTables = {
  name: "audit-barriers-1",
  sql: `
    create table barrier_vector (
      site text not null,
      barrier uuid not null,
      entity text not null,
      digest text not null,
      vector bytea not null,
      taken_at timestamptz not null default now(),
      primary key (site, barrier, entity)
    );
    create index barrier_vector_by_age on barrier_vector (site, taken_at);
  `,
};

/** Whoever compares has asked by then; two barriers may be under way when an audit is asked for between those of the clock. */
const keptMinutes = 15;

/**
 * Takes what is kept of a site as it is in this transaction, all entities at one instant, and gives their digests as `digestText`.
 * Taken again under the same name, the newer one stays: the turn that took the older one did not commit.
 */
export const takeVectors = async (
  sql: Reader,
  { site, barrier }: { readonly site: string; readonly barrier: string },
): Promise<Record<string, string>> => {
  // The parameter of the part is the first one of the whole, too.
  const rows = await sql.unsafe<{ entity: string; digest: string }[]>(
    `with old as (
      delete from barrier_vector where site = $1 and taken_at < now() - interval '${keptMinutes} minutes'
    ), kept as (${keptDigestSql})
    insert into barrier_vector (site, barrier, entity, digest, vector)
    select $1, $2::uuid, entity, concat_ws(':', sum(rows), sum(a), sum(b), sum(c), sum(d)), ${vectorSql}
    from kept group by entity
    on conflict (site, barrier, entity) do update
      set digest = excluded.digest, vector = excluded.vector, taken_at = excluded.taken_at
    returning entity, digest`,
    [site, barrier],
  );
  return Object.fromEntries(rows.map(({ entity, digest }) => [entity, digest]));
};

/** What was taken at a barrier; undefined when nothing was, or so long ago that it is forgotten. */
export const findDigests = async (
  sql: Reader,
  site: string,
  barrier: string,
): Promise<Record<string, string> | undefined> => {
  const rows = await sql<{ entity: string; digest: string }[]>`
    select entity, digest from barrier_vector where site = ${site} and barrier = ${barrier}`;
  return rows.length === 0
    ? undefined
    : Object.fromEntries(rows.map(({ entity, digest }) => [entity, digest]));
};

/** The digest of each bucket that was taken at a barrier: bytes for `parseVector`. */
export const findVector = async (
  sql: Reader,
  {
    site,
    barrier,
    entity,
  }: { readonly site: string; readonly barrier: string; readonly entity: AuditEntity },
): Promise<Uint8Array | undefined> => {
  const [row] = await sql<{ vector: Uint8Array }[]>`
    select vector from barrier_vector where site = ${site} and barrier = ${barrier} and entity = ${entity}`;
  return row?.vector;
};
