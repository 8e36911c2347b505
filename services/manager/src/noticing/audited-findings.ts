import { ask, type Bus } from "@tagwire/bus";
import {
  type AlertRule,
  AskAudits,
  AskFindings,
  Fault,
  type Finding,
  type FindingOpenedParams,
  openFindingStates,
} from "@tagwire/messages";
import { type Sight, subjectsMax } from "../actors/alert.ts";
import { wantsAudited } from "../actors/finding.ts";
import { auditLate, type NewestAudit } from "../actors/watch-audits.ts";

/** How long the health check may take to say what is open, in ms. */
const timeoutMs = 2_000;
const pageFindings = 200;
/** More than this are one trouble, and are folded into one by the health check. */
const findingsMax = 2_000;

/** What audits have found of a site and somebody has still to settle. */
export type Audited = readonly Finding[];

/** Undefined when no rule asks, or nobody says it now: then alerts of what audits found stay as they are. */
export const askAudited = async (
  bus: Bus,
  { site, rules }: { readonly site: string; readonly rules: readonly AlertRule[] },
): Promise<Audited | undefined> => {
  if (!rules.some(({ kind }) => kind === "finding_opened")) return undefined;
  const all: Finding[] = [];
  try {
    let cursor: string | null = null;
    do {
      const asked = { site, limit: pageFindings, cursor, states: [...openFindingStates] };
      const page: { findings: Finding[]; next: string | null } = await ask(bus, AskFindings, asked, {
        timeoutMs,
      });
      all.push(...page.findings);
      cursor = page.next;
    } while (cursor !== null && all.length < findingsMax);
    return all;
  } catch (error) {
    if (error instanceof Fault && error.retryable) return undefined;
    throw error;
  }
};

const detailOf = ({ evidence: { detail, fields } }: Finding): string | undefined =>
  detail ?? (fields === undefined || fields.length === 0 ? undefined : fields.join(", "));

/** What a rule looks for among them, by code. */
export const auditedSights = (params: FindingOpenedParams, audited: Audited): Map<string, Sight> => {
  const wanted = audited.filter(({ code }) => wantsAudited(params, code));
  return new Map(
    [...Map.groupBy(wanted, ({ code }) => code)].map(([code, own]) => [
      code,
      {
        count: own.length,
        subjects: own
          .sort((left, right) => (left.firstSeenAt < right.firstSeenAt ? -1 : 1))
          .slice(0, subjectsMax)
          .map((finding) => {
            const detail = detailOf(finding);
            return {
              key: finding.key,
              since: finding.firstSeenAt,
              ...(detail === undefined ? {} : { detail }),
            };
          }),
      },
    ]),
  );
};

/** Whether a rule looks for audits that do not take place. */
export const watchesAudits = ({ kind, params }: AlertRule): boolean =>
  kind === "finding_opened" && wantsAudited(params as FindingOpenedParams, auditLate);

/** When a site was audited last; undefined when no rule asks, or nobody says it now. */
export const askNewestAudit = async (
  bus: Bus,
  { site, rules }: { readonly site: string; readonly rules: readonly AlertRule[] },
): Promise<NewestAudit | undefined> => {
  if (!rules.some(watchesAudits)) return undefined;
  try {
    const { audits, everyMs } = await ask(bus, AskAudits, { site, limit: 1, cursor: null }, { timeoutMs });
    const [newest] = audits;
    return { atMs: newest === undefined ? null : Date.parse(newest.startedAt), everyMs };
  } catch (error) {
    if (error instanceof Fault && error.retryable) return undefined;
    throw error;
  }
};
