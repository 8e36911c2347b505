import type {
  RfidproDifference,
  RfidproDifferenceChange,
  RfidproDifferenceClass,
  RfidproDifferenceState,
} from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { Told } from "../actors/could-tell.ts";
import type { Step } from "../actors/difference-life.ts";

type Row = { difference: RfidproDifference };

/** Differences by their fingerprints, held until the end of the transaction: a person may act on one at the same time. */
export const holdKnown = async (
  transaction: Transaction,
  site: string,
  fingerprints: readonly string[],
): Promise<Map<string, RfidproDifference>> => {
  const rows = await transaction<Row[]>`
    select difference from difference where site = ${site} and fingerprint = any(${[...fingerprints]}::text[])
    order by id for update`;
  return new Map(rows.map(({ difference }) => [difference.fingerprint, difference]));
};

export const holdDifference = async (
  transaction: Transaction,
  site: string,
  id: string,
): Promise<RfidproDifference | undefined> => {
  const [row] = await transaction<Row[]>`
    select difference from difference where site = ${site} and id = ${id} for update`;
  return row?.difference;
};

export const findDifference = async (
  sql: Sql,
  site: string,
  id: string,
): Promise<RfidproDifference | undefined> => {
  const [row] = await sql<Row[]>`select difference from difference where site = ${site} and id = ${id}`;
  return row?.difference;
};

export type Unseen = {
  readonly run: string;
  readonly told: readonly Told[];
  readonly after: string;
  readonly limit: number;
};

const unseen = (sql: Sql | Transaction, site: string, { run, told, after, limit }: Unseen) => sql`
  select difference from difference
  where site = ${site} and state in ('pending', 'open', 'acknowledged') and id > ${after} and last_run <> ${run}
    and class || ' ' || (difference->>'kind') = any(${told.map((one) => `${one.class} ${one.kind}`)}::text[])
  order by id limit ${limit}`;

/** The next differences that somebody still has to do something about and that a run could have told and did not see. */
export const findUnseen = async (sql: Sql, site: string, asked: Unseen): Promise<RfidproDifference[]> => {
  const rows = await sql<Row[]>`${unseen(sql, site, asked)}`;
  return rows.map(({ difference }) => difference);
};

/** The same, held until the end of the transaction. */
export const holdUnseen = async (
  transaction: Transaction,
  site: string,
  asked: Unseen,
): Promise<RfidproDifference[]> => {
  const rows = await transaction<Row[]>`${unseen(transaction, site, asked)} for update`;
  return rows.map(({ difference }) => difference);
};

/** Writes differences as they are now, each with the line that tells of it; lines count from where they ended. */
export const saveSteps = async (
  transaction: Transaction,
  steps: readonly Step[],
  { at, by }: { readonly at: string; readonly by: string },
): Promise<void> => {
  if (steps.length === 0) return;
  const rows = steps.map(({ difference }) => ({
    ...{
      site: difference.site,
      id: difference.id,
      fingerprint: difference.fingerprint,
      class: difference.class,
    },
    ...{ state: difference.state, key: difference.key, last_run: difference.lastRun },
    ...{ last_seen_at: difference.lastSeenAt, difference },
  }));
  await transaction`
    insert into difference (site, id, fingerprint, class, state, key, last_run, last_seen_at, difference)
    select site, id, fingerprint, class, state, key, last_run, last_seen_at, difference
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, id uuid, fingerprint text, class text, state text,
      key text, last_run uuid, last_seen_at timestamptz, difference jsonb)
    on conflict (site, id) do update set state = excluded.state, last_run = excluded.last_run, last_seen_at = excluded.last_seen_at,
      difference = excluded.difference`;
  const lines = steps.flatMap(({ difference, told }) =>
    told === undefined
      ? []
      : [{ site: difference.site, id: difference.id, what: told.what, why: told.why, difference }],
  );
  if (lines.length === 0) return;
  await transaction`
    insert into difference_line (site, id, seq, at, what, by, why, difference)
    select given.site, given.id, coalesce((select max(seq) from difference_line l where l.site = given.site and l.id = given.id), 0) + 1,
      ${at}, given.what, ${by}, given.why, given.difference
    from json_to_recordset(${JSON.stringify(lines)}::text::json) as given (site text, id uuid, what text, why text, difference jsonb)`;
};

/** Keeps what a run saw, as it saw it. */
export const saveSeen = async (
  transaction: Transaction,
  run: string,
  seen: readonly RfidproDifference[],
): Promise<void> => {
  if (seen.length === 0) return;
  const rows = seen.map((difference) => ({
    ...{
      id: difference.id,
      class: difference.class,
      state: difference.state,
      key: difference.key,
      difference,
    },
  }));
  await transaction`
    insert into run_difference (run, id, class, state, key, difference)
    select ${run}, id, class, state, key, difference
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (id uuid, class text, state text, key text, difference jsonb)
    on conflict (run, id) do nothing`;
};

export const forgetSeen = async (sql: Sql, run: string): Promise<void> => {
  await sql`delete from run_difference where run = ${run}`;
};

export type DifferenceQuery = {
  readonly limit: number;
  readonly classes?: readonly RfidproDifferenceClass[] | undefined;
  readonly states?: readonly RfidproDifferenceState[] | undefined;
  readonly q?: string | undefined;
};

const likeEscape = (text: string): string => text.replaceAll(/[\\%_]/g, (found) => `\\${found}`);

const narrowed = (sql: Sql, { classes, states, q }: DifferenceQuery) => sql`
  ${classes === undefined ? sql`` : sql`and class = any(${[...classes]}::text[])`}
  ${states === undefined ? sql`` : sql`and state = any(${[...states]}::text[])`}
  ${q === undefined ? sql`` : sql`and key ilike ${`%${likeEscape(q)}%`}`}`;

/** Differences of a site as they are now, those that were seen last first; one more than `limit` says that there is a next page. */
export const listOfSite = async (
  sql: Sql,
  site: string,
  query: DifferenceQuery & { readonly after: { readonly at: string; readonly id: string } | undefined },
): Promise<RfidproDifference[]> => {
  const { after, limit } = query;
  const rows = await sql<Row[]>`
    select difference from difference where site = ${site} ${narrowed(sql, query)}
    ${after === undefined ? sql`` : sql`and (last_seen_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`}
    order by last_seen_at desc, id desc limit ${limit + 1}`;
  return rows.map(({ difference }) => difference);
};

/** What a run saw, in the order of ids. */
export const listOfRun = async (
  sql: Sql,
  run: string,
  query: DifferenceQuery & { readonly after: string | undefined },
): Promise<RfidproDifference[]> => {
  const rows = await sql<Row[]>`
    select difference from run_difference where run = ${run} ${narrowed(sql, query)}
    ${query.after === undefined ? sql`` : sql`and id > ${query.after}::uuid`}
    order by id limit ${query.limit + 1}`;
  return rows.map(({ difference }) => difference);
};

export const readHistory = async (sql: Sql, site: string, id: string): Promise<RfidproDifferenceChange[]> => {
  const rows = await sql<(Omit<RfidproDifferenceChange, "at"> & { at: Date })[]>`
    select seq, at, what, by, why from difference_line where site = ${site} and id = ${id} order by seq desc limit 200`;
  return rows.map(({ at, ...line }) => ({ ...line, at: at.toISOString() }));
};
