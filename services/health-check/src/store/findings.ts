import type { Finding, FindingState } from "@tagwire/messages";
import { inTransaction, type Sql, type Transaction } from "@tagwire/store";
import type { KeptFinding, Step } from "../actors/finding-life.ts";

type Row = { finding: Finding; missed: number };

/** Findings that an audit has something to say about: those that are not over, and those that it sees again. */
export const findKept = async (
  sql: Sql | Transaction,
  site: string,
  fingerprints: readonly string[],
): Promise<Map<string, KeptFinding>> => {
  const rows = await sql<Row[]>`
    select finding, missed from finding
    where site = ${site} and (state in ('suspect', 'open', 'acknowledged', 'in_review')
      or fingerprint = any(${[...fingerprints]}::text[]))`;
  return new Map(rows.map(({ finding, missed }) => [finding.fingerprint, { finding, missed }]));
};

export const findFinding = async (
  sql: Sql | Transaction,
  site: string,
  id: string,
): Promise<KeptFinding | undefined> => {
  const [row] = await sql<Row[]>`select finding, missed from finding where site = ${site} and id = ${id}`;
  return row;
};

/** Writes findings as they are now. */
export const saveFindings = async (transaction: Transaction, steps: readonly Step[]): Promise<void> => {
  if (steps.length === 0) return;
  const rows = steps.map(({ finding, missed }) => ({
    ...{ site: finding.site, id: finding.id, fingerprint: finding.fingerprint, state: finding.state },
    ...{ code: finding.code, last_seen_at: finding.lastSeenAt, missed, finding },
  }));
  await transaction`
    insert into finding (site, id, fingerprint, state, code, last_seen_at, missed, finding)
    select site, id, fingerprint, state, code, last_seen_at, missed, finding
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, id uuid, fingerprint text, state text, code text,
      last_seen_at timestamptz, missed int, finding jsonb)
    on conflict (site, id) do update set state = excluded.state, last_seen_at = excluded.last_seen_at, missed = excluded.missed,
      finding = excluded.finding`;
};

export type FindingQuery = {
  readonly site: string;
  readonly limit: number;
  readonly after: { readonly at: string; readonly id: string } | undefined;
  readonly states?: readonly FindingState[] | undefined;
  readonly codes?: readonly string[] | undefined;
};

/** A page of findings, and the line of the chain that it is as of. */
export const readAsOf = (
  sql: Sql,
  query: FindingQuery,
): Promise<{ readonly seq: number; readonly findings: Finding[] }> =>
  inTransaction(
    sql,
    async (transaction) => {
      const [row] = await transaction<{ seq: number }[]>`
        select seq from audited_site where site = ${query.site}`;
      return { seq: row?.seq ?? 0, findings: await listFindings(transaction, query) };
    },
    "isolation level repeatable read read only",
  );

/** A page of findings, those that were seen last first; one more than `limit` says that there is a next page. */
export const listFindings = async (sql: Sql | Transaction, query: FindingQuery): Promise<Finding[]> => {
  const { site, limit, after, states, codes } = query;
  const rows = await sql<{ finding: Finding }[]>`
    select finding from finding where site = ${site}
    ${after === undefined ? sql`` : sql`and (last_seen_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`}
    ${states === undefined ? sql`` : sql`and state = any(${[...states]}::text[])`}
    ${codes === undefined ? sql`` : sql`and code = any(${[...codes]}::text[])`}
    order by last_seen_at desc, id desc limit ${limit + 1}`;
  return rows.map(({ finding }) => finding);
};

/** How many findings are in which state, over all sites. */
export const countFindings = async (
  sql: Sql,
): Promise<{ site: string; code: string; severity: string; state: string; count: number }[]> => sql`
  select site, code, finding->>'severity' as severity, state, count(*)::int as count from finding group by 1, 2, 3, 4`;
