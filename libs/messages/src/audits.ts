import Type, { type Static, type TSchema } from "typebox";
import { ClientId, Instant, SiteId } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * `agree`: both sides are the same, and nothing is odd but clocks of devices. `differ`: something else was found. `incomplete`: the audit did not come to its end,
 * so nothing is proven.
 */
export const auditVerdicts = ["agree", "differ", "incomplete"] as const;
export type AuditVerdict = (typeof auditVerdicts)[number];

/**
 * T0 heads and ledgers, T1 sums of buckets, T2 rows, T3 rows against what was kept, and the chain, T4 what belongs together, and lives
 * against their events, T5 clocks and the order of time.
 */
export const auditTiers = ["T0", "T1", "T2", "T3", "T4", "T5"] as const;
export type AuditTier = (typeof auditTiers)[number];

export const TierResult = Type.Object({
  tier: Type.Enum(auditTiers),
  durationMs: Type.Number(),
  checked: Type.Integer({ description: "heads, ledgers, buckets, rows, events, rules or lives" }),
  found: Type.Integer(),
});
export type TierResult = Static<typeof TierResult>;

/**
 * Why an audit could not look into something. `too_long`: its life has more events than are folded again. `behind`: it was last looked
 * into more than a day ago, or its bucket differs and has to wait for one of the next audits, since there is more than an audit may do.
 * `switched_off`: the settings say so. `hidden`: the database does not show it to the user that operations has there. `unanswered`: whoever
 * knows did not answer. `late`: the database did not answer in the time that a rule may take.
 */
export const unprovenReasons = [
  "too_long",
  "behind",
  "switched_off",
  "hidden",
  "unanswered",
  "late",
] as const;
export type UnprovenReason = (typeof unprovenReasons)[number];

export const Unproven = Type.Object({
  what: Type.String({
    description:
      "item, contract, session, class, or any of them of boards; bucket after the name of an entity, for buckets that differ and have their turn at one of the next audits; rows, rules (rows that rules in parts go by) or lives for things of all kinds; transaction; rule, with its code and entity; readers, counted by who should have told of them",
  }),
  why: Type.Enum(unprovenReasons),
  count: Type.Integer(),
  examples: Type.Array(Type.String()),
});
export type Unproven = Static<typeof Unproven>;
/** So many things that were not looked into are named. */
export const unprovenExamplesMax = 5;

export const Audit = Type.Object({
  id: ClientId,
  site: SiteId,
  by: Type.String({ description: "who asked for it; tagwire when the clock did" }),
  startedAt: Instant,
  durationMs: Type.Number(),
  verdict: Type.Enum(auditVerdicts),
  why: nullable(Type.String({ description: "why it is incomplete" })),
  barrier: nullable(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() })),
  tiers: Type.Array(TierResult),
  bucketsCompared: Type.Integer(),
  rowsRead: Type.Integer(),
  found: Type.Array(Type.Object({ code: Type.String(), count: Type.Integer() })),
  unproven: Type.Optional(
    Type.Array(Unproven, {
      description:
        "what was not looked into, so that nothing is proven of it; audits from before it was told have none",
    }),
  ),
});
export type Audit = Static<typeof Audit>;

/** How often each site is audited. */
export const auditIntervalMs = 300_000;

const page = { limit: Type.Integer({ minimum: 1, maximum: 1_000 }), cursor: nullable(Type.String()) };

/** Audits a site now and answers when it is done. */
export const AskRunAudit = question({
  service: "health-check",
  name: "run-audit",
  question: Type.Object({ site: SiteId, by: Type.String() }),
  answer: Type.Object({ audit: Audit }),
});
export const AskAudits = question({
  service: "health-check",
  name: "audits",
  question: Type.Object({ site: SiteId, ...page }),
  answer: Type.Object({
    audits: Type.Array(Audit),
    next: nullable(Type.String()),
    /** How far apart the audits of the clock are, in ms; a health check of an older release does not say it. */
    everyMs: Type.Optional(Type.Integer()),
  }),
});
export const AskAudit = question({
  service: "health-check",
  name: "audit",
  question: Type.Object({ site: SiteId, id: ClientId }),
  answer: Type.Object({ audit: nullable(Audit) }),
});

/* ---- what operations alone can say of its own record ---- */

/** So many positions of the log are checked in one question, so that turns never wait for it. */
export const verifiedPositionsMax = 1_024;

/** Whether the events of a stretch of the log carry their own hashes, and each the hash of the one before. */
export const AskVerifyLog = question({
  service: "operations",
  name: "verify-log",
  question: Type.Object({
    site: SiteId,
    epoch: Type.Integer(),
    /** The position before the first one that is checked. */
    after: Type.Integer({ minimum: 0 }),
    limit: Type.Integer({ minimum: 1, maximum: verifiedPositionsMax }),
  }),
  answer: Type.Object({
    checked: Type.Integer(),
    /** The position after which to go on; null at the end of the log. */
    next: nullable(Type.Integer()),
    broken: Type.Array(Type.Object({ pos: Type.Integer(), why: Type.Enum(["hash", "chain", "gap"]) })),
    /** Events that were recorded before the one before them; an operations of an older release does not say it. */
    disordered: Type.Optional(Type.Array(Type.Integer())),
  }),
});

/** What breaks one rule, in the order of its words: whoever asks on goes on after it. */
const RulePlace = Type.Object({
  rule: Type.Integer({ minimum: 0 }),
  key: Type.String(),
  detail: Type.String(),
});
export type RulePlace = Static<typeof RulePlace>;

/** So many violations are told in one answer, however long the words are. */
export const violationsPerAnswerMax = 200;

/** Rules of what grows for as long as a site lives, with what they name things by: they are asked of some buckets of these at a time. */
export const rulesInParts: readonly { readonly code: string; readonly entity: string }[] = [
  { code: "orphan_member", entity: "member" },
  { code: "orphan_contract", entity: "member" },
  { code: "orphan_session_tag", entity: "session_tag" },
  { code: "orphan_history", entity: "item" },
  { code: "duplicate_tag", entity: "item" },
  { code: "out_without_contract", entity: "item" },
  { code: "contract_quantity", entity: "contract" },
  { code: "session_count", entity: "session" },
];

const broken = {
  question: Type.Object({
    site: SiteId,
    from: Type.Optional(RulePlace),
    /** Buckets of the keys that rules in parts look at; all of them where nothing is said. */
    buckets: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
  }),
  answer: Type.Object({
    rules: Type.Integer(),
    /** The first of the rules in parts, which are the last ones; where nothing is said, none is. */
    partsFrom: Type.Optional(Type.Integer()),
    /** Where there are more; null at the end. */
    next: nullable(RulePlace),
    /** How many more break the rule of `next`. */
    left: Type.Integer(),
    /** Rules that took too long, so that nothing is known of what breaks them. */
    late: Type.Optional(Type.Array(Type.Object({ code: Type.String(), entity: Type.String() }))),
    violations: Type.Array(
      Type.Object({ code: Type.String(), entity: Type.String(), key: Type.String(), detail: Type.String() }),
    ),
  }),
};

/** What does not belong together in the record, rule by rule. */
export const AskRelations = question({ service: "operations", name: "relations", ...broken });

/** What clocks and the order of time say in the record, rule by rule. */
export const AskTimes = question({ service: "operations", name: "times", ...broken });

/** How many events of a site the manager has put aside, and where. */
export const AskParked = question({
  service: "manager",
  name: "parked",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({
    count: Type.Integer(),
    examples: Type.Array(
      Type.Object({ epoch: Type.Integer(), pos: Type.Integer(), key: Type.String(), error: Type.String() }),
    ),
  }),
});

/** Makes the manager's rows of a site anew from the log. */
export const AskReplay = question({
  service: "manager",
  name: "replay-site",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({ begun: Type.Boolean() }),
});
