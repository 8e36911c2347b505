import { bucketOf, keptBuckets } from "@tagwire/digest";
import { type AuditEntity, type Finding, type FindingCode, rulesInParts } from "@tagwire/messages";
import { bucketsFrom, inQuestions } from "./scrub.ts";

/** Of what rules in parts are about so many rows are looked at in an audit at least; a site with fewer is looked at whole every time. */
const rowsPerAudit = 100_000;
/** Whose rows these rules go through; of each item there is the event that created it. */
const entities: readonly AuditEntity[] = ["item", "member", "session", "session_tag", "contract"];

const isInParts = ({ code, entity }: Pick<Finding, "code" | "entity">): boolean =>
  rulesInParts.some((rule) => rule.code === code && rule.entity === entity);

/** A row that cannot be read is named by its rule alone, so that only looking at everything can tell that it is well again. */
const isUnreadable = ({ code, entity, key }: Pick<Finding, "code" | "entity" | "key">): boolean =>
  code === "record_unreadable" && rulesInParts.some((rule) => rule.code === key && rule.entity === entity);

/** What rules in parts find. */
export const codesInParts: ReadonlySet<FindingCode> = new Set(
  rulesInParts.map(({ code }) => code as FindingCode),
);

/** What rules in parts look at in an audit. */
export type RuleParts = {
  /** Buckets in groups for one question each: those that are due first, then those of what was found before. */
  readonly parts: readonly (readonly number[])[];
  /** How many of them are due. */
  readonly due: number;
  /** The rows that these rules go through, at the whole site. */
  readonly rows: number;
};

/** Whether a rule is asked in parts, by its code and entity. */
export const isRuleInParts = (rule: string): boolean =>
  rulesInParts.some(({ code, entity }) => rule === `${code} ${entity}`);

const isLate = ({ code, key }: Pick<Finding, "code" | "key">): boolean =>
  code === "rule_late" && isRuleInParts(key);

/**
 * Of how many buckets that were due all rules in parts were answered, from the first one on: a part that was late has not been looked at,
 * and the next audit goes on with it.
 *
 * @param lateFrom the first part of which a rule in parts was late; undefined where none was
 */
export const bucketsRuled = ({ parts, due }: RuleParts, lateFrom: number | undefined): number =>
  lateFrom === undefined ? due : Math.min(due, parts.slice(0, lateFrom).flat().length);

/**
 * The buckets that rules in parts look at in an audit: what is due, and whatever was found before.
 *
 * While one of these rules is late its part stays due, and more with every interval. A database that does not answer one part in time would
 * be asked for more and more, and each audit would take longer for nothing, since only parts before the late one count: until an audit
 * has seen that it is over, none looks at more than falls due in an interval. What is left over is told as behind, and made up for then.
 *
 * @param share how much of everything is due, from 0 to 1
 * @param shareWhileLate how much of everything is looked at while a rule in parts is late, at most
 */
export const rulePartsOf = ({
  from,
  share,
  shareWhileLate,
  known,
  rowsOf,
}: {
  readonly from: number;
  readonly share: number;
  readonly shareWhileLate: number;
  readonly known: readonly Pick<Finding, "code" | "entity" | "key">[];
  readonly rowsOf: (entity: AuditEntity) => number;
}): RuleParts => {
  const rows = entities.reduce((sum, entity) => sum + rowsOf(entity), 0);
  const least = Math.floor((keptBuckets * rowsPerAudit) / Math.max(1, rows));
  const shareNow = known.some(isLate) ? Math.min(share, shareWhileLate) : share;
  const count = known.some(isUnreadable)
    ? keptBuckets
    : Math.min(keptBuckets, Math.max(1, least, Math.ceil(keptBuckets * shareNow)));
  const due = bucketsFrom(from, count);
  const before = known.filter(isInParts).map(({ key }) => bucketOf(key, keptBuckets));
  return { parts: inQuestions([...new Set([...due, ...before])], rows), due: count, rows };
};
