import Type, { type Static, type TSchema } from "typebox";
import { findingCodes, findingSeverityNames, remedies } from "./finding-kinds.ts";
import { Healing } from "./healing.ts";
import { HeardReads } from "./heard-reads.ts";
import { ClientId, Instant, SiteId, storableText } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * suspect ──seen again, or certain──► open ──acknowledge──► acknowledged ──review──► in_review ──resolve──► resolved ──► closed
 *
 * What is equal again at two audits in a row is `auto_healed`; in whose place another finding has come is `superseded`. What comes back
 * is open again, and another signature is news to whoever acknowledged the one before.
 */
export const findingStates = [
  "suspect",
  "open",
  "acknowledged",
  "in_review",
  "resolved",
  "closed",
  "auto_healed",
  "superseded",
] as const;
export type FindingState = (typeof findingStates)[number];

/** Those that somebody has still to do something about. */
export const openFindingStates = ["open", "acknowledged", "in_review"] as const satisfies FindingState[];

export const resolutions = [
  "fixed_forward",
  "source_corrected",
  "accepted_difference",
  "false_positive",
] as const;
export type Resolution = (typeof resolutions)[number];

const Side = nullable(Type.Record(Type.String(), Type.Unknown()));

/** What a finding rests on: rows of both sides by their fields, and whatever else was looked at. */
export const Evidence = Type.Object({
  operations: Type.Optional(Side),
  manager: Type.Optional(Side),
  /** What the events of the thing come to. */
  folded: Type.Optional(Side),
  /** The fields of which both sides say something else. */
  fields: Type.Optional(Type.Array(Type.String())),
  /** The newest events of the thing, newest first. */
  events: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
  /** What readers heard of the thing last, newest first. */
  reads: Type.Optional(Type.Array(HeardReads)),
  /** How far the clocks of the devices behind these events are ahead, in ms, as measured. */
  clocks: Type.Optional(Type.Record(Type.String(), nullable(Type.Integer()))),
  /** What was kept of a bucket, and what its rows come to: how many, and the sums of their four lanes. */
  sums: Type.Optional(Type.Object({ kept: Type.String(), counted: Type.String() })),
  detail: Type.Optional(Type.String()),
  more: Type.Optional(
    Type.Integer({ description: "of many of one kind, how many there are besides those that are findings" }),
  ),
  /** The finding that has come in the place of this one. */
  supersededBy: Type.Optional(ClientId),
});
export type Evidence = Static<typeof Evidence>;

export const Finding = Type.Object({
  id: ClientId,
  site: SiteId,
  code: Type.Enum(findingCodes),
  severity: Type.Enum(findingSeverityNames),
  entity: Type.String(),
  key: Type.String({ description: "what names the thing: a tag, a contract and a tag, a position" }),
  state: Type.Enum(findingStates),
  fingerprint: Type.String({ description: "of code, entity and key: one record for each" }),
  signature: Type.String({ description: "of what differs: another one is news" }),
  revision: Type.Integer({ description: "how many signatures there have been" }),
  evidence: Evidence,
  advice: Type.String(),
  remedy: Type.Enum(remedies),
  owner: nullable(Type.String()),
  dueAt: nullable(Instant),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  seen: Type.Integer({ description: "at how many audits" }),
  reopened: Type.Integer(),
  barrier: nullable(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() })),
  resolution: nullable(Type.Enum(resolutions)),
  proposedBy: nullable(
    Type.String({
      description:
        "who proposed a resolution that a second person has to confirm, or, where there is none, that it be healed",
    }),
  ),
  version: Type.Integer(),
});
export type Finding = Static<typeof Finding>;

/** A finding in a list that lives, where the key of a row is its id: `about` is what names the thing. Evidence is asked for. */
export const FindingRow = Type.Object({
  ...Type.Omit(Finding, ["evidence", "advice", "key"]).properties,
  about: Type.String(),
});
export type FindingRow = Static<typeof FindingRow>;

/** A line of a finding's history. Lines are only ever added, each with the hash of the one before. */
export const FindingChange = Type.Object({
  seq: Type.Integer(),
  at: Instant,
  what: Type.String(),
  by: Type.String({ description: "a person; tagwire when an audit did it" }),
  why: nullable(Type.String()),
  hash: Type.String(),
});
export type FindingChange = Static<typeof FindingChange>;

export const FindingDetail = Type.Object({ ...Finding.properties, history: Type.Array(FindingChange) });
export type FindingDetail = Static<typeof FindingDetail>;

export const findingActs = ["acknowledge", "review", "resolve", "close", "reopen", "heal"] as const;
export type FindingAct = (typeof findingActs)[number];

export const ActOnFindingBody = Type.Object(
  {
    why: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, pattern: storableText })),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 120, pattern: storableText })),
    dueAt: Type.Optional(Instant),
    resolution: Type.Optional(Type.Enum(resolutions)),
  },
  { additionalProperties: false },
);
export type ActOnFindingBody = Static<typeof ActOnFindingBody>;

export const HealFindingBody = Type.Object(
  {
    ...ActOnFindingBody.properties,
    preview: Type.Optional(Type.Boolean({ description: "tell what healing would do, and change nothing" })),
  },
  { additionalProperties: false },
);
export type HealFindingBody = Static<typeof HealFindingBody>;

/** A finding as it is after healing, and what that does; after a preview it is as it was. */
export const HealedFinding = Type.Object({ ...Finding.properties, healing: Healing });
export type HealedFinding = Static<typeof HealedFinding>;

const page = { limit: Type.Integer({ minimum: 1, maximum: 1_000 }), cursor: nullable(Type.String()) };

export const AskFindings = question({
  service: "health-check",
  name: "findings",
  question: Type.Object({
    site: SiteId,
    ...page,
    states: Type.Optional(Type.Array(Type.Enum(findingStates))),
    codes: Type.Optional(Type.Array(Type.String())),
  }),
  answer: Type.Object({ findings: Type.Array(Finding), next: nullable(Type.String()) }),
});
export const AskFinding = question({
  service: "health-check",
  name: "finding",
  question: Type.Object({ site: SiteId, id: ClientId }),
  answer: Type.Object({ finding: nullable(FindingDetail) }),
});
/** The rows of the live view `findings`, page by page, and the line of the chain that they are as of. */
export const AskFindingRows = question({
  service: "health-check",
  name: "finding-rows",
  question: Type.Object({ site: SiteId, cursor: nullable(Type.String()) }),
  answer: Type.Object({
    epoch: Type.Integer(),
    pos: Type.Integer(),
    rows: Type.Array(FindingRow),
    next: nullable(Type.String()),
  }),
});
export const AskActOnFinding = question({
  service: "health-check",
  name: "act-on-finding",
  question: Type.Object({
    site: SiteId,
    id: ClientId,
    act: Type.Enum(findingActs),
    by: Type.String(),
    /** As whom a command is sent that heals; by default the person `by`. */
    asker: Type.Optional(By),
    traceparent: Type.Optional(Type.String()),
    ...HealFindingBody.properties,
  }),
  answer: Type.Object({ finding: Finding, healing: Type.Optional(Healing) }),
});
