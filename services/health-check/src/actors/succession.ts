import { auditEntities, type Finding, findingSeverityNames } from "@tagwire/messages";
import { isOver, type KeptFinding, type Look, notSeen, type Step, superseded } from "./finding-life.ts";

/** What comparing rows comes to: where too much differs, only a part of the rows is looked at. */
const ofRows: ReadonlySet<string> = new Set([
  "field_diff",
  "missing_in_manager",
  "missing_in_operations",
  "state_unexplained",
  "bucket_diff",
  "events_not_applied",
]);
const entities: ReadonlySet<string> = new Set(auditEntities);

/**
 * Whether an audit would have seen a finding if it were still so.
 *
 * @param partly entities of which it looked at a part of what differs
 */
export const wasLookedAt = (
  { code, entity }: Pick<Finding, "code" | "entity">,
  partly: ReadonlySet<string>,
): boolean => !(partly.has(entity) && ofRows.has(code));

/** Of whom an audit has heard: whether of the readers of the site, and of which devices. */
export type Heard = { readonly isOfReaders: boolean; readonly devices: ReadonlySet<string> };

/**
 * Whether whoever knows of it has said how the thing of a finding is: what nobody was heard of is as it was. Clocks are of readers and of
 * devices, and only the ledgers of devices say which are theirs.
 */
export const wasHeardOf = (
  { code, entity, key }: Pick<Finding, "code" | "entity" | "key">,
  { isOfReaders, devices }: Heard,
): boolean => {
  if (isOfReaders) return true;
  // Of much of one kind nobody says whether the half of it was of readers.
  if (code === "systemic") return key !== "ledger_open" && key !== "clock_skew";
  return code === "ledger_open" ? entity !== "reader" : code !== "clock_skew" || devices.has(key);
};

/** Whether a finding of much of one kind stands for another one: it is of its code, or of rows of the entity that differs as a whole. */
const standsFor = ({ code, key }: Finding, one: Finding): boolean =>
  code === "systemic" &&
  (key === one.code || (entities.has(key) && key === one.entity && ofRows.has(one.code)));

/** Whether a finding has come at this very audit: one that was there all along took nobody's place. */
const hasCome = ({ told }: Step): boolean => told?.what === "opened" || told?.what === "reopened";

const weight = ({ finding }: Step): number => findingSeverityNames.indexOf(finding.severity);

/**
 * What becomes of a finding that an audit did not see, by what that saw instead.
 *
 *   another code has come to the same thing ──────► superseded by it
 *   much of its kind is one trouble now ──────────► superseded by that; while that is only suspected, as it was
 *   otherwise ────────────────────────────────────► missed, and healed in the end
 *
 * @param seen what the audit saw, as it stands after that
 */
export const unseen = (known: KeptFinding, seen: readonly Step[], look: Look): Step => {
  const { finding } = known;
  if (isOver(finding.state)) return notSeen(known, look);
  const whole = seen.find((step) => standsFor(step.finding, finding));
  // Of many only some are looked at, so that it was not seen says nothing.
  if (whole !== undefined)
    return whole.finding.state === "suspect" ? { ...known } : superseded(known, whole.finding);
  const [successor] = seen
    .filter(
      (step) => hasCome(step) && step.finding.entity === finding.entity && step.finding.key === finding.key,
    )
    .sort((left, right) => weight(left) - weight(right));
  return successor === undefined ? notSeen(known, look) : superseded(known, successor.finding);
};
