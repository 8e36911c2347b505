import {
  Fault,
  type Finding,
  type HealingOutcome,
  openFindingStates,
  type RemedyPlan,
} from "@tagwire/messages";
import type { KeptFinding, Step } from "./finding-life.ts";

const open: ReadonlySet<string> = new Set(openFindingStates);

/** Whether somebody has proposed that it be healed: who proposes a resolution says which. */
const isHealProposed = ({ proposedBy, resolution }: Finding): boolean =>
  proposedBy !== null && resolution === null;

/**
 * What becomes of a finding that somebody wants healed.
 *
 *   open … in_review ──heal──► healing
 *   critical: open … in_review ──heal──► proposed ──heal by the same──► refused
 *                                                 ──heal by another──► healing
 *
 * @throws Fault `finding_state` when it is over or not certain yet, or nothing heals it
 */
export const healingOf = (finding: Finding, by: string): HealingOutcome => {
  if (!open.has(finding.state)) throw new Fault("finding_state", `it is ${finding.state}`);
  if (finding.remedy === "none")
    throw new Fault("finding_state", "nothing heals this: a person puts it right");
  if (finding.severity !== "critical") return "healing";
  if (!isHealProposed(finding)) return "proposed";
  return finding.proposedBy === by ? "refused" : "healing";
};

type Word = { readonly by: string; readonly why: string | undefined; readonly plan: RemedyPlan };

const told = (what: string, { why, plan }: Word, done: string): NonNullable<Step["told"]> => ({
  what,
  why: why === undefined ? done : `${why} (${done})`,
  data: { healing: plan },
});

/** The finding after somebody has proposed that it be healed. A resolution that was proposed before is proposed no more. */
export const healProposed = ({ finding, missed }: KeptFinding, word: Word): Step => ({
  finding: {
    ...finding,
    state: "in_review",
    owner: finding.owner ?? word.by,
    resolution: null,
    proposedBy: word.by,
    version: finding.version + 1,
  },
  missed,
  told: told("heal_proposed", word, "a second person has to say so, too"),
});

/** The finding after its remedy was applied: the next audits prove whether that helped, so it stays as open as it was. */
export const healingBegun = ({ finding, missed }: KeptFinding, word: Word, done: string): Step => ({
  finding: {
    ...finding,
    ...(isHealProposed(finding) ? { proposedBy: null } : {}),
    version: finding.version + 1,
  },
  missed,
  told: told("healing", word, done),
});
