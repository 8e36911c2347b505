import {
  type ActOnFindingBody,
  type Evidence,
  Fault,
  type Finding,
  type FindingAct,
  type FindingSeverity,
  type FindingState,
  findingKinds,
} from "@tagwire/messages";
import { fingerprintOf, type Sighting, signatureOf } from "./sighting.ts";

/** A finding, and at how many audits in a row it was not there any more. */
export type KeptFinding = { readonly finding: Finding; readonly missed: number };

/** A step of a finding's life: how it is afterwards, and the line of its history; without a line nothing is worth telling. */
export type Step = KeptFinding & {
  readonly told?: {
    readonly what: string;
    readonly why: string | null;
    /** What its line keeps besides the finding. */
    readonly data?: Readonly<Record<string, unknown>>;
  };
};

/** The audit that looks. */
export type Look = {
  readonly site: string;
  readonly at: string;
  readonly barrier: { readonly epoch: number; readonly pos: number } | null;
  /** Gives a new finding its id. */
  readonly nextId: () => string;
};

/** Gone at so many audits in a row, a finding has healed by itself. */
const missedToHeal = 2;

const hourMs = 3_600_000;
const dueAfterMs: Readonly<Record<FindingSeverity, number>> = {
  critical: 24 * hourMs,
  high: 72 * hourMs,
  medium: 7 * 24 * hourMs,
};

const dueOf = (severity: FindingSeverity, at: string): string =>
  new Date(Date.parse(at) + dueAfterMs[severity]).toISOString();

const remedyOf = ({ code, remedy }: Sighting) => remedy ?? findingKinds[code].remedy;

const begun = (sighting: Sighting, { site, at, barrier, nextId }: Look): Step => {
  const { severity, advice } = findingKinds[sighting.code];
  const state = sighting.isCertain ? "open" : "suspect";
  const finding: Finding = {
    id: nextId(),
    site,
    code: sighting.code,
    severity,
    entity: sighting.entity,
    key: sighting.key,
    state,
    fingerprint: fingerprintOf(sighting),
    signature: signatureOf(sighting),
    revision: 1,
    evidence: sighting.evidence,
    advice,
    remedy: remedyOf(sighting),
    owner: null,
    dueAt: state === "open" ? dueOf(severity, at) : null,
    firstSeenAt: at,
    lastSeenAt: at,
    seen: 1,
    reopened: 0,
    barrier,
    resolution: null,
    proposedBy: null,
    version: 1,
  };
  return { finding, missed: 0, told: { what: state === "open" ? "opened" : "suspected", why: null } };
};

export const isOver = (state: FindingState): boolean =>
  state === "resolved" || state === "closed" || state === "auto_healed" || state === "superseded";

/** Whether a person has decided that what differs may go on. */
const isLeftAsItIs = ({ state, resolution }: Finding): boolean =>
  (state === "resolved" || state === "closed") &&
  (resolution === "accepted_difference" || resolution === "false_positive");

/** How many more there are is said of now, and is no other trouble. */
const countedAnew = (evidence: Evidence, { evidence: { more } }: Sighting): Evidence =>
  more === undefined ? evidence : { ...evidence, more };

/** The finding after an audit has seen it. */
export const seenAgain = (known: KeptFinding | undefined, sighting: Sighting, look: Look): Step => {
  if (known === undefined) return begun(sighting, look);
  const { finding } = known;
  const signature = signatureOf(sighting);
  const isNews = signature !== finding.signature;
  const seen: Finding = {
    ...finding,
    lastSeenAt: look.at,
    seen: finding.seen + 1,
    barrier: look.barrier,
    remedy: remedyOf(sighting),
    version: finding.version + 1,
    ...(isNews
      ? { signature, revision: finding.revision + 1, evidence: sighting.evidence }
      : { evidence: countedAnew(finding.evidence, sighting) }),
  };
  const opened = { ...seen, state: "open" as const, dueAt: dueOf(finding.severity, look.at) };
  // Whoever has said that it is so, and may stay so, has said it of exactly this.
  if (isLeftAsItIs(finding) && !isNews) return { finding: seen, missed: 0 };
  if (isOver(finding.state)) {
    // How it ended the last time is in its history.
    const { evidence } = sighting;
    const again = { ...opened, evidence, reopened: finding.reopened + 1, resolution: null, proposedBy: null };
    return { finding: again, missed: 0, told: { what: "reopened", why: "an audit sees it again" } };
  }
  // Suspected twice is enough: what is under way never looks like that at two barriers.
  if (finding.state === "suspect")
    return { finding: opened, missed: 0, told: { what: "opened", why: "seen at two audits" } };
  // Whoever acknowledged something else did not acknowledge this.
  if (isNews && finding.state !== "open") {
    const news = { ...opened, resolution: null, proposedBy: null };
    return { finding: news, missed: 0, told: { what: "revised", why: "something else differs now" } };
  }
  // And whoever has proposed something about it did not propose it about this: nobody can second that any more.
  if (isNews)
    return {
      finding: { ...seen, resolution: null, proposedBy: null },
      missed: 0,
      told: { what: "revised", why: "something else differs now" },
    };
  return { finding: seen, missed: 0 };
};

const healedEvidence = (evidence: Evidence, { barrier }: Look): Evidence => ({
  ...evidence,
  detail: [
    evidence.detail,
    `equal at ${missedToHeal} audits in a row, last at ${barrier?.epoch}:${barrier?.pos}`,
  ]
    .filter((part) => part !== undefined)
    .join("; "),
});

/** The finding after an audit has looked for it and not seen it. */
export const notSeen = (known: KeptFinding, look: Look): Step => {
  const { finding } = known;
  const missed = known.missed + 1;
  if (isOver(finding.state)) return { ...known };
  if (finding.state !== "suspect" && missed < missedToHeal) return { finding, missed };
  const healed: Finding = {
    ...finding,
    state: "auto_healed",
    evidence: healedEvidence(finding.evidence, look),
    dueAt: null,
    version: finding.version + 1,
  };
  const why = finding.state === "suspect" ? "the next audit did not see it" : "equal at two audits in a row";
  return { finding: healed, missed, told: { what: "auto_healed", why } };
};

/** The finding after an audit has seen another one in its place. */
export const superseded = ({ finding }: KeptFinding, { id, code }: Finding): Step => ({
  finding: {
    ...finding,
    state: "superseded",
    evidence: { ...finding.evidence, supersededBy: id },
    dueAt: null,
    proposedBy: null,
    version: finding.version + 1,
  },
  missed: 0,
  told: { what: "superseded", why: `${code} is there in its place: finding ${id}` },
});

const refuse = (detail: string): never => {
  throw new Fault("finding_state", detail);
};

const changed = (finding: Finding, change: Partial<Finding>, what: string, why: string | null): Step => ({
  finding: { ...finding, ...change, version: finding.version + 1 },
  missed: 0,
  told: { what, why },
});

const resolve = (finding: Finding, by: string, { why, resolution }: ActOnFindingBody): Step => {
  if (resolution === undefined) throw new Fault("malformed", "resolution");
  // Without a resolution it is proposed that it be healed, which is another matter.
  const isProposed = finding.proposedBy !== null && finding.resolution !== null;
  if (finding.severity !== "critical" || isProposed) {
    if (finding.proposedBy === by) throw new Fault("second_person_required", finding.id);
    const proposed = finding.resolution ?? resolution;
    return changed(
      finding,
      { state: "resolved", resolution: proposed, dueAt: null },
      "resolved",
      why ?? null,
    );
  }
  return changed(finding, { state: "in_review", resolution, proposedBy: by }, "proposed", why ?? null);
};

const reopen = (finding: Finding, why: string | null, at: string): Step => {
  const { supersededBy: _over, ...evidence } = finding.evidence;
  const reopened = finding.reopened + 1;
  return changed(
    finding,
    {
      state: "open",
      evidence,
      reopened,
      resolution: null,
      proposedBy: null,
      dueAt: dueOf(finding.severity, at),
    },
    "reopened",
    why,
  );
};

/**
 * The finding after a person has done something about it, at a moment from which it is due anew where it is reopened.
 *
 * @throws Fault `finding_state` when that cannot be done in its state; `second_person_required` when whoever proposed how a critical
 * one is resolved confirms it, too.
 */
export const actOn = (
  { finding }: KeptFinding,
  act: Exclude<FindingAct, "heal">,
  by: string,
  body: ActOnFindingBody,
  at: string,
): Step => {
  const { why = null, owner = by, dueAt = finding.dueAt } = { ...body };
  const isOpen =
    finding.state === "open" || finding.state === "acknowledged" || finding.state === "in_review";
  switch (act) {
    case "acknowledge":
      if (!isOpen) return refuse(`it is ${finding.state}`);
      return changed(finding, { state: "acknowledged", owner, dueAt }, "acknowledged", why);
    case "review":
      if (!isOpen) return refuse(`it is ${finding.state}`);
      return changed(finding, { state: "in_review", owner, dueAt }, "in_review", why);
    case "resolve":
      if (!isOpen) return refuse(`it is ${finding.state}`);
      return resolve(finding, by, body);
    case "close":
      if (!isOver(finding.state) || finding.state === "closed") return refuse(`it is ${finding.state}`);
      return changed(finding, { state: "closed" }, "closed", why);
    case "reopen":
      if (!isOver(finding.state)) return refuse(`it is ${finding.state}`);
      return reopen(finding, why, at);
  }
};
