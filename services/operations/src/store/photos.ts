import {
  type LoggedEvent,
  type Photo,
  PhotoAdded,
  type PhotoAdded as PhotoAddedBody,
  PhotoDeleted,
  type PhotoDeleted as PhotoDeletedBody,
  type PhotoType,
  statusGroups,
} from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";

/**
 * Photos of things, and the pictures by their hash: what two photos show alike is kept once. The log names the hash, so whoever reads it
 * can prove which picture was meant.
 */
export const photoTables: Migration = {
  name: "photos-1",
  sql: `
    create table photo_content (
      site text not null references site,
      sha256 text collate "C" not null check (sha256 ~ '^[0-9a-f]{64}$'),
      type text not null,
      content bytea not null,
      kept_at timestamptz not null default now(),
      primary key (site, sha256)
    );
    alter table photo_content alter column content set storage external;
    create table photo (
      site text not null references site,
      id uuid not null,
      tag text collate "C" not null,
      sha256 text collate "C" not null,
      type text not null,
      bytes int not null,
      of_pos bigint,
      added_at timestamptz not null,
      added_by jsonb not null,
      deleted_at timestamptz,
      primary key (site, id)
    );
    create index photo_of_tag on photo (site, tag, added_at desc) where deleted_at is null;
    create index photo_of_content on photo (site, sha256) where deleted_at is null;
  `,
};

/** How long bytes wait for the command that says whose they are, in ms: it follows at once. */
export const unnamedKeptMs = 60 * 60_000;

/** Keeps bytes by their hash; those that are there are as good as new. */
export const keepContent = async (
  sql: Sql,
  site: string,
  photo: { readonly sha256: string; readonly type: PhotoType; readonly content: Buffer },
): Promise<void> => {
  await sql`
    insert into photo_content (site, sha256, type, content)
    values (${site}, ${photo.sha256}, ${photo.type}, ${photo.content})
    on conflict (site, sha256) do update set kept_at = now()`;
};

export const findContent = async (
  sql: Sql,
  site: string,
  sha256: string,
): Promise<{ type: PhotoType; content: Buffer } | undefined> => {
  const [row] = await sql<{ type: PhotoType; content: Buffer }[]>`
    select type, content from photo_content where site = ${site} and sha256 = ${sha256}
      and exists (select 1 from photo where photo.site = ${site} and photo.sha256 = ${sha256} and deleted_at is null)`;
  return row;
};

/** Deletes bytes that nobody has named since; as many at once as are asked for. */
export const deleteUnnamed = async (sql: Sql, before: Date, limit: number): Promise<number> => {
  const deleted = await sql`
    delete from photo_content where (site, sha256) in (
      select site, sha256 from photo_content kept where kept_at < ${before} and not exists (
        select 1 from photo where photo.site = kept.site and photo.sha256 = kept.sha256 and deleted_at is null)
      limit ${limit})`;
  return deleted.count;
};

type Row = Pick<Photo, "id" | "tag" | "sha256" | "type" | "bytes" | "by"> & { of: number | null; at: Date };

const photoOf = ({ at, ...photo }: Row): Photo => ({ ...photo, at: at.toISOString() });

/** Tags that a thing carried before: more are none, so that a chain that was closed to a ring ends. */
const wornMax = 20;

/** The step from a tag in `worn` to the one before it on the same thing: a photo shows the thing, and not its tag. */
const wornBefore = (sql: Sql, site: string) => sql`
      select worn.now, item.tag, item.replaces, worn.back + 1 from worn
      join item on item.site = ${site} and item.tag = worn.replaces and item.replaced_by = worn.tag
      where worn.back < ${wornMax}`;

/** Which photo a page ended with. */
export type PhotoCursor = Pick<Photo, "id" | "at">;

/** Photos of the items that wait in service, under the tags they carry now, the newest first; one more than `limit` when there are. */
export const listServicePhotos = async (
  sql: Sql,
  site: string,
  { limit, before }: { readonly limit: number; readonly before?: PhotoCursor | undefined },
): Promise<Photo[]> => {
  const rows = await sql<Row[]>`
    with recursive worn as (
      select tag as now, tag, replaces, 0 as back from item
      where site = ${site} and status = any(${[...statusGroups.inService]}::text[])
      union all ${wornBefore(sql, site)}
    )
    select id, worn.now as tag, sha256, type, bytes, of_pos as of, added_at as at, added_by as by
    from worn join photo on photo.site = ${site} and photo.tag = worn.tag
    where deleted_at is null
      ${before === undefined ? sql`` : sql`and (added_at, id) < (${before.at}::timestamptz, ${before.id}::uuid)`}
    order by added_at desc, id desc limit ${limit + 1}`;
  return rows.map(photoOf);
};

/** The photos of an item that are kept, also those that were made under the tags it carried before; the newest first. */
export const listPhotos = async (sql: Sql, site: string, tag: string): Promise<Photo[]> => {
  const rows = await sql<Row[]>`
    with recursive worn as (
      select ${tag}::text as now, ${tag}::text as tag,
        (select replaces from item where site = ${site} and tag = ${tag}) as replaces, 0 as back
      union all ${wornBefore(sql, site)}
    )
    select id, worn.now as tag, sha256, type, bytes, of_pos as of, added_at as at, added_by as by
    from worn join photo on photo.site = ${site} and photo.tag = worn.tag
    where deleted_at is null order by added_at desc, id desc`;
  return rows.map(photoOf);
};

/** Whether the bytes of a photo are kept, so that its event may say that it is there. */
export const isKept = async (sql: Sql, site: string, sha256: string): Promise<boolean> =>
  (await sql`select 1 from photo_content where site = ${site} and sha256 = ${sha256}`).length > 0;

/** The event of an item that a photo is of: at a position, of a scan, or the newest; undefined where there is none. */
export const eventShown = async (
  sql: Sql,
  site: string,
  { tag, pos, scan }: { readonly tag: string; readonly pos?: number; readonly scan?: string },
): Promise<number | undefined> => {
  const [row] = await sql<{ pos: number }[]>`
    select pos from event where site = ${site} and tag = ${tag} and type like 'item.%'
      ${pos === undefined ? sql`` : sql`and pos = ${pos}`}
      ${scan === undefined ? sql`` : sql`and scan_id = ${scan}`}
    order by epoch desc, pos desc limit 1`;
  return row?.pos;
};

const adding = (sql: Sql, rows: readonly object[]) => sql`, photographed as (
      insert into photo (site, id, tag, sha256, type, bytes, of_pos, added_at, added_by)
      select head.site, id, tag, sha256, type, bytes, "of", at, by
      from head, json_to_recordset(${JSON.stringify(rows)}::text::json) as given (id uuid, tag text, sha256 text, type text, bytes int,
        "of" bigint, at timestamptz, by jsonb)
    )`;

/** The picture goes with the last photo that shows it. */
const deleting = (sql: Sql, rows: readonly { readonly id: string; readonly sha256: string }[]) => {
  const ids = rows.map(({ id }) => id);
  const hashes = rows.map(({ sha256 }) => sha256);
  return sql`, unphotographed as (
      update photo set deleted_at = now() from head where photo.site = head.site and photo.id = any(${ids}::uuid[])
    ), unkept as (
      delete from photo_content using head where photo_content.site = head.site and sha256 = any(${hashes}::text[])
        and not exists (select 1 from photo where photo.site = photo_content.site and photo.sha256 = photo_content.sha256
          and photo.deleted_at is null and photo.id <> all(${ids}::uuid[]))
    )`;
};

/** The part of a turn's commit that keeps what it says of photos; nothing for nearly all. */
export const keepingPhotos = (sql: Sql, events: readonly LoggedEvent[]) => {
  const added = events.flatMap(({ type, tag, recordedAt: at, by, data }) =>
    type === PhotoAdded.type ? [{ ...(data as PhotoAddedBody), tag, at, by }] : [],
  );
  const deleted = events.flatMap(({ type, data }) =>
    type === PhotoDeleted.type ? [data as PhotoDeletedBody] : [],
  );
  return sql`${added.length === 0 ? sql`` : adding(sql, added)} ${deleted.length === 0 ? sql`` : deleting(sql, deleted)}`;
};
