import type { Sql } from "@tagwire/store";
import type { Sighting } from "../actors/sighting.ts";
import { findBrokenLine, findLineHead } from "../store/lines.ts";
import {
  countOfSite,
  findingsAfter,
  findSilenced,
  newestFindings,
  type Silenced,
} from "../store/told-findings.ts";

/** So many of the newest lines are checked at each audit: three days of a site at which nothing happens. */
const newestLines = 1_000;
/** Of those before them a part, the next one each time; */
const linesPerAudit = 1_000;

const broken = (line: number): Sighting => ({
  ...{ code: "findings_changed", entity: "line", key: String(line), isCertain: true },
  evidence: { detail: "the line does not come to its hash, or does not follow the one before" },
});

/** Findings that were seen last, so many, are held against the log at each audit, and those of the newest lines; */
const newestFindingsMax = 2_000;
/** of all others a part, the next one each time; */
const findingsPerAudit = 1_000;
/** in portions of so many. */
const portionFindings = 1_000;

const detailOf = ({ field, is, told }: Silenced): string => {
  if (field !== "row")
    return `its ${field} is ${is ?? "nothing"}, and the log says ${told ?? "nothing"}: nobody did that through Tagwire`;
  return told === null
    ? "it is there, and the log tells nothing of it: nobody found it through Tagwire"
    : `it is gone, and the log says that it is ${told}: nobody deletes one through Tagwire`;
};

const silenced = (one: Silenced): Sighting => ({
  ...{ code: "findings_changed", entity: "finding", key: one.id, isCertain: true },
  evidence: { detail: detailOf(one) },
});

type Turn = {
  /** The line after which the turn begins. */
  readonly from: number;
  /** The finding after which it does; null for the first one. */
  readonly findingsFrom: string | null;
  /** Of everything that is due, from 0 to 1. */
  readonly share: number;
  /** Findings that were otherwise than the log tells: whether they still are is looked at whosever turn it is. */
  readonly silencedBefore: readonly string[];
};

/** Findings that are not as the log tells: the newest, and the next part of all. */
const checkFindings = async (
  sql: Sql,
  site: string,
  { findingsFrom, share, silencedBefore, newest }: Omit<Turn, "from"> & { readonly newest: number },
): Promise<{ readonly found: readonly Sighting[]; readonly until: string | null }> => {
  const limit = Math.max(findingsPerAudit, Math.ceil((await countOfSite(sql, site)) * share));
  const turn = await findingsAfter(sql, site, { limit, after: findingsFrom });
  const latest = await newestFindings(sql, site, { limit: newestFindingsMax, after: newest });
  const ids = [...new Set([...silencedBefore, ...latest, ...turn])];
  const found: Sighting[] = [];
  for (let at = 0; at < ids.length; at += portionFindings) {
    const portion = await findSilenced(sql, site, ids.slice(at, at + portionFindings));
    found.push(...portion.map(silenced));
  }
  return { found, until: turn.length < limit ? null : (turn.at(-1) ?? null) };
};

/**
 * Whether the log of findings is the one that was written, and findings are there and in the state that it tells. The newest lines and
 * findings are checked at each audit before it goes on, the others by turns: however many there are, in a day all of them were.
 */
export const checkOwnLog = async (
  sql: Sql,
  site: string,
  { from, ...turn }: Turn,
): Promise<{
  readonly found: readonly Sighting[];
  readonly until: number;
  readonly findingsUntil: string | null;
}> => {
  const head = await findLineHead(sql, site);
  if (head === undefined) return { found: [], until: 0, findingsUntil: null };
  const newest = Math.max(0, head.seq - newestLines);
  const after = from < newest ? from : 0;
  const until = Math.min(newest, after + Math.max(linesPerAudit, Math.ceil(head.seq * turn.share)));
  const lines = [
    await findBrokenLine(sql, site, { head, after: newest, until: head.seq }),
    after < until ? await findBrokenLine(sql, site, { head, after, until }) : undefined,
  ].filter((line) => line !== undefined);
  const findings = await checkFindings(sql, site, { ...turn, newest });
  return {
    found: [...[...new Set(lines)].map(broken), ...findings.found],
    // Where a line is broken the turn stays, so that it is seen for as long as it is so.
    until: lines.length > 0 ? after : until,
    findingsUntil: findings.until,
  };
};
