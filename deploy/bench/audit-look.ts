import { ask } from "@tagwire/bus";
import { keptBuckets } from "@tagwire/digest";
import { AskFindings, AskRunAudit, type Audit, auditIntervalMs, type Finding } from "@tagwire/messages";
import { timed } from "./figure.ts";
import type { Setting } from "./setting.ts";

const askTimeoutMs = 600_000;
const hourMs = 3_600_000;

/** Audits a site now. */
export const auditNow = async ({ bus }: Setting, site: string): Promise<Audit> =>
  (await ask(bus, AskRunAudit, { site, by: "bench" }, { timeoutMs: askTimeoutMs })).audit;

/** Findings of a site that are open. */
export const openFindings = async ({ bus }: Setting, site: string): Promise<readonly Finding[]> =>
  (await ask(bus, AskFindings, { site, limit: 500, cursor: null, states: ["open"] })).findings;

/** How long a tier of an audit took, in ms. */
export const tierMs = ({ tiers }: Audit, name: string): number =>
  tiers.find(({ tier }) => tier === name)?.durationMs ?? Number.NaN;

/** What an audit took and read, tier by tier. */
export const toldOf = ({ durationMs, rowsRead, tiers }: Audit): string =>
  `${durationMs} ms and ${rowsRead.toLocaleString("en")} rows read: ${tiers.map(({ tier, durationMs: ms }) => `${tier} ${ms.toFixed(0)} ms`).join(", ")}`;

/** What it takes to add up the rows of one side of a site, in ms: what an audit would have to do that keeps nothing while writing. */
export const addUp = ({ sql }: Setting, of: string): Promise<number> =>
  timed(
    () => sql`
      select sum((operations.tagwire_lanes(jsonb_build_array(tag, class, name, status, quality, place, contract, notes, version, pos)::text))[1])
      from operations.item where site = ${of}`,
  );

/** How much of what goes by turns one audit looked at, as shares of everything. */
export type Part = { readonly rows: number; readonly rules: number; readonly lives: number };

type Progress = { readonly scrub: number; readonly rules: number; readonly item: string | null };

const progressOf = async ({ sql }: Setting, site: string): Promise<Progress> => {
  const [row] = await sql<Progress[]>`
    select scrub_from as scrub, coalesce((drilled_from->>'rules')::int, 0) as rules, refolded_until->>'item' as item
    from health_check.audited_site where site = ${site}`;
  return row ?? { scrub: 0, rules: 0, item: null };
};

/** Whoever comes back to where they began went round once. */
const shareOf = (before: number, after: number): number =>
  before === after ? 1 : ((after - before + keptBuckets) % keptBuckets) / keptBuckets;

/** Audits a site now, and tells which part of it had its turn: by where the next audit goes on. */
export const auditPart = async (
  setting: Setting,
  site: string,
): Promise<{ readonly audit: Audit; readonly part: Part }> => {
  const before = await progressOf(setting, site);
  const audit = await auditNow(setting, site);
  const after = await progressOf(setting, site);
  const [row] = await setting.sql<{ passed: number; all: number }[]>`
    select count(*) filter (where tag > ${before.item ?? ""})::int as passed, (
        select count(*) from operations.item where site = ${site})::int as all
    from operations.item where site = ${site} and tag <= ${after.item ?? ""}`;
  const lives = after.item === null ? 1 : (row?.passed ?? 0) / (row?.all ?? 1);
  return {
    audit,
    part: { rows: shareOf(before.scrub, after.scrub), rules: shareOf(before.rules, after.rules), lives },
  };
};

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** A part of an audit in words, and how long it takes until everything had its turn with an audit every five minutes. */
export const roundOf = ({ rows, rules, lives }: Part): string =>
  `looked at by turns: ${percent(rows)} of rows, ${percent(rules)} of what rules go by, ${percent(lives)} of lives, so that all had its turn after ${((auditIntervalMs / hourMs) * Math.ceil(1 / Math.min(rows, rules, lives))).toFixed(1)} h`;
