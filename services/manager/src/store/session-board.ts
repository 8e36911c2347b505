import type { SessionBoardCounts, SessionBoardFilter, SessionBucket } from "@tagwire/messages";
import type { ActiveSession } from "../actors/session-book.ts";
import type { Reader } from "./rows.ts";
import { activeOf } from "./sessions.ts";

type Row = Parameters<typeof activeOf>[0];

export type SessionCursor = { readonly activeAt: string; readonly id: string };

export type SessionQuery = {
  readonly site: string;
  readonly limit: number;
  readonly filter: SessionBoardFilter;
  /** Before this instant an open session counts as idle. */
  readonly idleBefore: string;
  readonly after?: SessionCursor | undefined;
};

/** Of one whose beginning was taken back nothing has arrived, and nobody waits for its beginning. */
const isUnbegun = (sql: Reader) =>
  sql`(state = 'unbegun' and (session->>'seenTags')::int + (session->>'rejectedTags')::int + (session->>'unknownTags')::int > 0)`;

const whereBucket = (sql: Reader, { filter: { bucket }, idleBefore }: SessionQuery) => {
  if (bucket === undefined) return sql``;
  const where = {
    open: sql`and state = 'open'`,
    unbegun: sql`and ${isUnbegun(sql)}`,
    idle: sql`and state = 'open' and active_at < ${idleBefore}::text::timestamptz`,
    incomplete: sql`and complete = false`,
    late: sql`and late_scans > 0`,
  } satisfies Record<SessionBucket, unknown>;
  return where[bucket];
};

/** A page of sessions, the one that was active last first. */
export const listSessionsByActivity = async (sql: Reader, query: SessionQuery): Promise<ActiveSession[]> => {
  const { site, filter, after, limit } = query;
  const { mode, state, contract, station, who } = filter;
  const rows = await sql<Row[]>`
    select session, active_at from session
    where site = ${site} ${whereBucket(sql, query)}
    ${mode === undefined ? sql`` : sql`and mode = ${mode}`}
    ${state === undefined ? sql`` : sql`and state = any(${[...state]}::text[])`}
    ${contract === undefined ? sql`` : sql`and contract = ${contract}`}
    ${station === undefined ? sql`` : sql`and session->>'station' = ${station}`}
    ${who === undefined ? sql`` : sql`and (session->'people' ? ${who} or session->'devices' ? ${who})`}
    ${after === undefined ? sql`` : sql`and (active_at, id) < (${after.activeAt}::text::timestamptz, ${after.id})`}
    order by active_at desc, id desc limit ${limit}`;
  return rows.map(activeOf);
};

/** How many sessions are in each part of the board. */
export const countSessions = async (
  sql: Reader,
  site: string,
  idleBefore: string,
): Promise<SessionBoardCounts> => {
  const [row] = await sql<SessionBoardCounts[]>`
    select (count(*) filter (where state = 'open'))::int as open,
      (count(*) filter (where ${isUnbegun(sql)}))::int as unbegun,
      (count(*) filter (where state = 'open' and active_at < ${idleBefore}::text::timestamptz))::int as idle,
      (count(*) filter (where complete = false))::int as incomplete,
      (count(*) filter (where late_scans > 0))::int as late
    from session where site = ${site} and (state <> 'closed' or complete = false or late_scans > 0)`;
  return row ?? { open: 0, unbegun: 0, idle: 0, incomplete: 0, late: 0 };
};

/** A page of sessions by their ids, for screens that follow them. */
export const listSessions = async (
  sql: Reader,
  query: { site: string; limit: number; after?: string | undefined; state?: readonly string[] | undefined },
): Promise<ActiveSession[]> => {
  const { site, limit, after, state } = query;
  const rows = await sql<Row[]>`
    select session, active_at from session where site = ${site}
    ${after === undefined ? sql`` : sql`and id > ${after}`}
    ${state === undefined ? sql`` : sql`and state = any(${[...state]}::text[])`}
    order by id limit ${limit}`;
  return rows.map(activeOf);
};
