import { availableStatus, type Standing, standingOf, unwatchedStatuses } from "../actors/standing.ts";
import { type ItemRow, itemColumns, itemOf } from "./items.ts";
import type { Reader } from "./rows.ts";

export type StandingQuery = {
  readonly site: string;
  readonly class: string | undefined;
  readonly tag: string | undefined;
  /** Only what is so since then or longer, RFC 3339. */
  readonly until: string | undefined;
  /** The tag after which to go on. */
  readonly after: string | undefined;
  readonly limit: number;
};

type Row = ItemRow & { free_at: Date | null; seen_at: Date | null; changed_at: Date };

const standing = (row: Row): Standing =>
  standingOf(itemOf(row), { freeAt: row.free_at, seenAt: row.seen_at, changedAt: row.changed_at });

const page = (sql: Reader, { class: name, tag, after, limit }: StandingQuery) => sql`
  ${name === undefined ? sql`` : sql`and class = ${name}`}
  ${tag === undefined ? sql`` : sql`and tag = ${tag}`}
  ${after === undefined ? sql`` : sql`and tag > ${after}`}
  order by tag limit ${limit}`;

/** A page of what is available by its tags, for screens that follow it. */
export const listAvailable = async (sql: Reader, query: StandingQuery): Promise<Standing[]> => {
  const { site, until } = query;
  const rows = await sql<Row[]>`
    select free_at, seen_at, changed_at, ${itemColumns(sql)} from item
    where site = ${site} and status = ${availableStatus} and free_at is not null
    ${until === undefined ? sql`` : sql`and free_at <= ${until}::text::timestamptz`}
    ${page(sql, query)}`;
  return rows.map(standing);
};

/** A page of what is waited for, with when it was seen, by its tags, for screens that follow it. */
export const listUnseen = async (sql: Reader, query: StandingQuery): Promise<Standing[]> => {
  const { site, until } = query;
  const rows = await sql<Row[]>`
    select free_at, seen_at, changed_at, ${itemColumns(sql)} from item
    where site = ${site} and status <> all(${[...unwatchedStatuses]}::text[])
    ${until === undefined ? sql`` : sql`and coalesce(seen_at, changed_at) <= ${until}::text::timestamptz`}
    ${page(sql, query)}`;
  return rows.map(standing);
};
