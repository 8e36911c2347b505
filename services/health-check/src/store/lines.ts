import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import type { FindingChange } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";

/** Something that happened: to a finding, or an audit that ended. */
export type NewLine = {
  readonly what: string;
  readonly at: string;
  readonly by: string;
  readonly finding?: string;
  readonly why: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

export type SiteRow = {
  readonly scrubFrom: number;
  readonly completedAt: Date | null;
  readonly seq: number;
  readonly hash: string;
};

/** Takes the row of a site, so that whoever else writes of it waits; makes it where there is none. */
export const holdSite = async (transaction: Transaction, site: string): Promise<SiteRow> => {
  await transaction`insert into audited_site (site, hash) values (${site}, ${chainStart}) on conflict do nothing`;
  const [row] = await transaction<[SiteRow]>`
    select scrub_from as "scrubFrom", completed_at as "completedAt", seq, hash from audited_site where site = ${site} for update`;
  return row;
};

/** Adds lines to the chain of a site that is held, and gives the number of the last one. */
export const addLines = async (
  transaction: Transaction,
  site: string,
  { seq, hash }: Pick<SiteRow, "seq" | "hash">,
  lines: readonly NewLine[],
): Promise<number> => {
  if (lines.length === 0) return seq;
  let last = { seq, hash };
  const rows = lines.map(({ what, at, by, finding, why, data }) => {
    const line = { site, seq: last.seq + 1, at, what, finding: finding ?? null, by, why, data };
    const sealed = {
      ...line,
      prev_hash: last.hash,
      hash: chainHash(last.hash, canonicalJson(line)),
    };
    last = { seq: sealed.seq, hash: sealed.hash };
    return sealed;
  });
  await transaction`
    insert into line (site, seq, at, what, finding, by, why, data, prev_hash, hash)
    select site, seq, at, what, finding, by, why, data, prev_hash, hash
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, seq bigint, at timestamptz, what text,
      finding uuid, by text, why text, data jsonb, prev_hash text, hash text)`;
  await transaction`update audited_site set seq = ${last.seq}, hash = ${last.hash} where site = ${site}`;
  return last.seq;
};

const historyMax = 200;

/** What happened to a finding, newest first. */
export const readHistory = async (sql: Sql, site: string, finding: string): Promise<FindingChange[]> => {
  const rows = await sql<
    { seq: number; at: Date; what: string; by: string; why: string | null; hash: string }[]
  >`
    select seq, at, what, by, why, hash from line where site = ${site} and finding = ${finding}
    order by seq desc limit ${historyMax}`;
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
};

/** A stretch of a site's log: the line before the first one, and the last one. */
export type Stretch = { readonly after: number; readonly until: number };

/** The newest line of a site's log, as it is kept beside the log. */
export const findLineHead = async (
  sql: Sql,
  site: string,
): Promise<{ readonly seq: number; readonly hash: string } | undefined> => {
  const [head] = await sql<{ seq: number; hash: string }[]>`
    select seq, hash from audited_site where site = ${site}`;
  return head;
};

type LineRow = {
  seq: number;
  at: Date;
  what: string;
  finding: string | null;
  by: string;
  why: string | null;
  data: Record<string, unknown>;
  prev_hash: string;
  hash: string;
};

/**
 * The first line of a stretch that is not what its hash says, or does not follow the one before. The hash of the line before the stretch is
 * taken as it stands there.
 */
export const findBrokenLine = async (
  sql: Sql,
  site: string,
  { head, after, until }: Stretch & { readonly head: { readonly seq: number; readonly hash: string } },
): Promise<number | undefined> => {
  const rows = await sql<LineRow[]>`
    select * from line where site = ${site} and seq >= ${after} and seq <= ${until} order by seq`;
  const before = after === 0 ? { hash: chainStart } : rows.shift();
  if (before === undefined) return after;
  let [seq, last] = [after, before.hash];
  for (const { prev_hash, hash: told, at, seq: own, what, finding, by, why, data } of rows) {
    const line = { site, seq: own, at: at.toISOString(), what, finding, by, why, data };
    if (own !== seq + 1 || prev_hash !== last || told !== chainHash(prev_hash, canonicalJson(line)))
      return seq + 1;
    [seq, last] = [own, told];
  }
  return seq === until && (until < head.seq || last === head.hash) ? undefined : seq + 1;
};
