import type { Audit } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import type { AuditProgress } from "../actors/progress.ts";

/** Audits are kept for so long; what they found stays. */
const keptDays = 90;

const instantOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

export const saveAudit = async (
  transaction: Transaction,
  audit: Audit,
  { scrubFrom, drilledFrom, refoldedUntil, linesUntil, rowsProvenUntilMs, livesProvenUntilMs }: AuditProgress,
): Promise<void> => {
  await transaction`
    insert into audit (site, id, started_at, audit)
    values (${audit.site}, ${audit.id}, ${audit.startedAt}, ${JSON.stringify(audit)}::text::jsonb)`;
  await transaction`
    update audited_site set scrub_from = ${scrubFrom},
      drilled_from = ${JSON.stringify(drilledFrom)}::text::jsonb, refolded_until = ${JSON.stringify(refoldedUntil)}::text::jsonb,
      lines_until = ${linesUntil}, rows_proven_until = ${instantOf(rowsProvenUntilMs)},
      lives_proven_until = ${instantOf(livesProvenUntilMs)}, audited_at = ${audit.startedAt}
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
  readonly rows_proven_until: Date | null;
  readonly lives_proven_until: Date | null;
};

/** Where the next audit of a site goes on; from the beginning for one that was never audited. */
export const findProgress = async (sql: Sql, site: string): Promise<AuditProgress> => {
  const [row] = await sql<ProgressRow[]>`
    select scrub_from, drilled_from, refolded_until, lines_until, rows_proven_until, lives_proven_until
    from audited_site where site = ${site}`;
  return {
    scrubFrom: row?.scrub_from ?? 0,
    drilledFrom: row?.drilled_from ?? {},
    refoldedUntil: row?.refolded_until ?? {},
    linesUntil: row?.lines_until ?? 0,
    rowsProvenUntilMs: row?.rows_proven_until?.getTime() ?? null,
    livesProvenUntilMs: row?.lives_proven_until?.getTime() ?? null,
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

/** When each site was last audited to the end. */
export const lastCompleted = async (sql: Sql): Promise<ReadonlyMap<string, Date | null>> => {
  const rows = await sql<{ site: string; completed_at: Date | null }[]>`
    select site, completed_at from audited_site`;
  return new Map(rows.map((row) => [row.site, row.completed_at]));
};
