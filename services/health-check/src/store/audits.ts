import { chainStart } from "@tagwire/digest";
import type { Audit } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { AuditProgress } from "../actors/progress.ts";

/** Audits are kept for so long; what they found stays. */
const keptDays = 90;

const instantOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

export const saveAudit = async (
  transaction: Transaction,
  audit: Audit,
  {
    scrubFrom,
    drilledFrom,
    refoldedUntil,
    linesUntil,
    findingsUntil,
    rowsProvenUntilMs,
    rulesProvenUntilMs,
    livesProvenUntilMs,
    rounds,
  }: AuditProgress,
): Promise<void> => {
  await transaction`
    insert into audit (site, id, started_at, audit)
    values (${audit.site}, ${audit.id}, ${audit.startedAt}, ${JSON.stringify(audit)}::text::jsonb)`;
  await transaction`
    update audited_site set scrub_from = ${scrubFrom},
      drilled_from = ${JSON.stringify(drilledFrom)}::text::jsonb, refolded_until = ${JSON.stringify(refoldedUntil)}::text::jsonb,
      lines_until = ${linesUntil}, findings_until = ${findingsUntil}, rows_proven_until = ${instantOf(rowsProvenUntilMs)},
      rules_proven_until = ${instantOf(rulesProvenUntilMs)}, lives_proven_until = ${instantOf(livesProvenUntilMs)}, rounds = ${JSON.stringify(rounds)}::text::jsonb,
      audited_at = ${audit.startedAt}
      ${audit.verdict === "incomplete" ? transaction`` : transaction`, completed_at = now()`}
    where site = ${audit.site}`;
  await transaction`
    delete from audit where site = ${audit.site} and started_at < now() - ${keptDays} * interval '1 day'`;
};

type ProgressRow = {
  readonly scrub_from: number;
  readonly drilled_from: AuditProgress["drilledFrom"];
  readonly refolded_until: AuditProgress["refoldedUntil"];
  readonly lines_until: number;
  readonly findings_until: string | null;
  readonly rows_proven_until: Date | null;
  readonly rules_proven_until: Date | null;
  readonly lives_proven_until: Date | null;
  readonly rounds: AuditProgress["rounds"];
};

/** Where the next audit of a site goes on; from the beginning for one that was never audited. */
export const findProgress = async (sql: Sql, site: string): Promise<AuditProgress> => {
  const [row] = await sql<ProgressRow[]>`
    select scrub_from, drilled_from, refolded_until, lines_until, findings_until, rows_proven_until, rules_proven_until,
      lives_proven_until, rounds
    from audited_site where site = ${site}`;
  return {
    scrubFrom: row?.scrub_from ?? 0,
    drilledFrom: row?.drilled_from ?? {},
    refoldedUntil: row?.refolded_until ?? {},
    linesUntil: row?.lines_until ?? 0,
    findingsUntil: row?.findings_until ?? null,
    rowsProvenUntilMs: row?.rows_proven_until?.getTime() ?? null,
    rulesProvenUntilMs: row?.rules_proven_until?.getTime() ?? null,
    livesProvenUntilMs: row?.lives_proven_until?.getTime() ?? null,
    rounds: row?.rounds ?? {},
  };
};

export const findAudit = async (sql: Sql, site: string, id: string): Promise<Audit | undefined> => {
  const [row] = await sql<{ audit: Audit }[]>`select audit from audit where site = ${site} and id = ${id}`;
  return row?.audit;
};

/** A page of audits, newest first; one more than `limit` says that there is a next page. */
export const listAudits = async (
  sql: Sql,
  {
    site,
    limit,
    after,
  }: { site: string; limit: number; after: { readonly at: string; readonly id: string } | undefined },
): Promise<Audit[]> => {
  const rows = await sql<{ audit: Audit }[]>`
    select audit from audit where site = ${site}
    ${after === undefined ? sql`` : sql`and (started_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`}
    order by started_at desc, id desc limit ${limit + 1}`;
  return rows.map(({ audit }) => audit);
};

/** Remembers sites from now on, those too that are not audited yet. Repeated it changes nothing. */
export const knowSites = async (sql: Sql, sites: readonly string[]): Promise<void> => {
  await sql`
    insert into audited_site (site, hash)
    select site, ${chainStart} from unnest(${[...sites]}::text[]) as site on conflict do nothing`;
};

/** For how long nothing was proven of a site: both instants by the one clock of the database. */
export type Unaudited = { readonly sinceMs: number; readonly nowMs: number };

/** Since when no audit of a site has come to its end: since the last one that did, or since it is known; undefined where it is not. */
export const findUnaudited = async (sql: Sql, site: string): Promise<Unaudited | undefined> => {
  const [row] = await sql<{ since: Date; now: Date }[]>`
    select coalesce(completed_at, known_since) as since, clock_timestamp() as now from audited_site where site = ${site}`;
  return row === undefined ? undefined : { sinceMs: row.since.getTime(), nowMs: row.now.getTime() };
};

/** For how long no audit of each site has come to its end, in ms: since the last one that did, or since it is known. */
export const unauditedForMs = async (sql: Sql): Promise<ReadonlyMap<string, number>> => {
  const rows = await sql<{ site: string; ms: number }[]>`
    select site, 1000 * extract(epoch from clock_timestamp() - coalesce(completed_at, known_since))::float8 as ms
    from audited_site`;
  return new Map(rows.map(({ site, ms }) => [site, ms]));
};
