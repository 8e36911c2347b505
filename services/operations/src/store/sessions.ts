import type { Session, SessionFinding, SessionTag } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Changed } from "../actors/book.ts";
import type { KnownSession } from "../actors/known.ts";

type TagRow = {
  session: string;
  tag: string;
  expected: boolean;
  outcome: SessionTag["outcome"];
  type: string | null;
  class: string | null;
  seen_at: Date | null;
  beside: boolean;
};

const tagOf = (row: TagRow): SessionTag => ({
  session: row.session,
  tag: row.tag,
  expected: row.expected,
  outcome: row.outcome,
  type: row.type,
  class: row.class,
  seenAt: row.seen_at?.toISOString() ?? null,
  beside: row.beside,
});

type SessionRow = { doc: Session; duplicates: number };

export const findSession = async (sql: Sql, site: string, id: string): Promise<SessionRow | undefined> => {
  const [row] = await sql<
    SessionRow[]
  >`select doc, duplicates from session where site = ${site} and id = ${id}`;
  return row;
};

/** Sessions with every tag in them. */
export const findSessions = async (
  sql: Sql,
  site: string,
  ids: readonly string[],
): Promise<Map<string, KnownSession>> => {
  if (ids.length === 0) return new Map();
  const [sessions, tags] = await Promise.all([
    sql<
      SessionRow[]
    >`select doc, duplicates from session where site = ${site} and id = any(${ids as string[]}::uuid[])`,
    sql<TagRow[]>`
      select session::text, tag, expected, outcome, type, class, seen_at, beside from session_tag
      where site = ${site} and session = any(${ids as string[]}::uuid[])`,
  ]);
  const bySession = Map.groupBy(tags.map(tagOf), ({ session }) => session);
  return new Map(
    sessions.map(({ doc, duplicates }) => [
      doc.id,
      { session: doc, duplicates, tags: new Map((bySession.get(doc.id) ?? []).map((tag) => [tag.tag, tag])) },
    ]),
  );
};

export type SessionQuery = {
  readonly site: string;
  readonly limit: number;
  /** Sessions that last changed before this position of the log. */
  readonly before: number | undefined;
  readonly mode?: string | undefined;
  readonly state?: readonly string[] | undefined;
  readonly contract?: string | undefined;
  readonly station?: string | undefined;
};

/** A page of sessions, those that changed last first; one row more than `limit` says that there is a next page. */
export const listSessions = async (sql: Sql, query: SessionQuery): Promise<Session[]> => {
  const rows = await sql<{ doc: Session }[]>`
    select doc from session
    where site = ${query.site}
    ${query.before === undefined ? sql`` : sql`and pos < ${query.before}`}
    ${query.mode === undefined ? sql`` : sql`and mode = ${query.mode}`}
    ${query.state === undefined ? sql`` : sql`and state = any(${query.state as string[]}::text[])`}
    ${query.contract === undefined ? sql`` : sql`and contract = ${query.contract}`}
    ${query.station === undefined ? sql`` : sql`and station = ${query.station}`}
    order by pos desc limit ${query.limit + 1}`;
  return rows.map(({ doc }) => doc);
};

const findingIs = (sql: Sql, finding: SessionFinding) => {
  switch (finding) {
    case "found":
      return sql`outcome = 'seen' and is_expected`;
    case "unexpected":
      return sql`outcome = 'seen' and not is_expected`;
    case "missing":
      return sql`expected and outcome is distinct from 'seen'`;
    default:
      return sql`outcome = ${finding}`;
  }
};

const expectsQuantities = async (sql: Sql, site: string, id: string): Promise<boolean> => {
  const [row] = await sql<{ expects: boolean }[]>`
    select jsonb_typeof(doc->'expectedByClass') = 'object' as expects from session where site = ${site} and id = ${id}`;
  return row?.expects === true;
};

/**
 * A page of the tags of a session, in their order; one row more than `limit` says that there is a next page. One that nobody expected
 * and whose scans were taken back is none of its tags.
 */
export const listSessionTags = async (
  sql: Sql,
  query: {
    readonly site: string;
    readonly id: string;
    readonly limit: number;
    readonly after: string | undefined;
    readonly finding?: SessionFinding | undefined;
  },
): Promise<SessionTag[]> => {
  const { site, id, finding, after } = query;
  // Of a class, those stand for the expected ones that were seen first.
  const tags =
    finding === undefined || !(await expectsQuantities(sql, site, id))
      ? sql`select *, expected as is_expected from session_tag where site = ${site} and session = ${id}`
      : sql`
        select own.*, not beside and coalesce((session.doc->'expectedByClass'->>own.class)::int, 0) >=
          row_number() over (partition by outcome, beside, own.class order by seen_at, tag) as is_expected
        from session_tag own join session on session.site = own.site and session.id = own.session
        where own.site = ${site} and own.session = ${id}`;
  const rows = await sql<TagRow[]>`
    select session::text, tag, expected, outcome, type, class, seen_at, beside from (${tags}) tags
    where ${finding === undefined ? sql`(expected or outcome is not null)` : findingIs(sql, finding)}
    ${after === undefined ? sql`` : sql`and tag > ${after}`}
    order by tag limit ${query.limit + 1}`;
  return rows.map(tagOf);
};

const savingRows = (sql: Sql, sessions: string) => sql`, sessions as (
      insert into session (site, id, mode, state, contract, station, begun_at, duplicates, version, pos, doc)
      select head.site, (doc->>'id')::uuid, doc->>'mode', doc->>'state', doc->>'contract', doc->>'station',
        (doc->>'begunAt')::timestamptz, duplicates, (doc->>'version')::int, (doc->>'pos')::bigint, doc
      from head, json_to_recordset(${sessions}::text::json) as given (doc jsonb, duplicates int)
      on conflict (site, id) do update set mode = excluded.mode, state = excluded.state, contract = excluded.contract,
        station = excluded.station, begun_at = excluded.begun_at, duplicates = session.duplicates + excluded.duplicates, version = excluded.version, pos = excluded.pos, doc = excluded.doc
    )`;

const savingTags = (sql: Sql, tags: string) => sql`, session_tags as (
      insert into session_tag (site, session, tag, expected, outcome, type, class, seen_at, beside)
      select head.site, session, tag, expected, outcome, type, class, "seenAt", beside
      from head, json_to_recordset(${tags}::text::json) as given (session uuid, tag text, expected boolean, outcome text, type text,
        class text, "seenAt" timestamptz, beside boolean)
      on conflict (site, session, tag) do update set expected = excluded.expected, outcome = excluded.outcome,
        type = excluded.type, class = excluded.class, seen_at = excluded.seen_at, beside = excluded.beside
    )`;

/** Repeats of sessions that this turn changes in nothing else: one statement writes a row once. */
const countingDuplicates = (sql: Sql, duplicates: string) => sql`, duplicates as (
      update session set duplicates = session.duplicates + given.count
      from head, json_to_recordset(${duplicates}::text::json) as given (id uuid, count int)
      where session.site = head.site and session.id = given.id
    )`;

/** The part of a turn's commit that keeps what it changed of sessions; nothing when it changed none. */
export const savingSessions = (
  sql: Sql,
  { sessions, sessionTags, duplicates }: Pick<Changed, "sessions" | "sessionTags" | "duplicates">,
) => {
  const rows = [...sessions.values()].map((doc) => ({ doc, duplicates: duplicates.get(doc.id) ?? 0 }));
  const tags = [...sessionTags.values()].flatMap((own) => [...own.values()]);
  const counts = [...duplicates].filter(([id]) => !sessions.has(id)).map(([id, count]) => ({ id, count }));
  return sql`${rows.length === 0 ? sql`` : savingRows(sql, JSON.stringify(rows))}
    ${tags.length === 0 ? sql`` : savingTags(sql, JSON.stringify(tags))}
    ${counts.length === 0 ? sql`` : countingDuplicates(sql, JSON.stringify(counts))}`;
};
