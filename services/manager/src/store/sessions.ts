import type { Transaction } from "@tagwire/actor";
import type { Session, SessionTag } from "@tagwire/messages";
import type { SiteRun } from "../actors/happening.ts";
import {
  type ActiveSession,
  type KnownSessions,
  knownSessions,
  type SessionChanges,
  sessionKeys,
} from "../actors/session-book.ts";
import { type Reader, recordset, textArray } from "./rows.ts";

type SessionFound = { site: string; session: Session; active_at: Date };
type TagRow = {
  session: string;
  tag: string;
  expected: boolean;
  outcome: SessionTag["outcome"];
  type: string | null;
  class: string | null;
  seen_at: string | null;
  beside: boolean;
};

export const activeOf = (row: Omit<SessionFound, "site">): ActiveSession => ({
  session: row.session,
  activeAt: row.active_at.toISOString(),
});

const tagOf = (row: TagRow): SessionTag => ({
  session: row.session,
  tag: row.tag,
  expected: row.expected,
  outcome: row.outcome,
  type: row.type,
  class: row.class,
  seenAt: row.seen_at,
  beside: row.beside,
});

/** The sessions and tags that some happenings touch, as they were before. */
export const findSessions = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, KnownSessions>> => {
  const keys = runs.map(({ site, happenings }) => ({ site, ...sessionKeys(happenings) }));
  const ids = keys.flatMap(({ site, sessions }) => [...sessions].map((id) => ({ site, id })));
  const wanted = keys.flatMap(({ site, tags }) => [...tags].map((tag) => ({ site, ...tag })));
  const [sessions, tags] = await Promise.all([
    sql<SessionFound[]>`
      select wanted.site, known.session, known.active_at
      from json_to_recordset(${recordset(ids)}::text::json) as wanted (site text, id text)
      cross join lateral (
        select session, active_at from session where session.site = wanted.site and session.id = wanted.id limit 1
      ) known`,
    sql<(TagRow & { site: string })[]>`
      select known.* from json_to_recordset(${recordset(wanted)}::text::json) as wanted (site text, session text, tag text)
      cross join lateral (
        select * from session_tag known
        where known.site = wanted.site and known.session = wanted.session and known.tag = wanted.tag limit 1
      ) known`,
  ]);
  const sessionsOf = Map.groupBy(sessions, ({ site }) => site);
  const tagsOf = Map.groupBy(tags, ({ site }) => site);
  return new Map(
    runs.map(({ site }) => [
      site,
      knownSessions((sessionsOf.get(site) ?? []).map(activeOf), (tagsOf.get(site) ?? []).map(tagOf)),
    ]),
  );
};

type Changed = ReadonlyMap<string, SessionChanges>;

const saveRows = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, { sessions }]) =>
    [...sessions.values()].map((active) => ({ site, ...active })),
  );
  if (rows.length === 0) return undefined;
  const column = (of: (row: (typeof rows)[number]) => string | null) =>
    transaction`unnest(${textArray(rows.map(of))}::text::text[])`;
  return transaction`
    insert into session (site, id, mode, state, contract, complete, late_scans, active_at, session)
    select site, id, mode, state, contract, complete::boolean, late_scans::int, active_at::timestamptz, session::jsonb
    from rows from (
      ${column(({ site }) => site)}, ${column(({ session }) => session.id)},
      ${column(({ session }) => session.mode)}, ${column(({ session }) => session.state)},
      ${column(({ session }) => session.contract)},
      ${column(({ session }) => (session.complete === null ? null : String(session.complete)))},
      ${column(({ session }) => String(session.lateScans))}, ${column(({ activeAt }) => activeAt)},
      ${column(({ session }) => JSON.stringify(session))}
    ) as given (site, id, mode, state, contract, complete, late_scans, active_at, session)
    on conflict (site, id) do update set
      mode = excluded.mode, state = excluded.state, contract = excluded.contract, complete = excluded.complete,
      late_scans = excluded.late_scans, active_at = excluded.active_at, session = excluded.session`;
};

const saveTags = (transaction: Transaction, changed: Changed) => {
  const rows = [...changed].flatMap(([site, { tags }]) =>
    [...tags.values()].map((tag) => ({ site, ...tag })),
  );
  if (rows.length === 0) return undefined;
  const column = (of: (row: (typeof rows)[number]) => string | null) =>
    transaction`unnest(${textArray(rows.map(of))}::text::text[])`;
  return transaction`
    insert into session_tag (site, session, tag, expected, outcome, type, class, seen_at, beside)
    select site, session, tag, expected::boolean, outcome, type, class, seen_at, beside::boolean from rows from (
      ${column(({ site }) => site)}, ${column(({ session }) => session)}, ${column(({ tag }) => tag)},
      ${column(({ expected }) => String(expected))}, ${column(({ outcome }) => outcome)},
      ${column(({ type }) => type)}, ${column((tag) => tag.class)}, ${column(({ seenAt }) => seenAt)},
      ${column(({ beside }) => String(beside))}
    ) as given (site, session, tag, expected, outcome, type, class, seen_at, beside)
    on conflict (site, session, tag) do update set
      expected = excluded.expected, outcome = excluded.outcome, type = excluded.type, class = excluded.class,
      seen_at = excluded.seen_at, beside = excluded.beside`;
};

/** Writes sessions and their tags as they are now. Safe to repeat: a row is the whole truth of what it is about. */
export const saveSessions = (transaction: Transaction, changed: Changed): Promise<unknown> =>
  Promise.all([saveRows(transaction, changed), saveTags(transaction, changed)]);
