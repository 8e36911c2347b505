import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { ClientId, Instant, SiteId } from "./ids.ts";
import { question } from "./question.ts";

/**
 * What operations and the manager both hold, and by which fields a row of it counts. The fields stand in this order in the row's form,
 * which is the text of their JSON array; instants are microseconds since 1970.
 *
 * A form that changes is another form: raise {@link formsVersion} with it, and both sides add their rows up anew.
 */
export const auditFields = {
  event: ["epoch", "pos", "hash"],
  item: [
    "tag",
    "class",
    "name",
    "status",
    "quality",
    "place",
    "contract",
    "notes",
    "version",
    "pos",
    "lastFactAt",
    "lastScan",
    "placeAt",
    "qualityAt",
    "role",
    "condition",
    "lastService",
    "replaces",
    "replacedBy",
  ],
  contract: ["number", "kind", "state", "client", "record"],
  member: ["contract", "tag", "class", "state", "outAt", "backAt", "pos"],
  session: ["id", "mode", "state", "contract", "record"],
  session_tag: ["session", "tag", "expected", "outcome", "type", "class", "seenAt", "beside"],
  class: ["class", "name", "shortName", "category", "subcategory", "crew", "place", "version", "pos"],
  waiting: ["tag"],
} as const satisfies Record<string, readonly string[]>;
export const formsVersion = 1;

export type AuditEntity = keyof typeof auditFields;
export const auditEntities = Object.keys(auditFields) as readonly AuditEntity[];
const Entity = Type.Enum(Object.keys(auditFields) as [AuditEntity, ...AuditEntity[]]);

/** So many positions of the log are one block, the unit in which events are compared. */
export const eventBlockPositions = 4_096;

/** The digest of all rows of each entity, as `digestText` of the digest library writes it. */
const Digests = Type.Record(Type.String(), Type.String());

/**
 * Where both sides are asked the same question: `digests` are of everything before this position. Whoever applies the log computes
 * its own when it comes here, so that what is under way can never look like a difference.
 */
export const AuditBarrier = event({
  type: "audit.barrier.v1",
  entity: "audit",
  body: Type.Object({ barrier: ClientId, forms: Type.Integer(), digests: Digests }),
});
export type AuditBarrier = Static<typeof AuditBarrier.body>;

/** Asks the owner of a site to put a barrier into its log. */
export const PlaceBarrier = Type.Object({ barrier: ClientId }, { additionalProperties: false });
export type PlaceBarrier = Static<typeof PlaceBarrier>;
export const Barrier = Type.Object({
  barrier: ClientId,
  epoch: Type.Integer(),
  pos: Type.Integer(),
  recordedAt: Instant,
  forms: Type.Integer(),
  digests: Digests,
});
export type Barrier = Static<typeof Barrier>;

const Place = { epoch: Type.Integer(), pos: Type.Integer() };

/** What a side answers about a barrier. It has none before it comes to it, and forgets it after some minutes. */
const BarrierAnswer = Type.Object({
  ...Place,
  forms: Type.Integer(),
  digests: Type.Union([Digests, Type.Null()]),
});
const BarrierQuestion = Type.Object({ site: SiteId, barrier: ClientId });

/** The digest of each bucket of an entity at a barrier, in base64; empty for one without rows. */
const VectorQuestion = Type.Object({ site: SiteId, barrier: ClientId, entity: Entity });
const VectorAnswer = Type.Object({ vector: Type.Union([Type.String(), Type.Null()]) });

/** All buckets there are: whoever asks takes as many as hold what can be read in a moment. */
export const bucketsPerQuestionMax = 4_096;
const Buckets = Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: bucketsPerQuestionMax });

/** A row as it counts: what names it, how often it counts, and its form. */
export const AuditRow = Type.Object({
  bucket: Type.Integer(),
  key: Type.String(),
  weight: Type.Integer(),
  form: Type.String(),
});
export type AuditRow = Static<typeof AuditRow>;
/** Rows of some buckets as they are now, in the order of their keys; `next` is the key after which there are more. */
const RowsQuestion = Type.Object({
  site: SiteId,
  entity: Entity,
  buckets: Buckets,
  after: Type.Union([Type.String(), Type.Null()]),
});
const RowsAnswer = Type.Object({
  ...Place,
  rows: Type.Array(AuditRow),
  next: Type.Union([Type.String(), Type.Null()]),
});

/** Whether what was kept of some buckets is what their rows come to now. `rows` is how many were read. */
const RecountQuestion = Type.Object({ site: SiteId, entity: Entity, buckets: Buckets });
const RecountAnswer = Type.Object({
  ...Place,
  rows: Type.Integer(),
  differ: Type.Array(Type.Object({ bucket: Type.Integer(), kept: Type.String(), counted: Type.String() })),
});

/** Takes for kept what the rows of some buckets come to, once somebody has looked into why that was something else. */
const AdoptAnswer = Type.Object({ changed: Type.Integer() });

/** The questions of an audit: both sides are asked the same ones. */
const questionsOf = <const S extends "operations" | "manager">(service: S) => ({
  barrier: question({ service, name: "barrier", question: BarrierQuestion, answer: BarrierAnswer }),
  vector: question({ service, name: "barrier-vector", question: VectorQuestion, answer: VectorAnswer }),
  rows: question({ service, name: "audit-rows", question: RowsQuestion, answer: RowsAnswer }),
  recount: question({ service, name: "audit-recount", question: RecountQuestion, answer: RecountAnswer }),
  adopt: question({ service, name: "audit-adopt", question: RecountQuestion, answer: AdoptAnswer }),
});

export const AskOperationsAudit = questionsOf("operations");
export const AskManagerAudit = questionsOf("manager");
/* By name, for whoever lists every question. */
export const {
  barrier: AskOperationsBarrier,
  vector: AskOperationsVector,
  rows: AskOperationsRows,
  recount: AskOperationsRecount,
  adopt: AskOperationsAdopt,
} = AskOperationsAudit;
export const {
  barrier: AskManagerBarrier,
  vector: AskManagerVector,
  rows: AskManagerRows,
  recount: AskManagerRecount,
  adopt: AskManagerAdopt,
} = AskManagerAudit;
/** What either side of an audit is asked. */
export type AuditQuestions = ReturnType<typeof questionsOf<"operations" | "manager">>;
