import type { Session, SessionFinding, SessionTag } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Changed } from "../actors/book.ts";
import type { KnownSession } from "../actors/known.ts";
import type { SessionColumns } from "../actors/refold.ts";

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

/** Sessions by their ids, without their tags. */
export const findSessionRows = async (
  sql: Sql,
  site: string,
  ids: readonly string[],
): Promise<Map<string, SessionRow>> => {
  if (ids.length === 0) return new Map();
  const rows = await sql<
    SessionRow[]
  >`select doc, duplicates from session where site = ${site} and id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.doc.id, row]));
};

export type SessionTagKey = { readonly session: string; readonly tag: string };

/** Which tags of sessions are read: all of some, of others what is more than expected, and some by themselves. */
export type TagsAsked = {
  readonly whole: readonly string[];
  readonly scanned: readonly string[];
  readonly tags: readonly SessionTagKey[];
};

/** Tags of sessions, by session and tag. */
export const findTagsOfSessions = async (
  sql: Sql,
  site: string,
  { whole, scanned, tags }: TagsAsked,
): Promise<Map<string, Map<string, SessionTag>>> => {
  const found = new Map<string, Map<string, SessionTag>>();
  if (whole.length + scanned.length + tags.length === 0) return found;
  // Each tag is looked up by its key: a plan that reads whole sessions to join them would be what this spares.
  const rows = await sql<TagRow[]>`
    select session::text, tag, expected, outcome, type, class, seen_at, beside from session_tag
    where site = ${site} and (session = any(${whole as string[]}::uuid[])
      or (session = any(${scanned as string[]}::uuid[]) and (not expected or outcome is not null or type is not null)))
    union all
    select known.* from unnest(
      ${tags.map(({ session }) => session)}::uuid[], ${tags.map(({ tag }) => tag)}::text[]
    ) as asked (session, tag)
    cross join lateral (
      select session::text, tag, expected, outcome, type, class, seen_at, beside from session_tag known
      where known.site = ${site} and known.session = asked.session and known.tag = asked.tag limit 1
    ) known`;
  for (const row of rows) {
    const own = found.get(row.session) ?? new Map<string, SessionTag>();
    found.set(row.session, own.set(row.tag, tagOf(row)));
  }
  return found;
};

/** Sessions with every tag in them. */
export const findSessions = async (
  sql: Sql,
  site: string,
  ids: readonly string[],
): Promise<Map<string, KnownSession>> => {
  const [sessions, tags] = await Promise.all([
    findSessionRows(sql, site, ids),
    findTagsOfSessions(sql, site, { whole: ids, scanned: [], tags: [] }),
  ]);
  return new Map(
    [...sessions].map(([id, { doc: session, duplicates }]) => [
      id,
      { session, duplicates, tags: tags.get(id) ?? new Map<string, SessionTag>() },
    ]),
  );
};

/** What rows of sessions keep beside the whole, to be found by it. */
export const sessionColumns = async (
  sql: Sql,
  site: string,
  ids: readonly string[],
): Promise<Map<string, SessionColumns>> => {
  const rows = await sql<(Omit<SessionColumns, "begunAt"> & { begun_at: Date | null })[]>`
    select id::text, mode, state, contract, version, pos, station,
      coalesce(begun_at, (doc->>'begunAt')::timestamptz) as begun_at from session
    where site = ${site} and id = any(${ids as string[]}::uuid[])`;
  return new Map(
    rows.map(({ begun_at: begunAt, ...columns }) => [
      columns.id,
      { ...columns, begunAt: begunAt?.toISOString() ?? null },
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
    case "scanned":
      return sql`type is not null`;
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

/** All repeats of the turn once more, beside their sessions. */
const countingAgain = (sql: Sql, duplicates: string) => sql`, repeats as (
      insert into session_repeat (site, session, repeats)
      select head.site, given.id, given.count from head, json_to_recordset(${duplicates}::text::json) as given (id uuid, count int)
      on conflict (site, session) do update set repeats = session_repeat.repeats + excluded.repeats
    )`;

/** The part of a turn's commit that keeps what it changed of sessions; nothing when it changed none. */
export const savingSessions = (
  sql: Sql,
  { sessions, sessionTags, duplicates }: Pick<Changed, "sessions" | "sessionTags" | "duplicates">,
) => {
  const rows = [...sessions.values()].map((doc) => ({ doc, duplicates: duplicates.get(doc.id) ?? 0 }));
  const tags = [...sessionTags.values()].flatMap((own) => [...own.values()]);
  const repeats = [...duplicates].map(([id, count]) => ({ id, count }));
  const counts = repeats.filter(({ id }) => !sessions.has(id));
  return sql`${rows.length === 0 ? sql`` : savingRows(sql, JSON.stringify(rows))}
    ${tags.length === 0 ? sql`` : savingTags(sql, JSON.stringify(tags))}
    ${counts.length === 0 ? sql`` : countingDuplicates(sql, JSON.stringify(counts))}
    ${repeats.length === 0 ? sql`` : countingAgain(sql, JSON.stringify(repeats))}`;
};
