import type { QuarantinedScan } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { HeardScan } from "../actors/heard-scan.ts";
import { type Stray, strayOf, type WaitingScan } from "../actors/stray.ts";

/** How many scans wait for each of these tags, and the readers' sightings among them. Tags that nothing waits for are left out. */
export const findStrays = async (
  sql: Sql,
  site: string,
  tags: readonly string[],
): Promise<Map<string, Stray>> => {
  const rows = await sql<{ tag: string; waiting: number; from_readers: WaitingScan[] | null }[]>`
    select tag, count(*)::int as waiting,
      json_agg(json_build_object('id', scan_id, 'heard', heard)) filter (where heard #>> '{origin,by,reader}' is not null) as from_readers
    from quarantine
    where site = ${site} and released_at is null and tag = any(${tags as string[]}::text[]) group by tag`;
  return new Map(rows.map(({ tag, waiting, from_readers }) => [tag, strayOf(waiting, from_readers ?? [])]));
};

/** The scans that wait for these tags, for each in the order in which they came. */
export const findWaiting = async (
  sql: Sql,
  site: string,
  tags: readonly string[],
): Promise<Map<string, readonly WaitingScan[]>> => {
  const rows = await sql<{ tag: string; id: string; heard: HeardScan }[]>`
    select tag, scan_id::text as id, heard from quarantine
    where site = ${site} and released_at is null and tag = any(${tags as string[]}::text[]) order by received_at, scan_id`;
  return Map.groupBy(
    rows.map(({ tag, id, heard }) => ({ tag, id, heard })),
    ({ tag }) => tag,
  );
};

/** Where a page of waiting scans begins: behind a scan of a tag. */
export type QuarantineCursor = { readonly tag: string; readonly scanId: string };

/** A page of the scans that wait, by their tags; one row more than `limit` says that there is a next page. */
export const listQuarantined = async (
  sql: Sql,
  {
    site,
    tag,
    after,
    limit,
  }: {
    readonly site: string;
    readonly tag: string | undefined;
    readonly after: QuarantineCursor | undefined;
    readonly limit: number;
  },
): Promise<QuarantinedScan[]> => {
  const rows = await sql<{ tag: string; id: string; heard: HeardScan }[]>`
    select tag, scan_id::text as id, heard from quarantine
    where site = ${site} and released_at is null
    ${tag === undefined ? sql`` : sql`and tag = ${tag}`}
    ${after === undefined ? sql`` : sql`and (tag, scan_id) > (${after.tag}, ${after.scanId}::text::uuid)`}
    order by tag, scan_id limit ${limit + 1}`;
  return rows.map(({ tag: of, id, heard: { scan, origin } }) => ({
    tag: of,
    scanId: id,
    type: scan.type,
    scannedAt: scan.scannedAt,
    receivedAt: origin.receivedAt,
    by: origin.by,
    place: scan.place ?? null,
    contract: scan.contract ?? null,
    session: scan.session ?? null,
  }));
};
