import Type, { type Static } from "typebox";
import { Instant, SiteId, visibleText } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";

/*
 * Outgoing webhooks as the Standard Webhooks specification has them. An endpoint is an address of one site's events; each event
 * that it wants is posted to it at least once, in the order that `webhookOrder` tells.
 */

/** What is promised of the order in which events come, in the words of every page that tells of it. */
export const webhookOrder =
  "Events of one item come in order. A contract's own events and a session's own (contract.*, session.*) come after everything before them that names the contract or the session, and before everything of it that follows; so a contract is not closed before its items are told. Events of two items do not wait for each other.";

export const webhookUrlLengthMax = 2_000;
export const webhookTypesMax = 50;
/** How many endpoints there can be, over all sites. */
export const webhooksMax = 100;

export const WebhookId = Type.String({
  pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
  description: "endpoint id",
});

/** The value of the header `webhook-id`: the same for every attempt, and every replay, of one event at one endpoint. */
export const WebhookMessageId = Type.String({ pattern: "^msg_[0-9a-f]{32}$", description: "webhook-id" });

const settings = {
  url: Type.String({
    minLength: 1,
    maxLength: webhookUrlLengthMax,
    description: "https; plain http only into a network that the manager's settings allow",
  }),
  types: Type.Union(
    [
      Type.Array(
        Type.String({
          maxLength: 80,
          pattern: "^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*(\\.\\*)?$",
          description:
            "an event's type, or item.* for all that begin so; without types all but the barriers of audits (audit.*)",
        }),
        { minItems: 1, maxItems: webhookTypesMax },
      ),
      Type.Null(),
    ],
    { description: "which events; null for all" },
  ),
  description: Type.Union([Type.String({ maxLength: 200, pattern: visibleText }), Type.Null()]),
};

/** An endpoint hears what happens from its creation on; a replay brings what was before. */
export const CreateWebhook = Type.Object(
  {
    site: SiteId,
    url: settings.url,
    types: Type.Optional(settings.types),
    description: Type.Optional(settings.description),
  },
  { additionalProperties: false },
);
export type CreateWebhook = Static<typeof CreateWebhook>;

/** Events that wait and are no longer wanted by `types` are skipped. `enabled: true` is the same as `:enable`. */
export const PatchWebhook = Type.Object(
  {
    url: Type.Optional(settings.url),
    types: Type.Optional(settings.types),
    description: Type.Optional(settings.description),
    enabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type PatchWebhook = Static<typeof PatchWebhook>;

export const webhookStates = ["enabled", "disabled"] as const;
/**
 * Why an endpoint is disabled: `person` somebody asked for it, `gone` it answered 410, `exhausted` an event was tried for as long
 * as the schedule goes, `failing` nothing was delivered for days.
 */
export const webhookDisabledReasons = ["person", "gone", "exhausted", "failing"] as const;
export type WebhookDisabledReason = (typeof webhookDisabledReasons)[number];

/**
 * `pending` waits or is tried again · `delivered` answered 2xx · `failed` given up, brought back by `:enable` or a replay ·
 * `expired` waited longer than a month at a disabled endpoint · `skipped` passed over because somebody said so.
 */
export const webhookDeliveryStates = ["pending", "delivered", "failed", "expired", "skipped"] as const;
export type WebhookDeliveryState = (typeof webhookDeliveryStates)[number];

const nullable = <T extends Type.TSchema>(schema: T, options: { description?: string } = {}) =>
  Type.Union([schema, Type.Null()], options);
const PositionText = Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$", description: "epoch:pos" });

const outcome = {
  at: Instant,
  ok: Type.Boolean(),
  status: nullable(Type.Integer({ description: "HTTP status; null when there was no answer" })),
  error: nullable(Type.String()),
};

export const Webhook = Type.Object({
  id: WebhookId,
  site: SiteId,
  ...settings,
  state: Type.Enum(webhookStates),
  disabledReason: nullable(Type.Enum(webhookDisabledReasons)),
  since: Instant,
  createdAt: Instant,
  position: Type.String({ description: "epoch:pos; every event up to it is in the ledger or not wanted" }),
  waiting: Type.Object({
    deliveries: Type.Integer(),
    keys: Type.Integer({ description: "items, contracts or sessions whose events wait" }),
    full: Type.Boolean({
      description: "so much waits that the endpoint reads no further until some of it is delivered",
    }),
  }),
  throttledUntil: nullable(Instant),
  failingSince: nullable(Instant),
  lastAttempt: nullable(Type.Object({ ...outcome, durationMs: nullable(Type.Integer()) })),
  lastCanary: nullable(
    Type.Object({
      ...outcome,
      failures: Type.Integer({ description: "attempts in a row that failed, until now" }),
    }),
    { description: "the last attempt to deliver a canary; its delivery is in the ledger" },
  ),
  provenAt: Type.Optional(
    nullable(Instant, { description: "when a canary arrived last; null when none ever did" }),
  ),
  counts: Type.Object({
    attempts: Type.Integer(),
    delivered: Type.Integer(),
    failed: Type.Integer(),
    expired: Type.Integer(),
    skipped: Type.Integer(),
  }),
  oldSecretsUntil: Type.Array(Instant, { description: "until when each former secret signs along" }),
});
export type Webhook = Static<typeof Webhook>;

/** The only answers that show a secret. */
export const NewWebhook = Type.Object({
  ...Webhook.properties,
  secret: Type.String({ description: "whsec_…, shown this once" }),
});
export type NewWebhook = Static<typeof NewWebhook>;

export const WebhookDelivery = Type.Object({
  id: WebhookMessageId,
  position: Type.String({
    description:
      "epoch:pos of the event; of what is told of an alert 0 and the number of the change, of a canary 0 and its number",
  }),
  type: Type.String(),
  key: Type.String({
    description: "what it is of: tag, session, contract, type or alert; deliveries of one key come in order",
  }),
  state: Type.Enum(webhookDeliveryStates),
  attempts: Type.Integer(),
  createdAt: Instant,
  nextAttemptAt: nullable(Instant),
  lastAttemptAt: nullable(Instant),
  lastStatus: nullable(Type.Integer()),
  lastError: nullable(Type.String()),
  durationMs: nullable(Type.Integer()),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

/** The longest body that is posted, in bytes: the specification advises to stay below 20 kB. */
export const webhookBodyBytesMax = 20_000;

/** What is posted: an event, without what would make it too large. */
export const WebhookMessage = Type.Object({
  type: Type.String(),
  timestamp: Instant,
  data: Type.Object({
    epoch: Type.Integer(),
    pos: Type.Integer(),
    id: Type.String(),
    type: Type.String(),
    site: Type.String(),
    tag: Type.Optional(Type.String()),
    contract: Type.Optional(Type.String()),
    session: Type.Optional(Type.String()),
    scannedAt: Type.Optional(Instant),
    recordedAt: Instant,
    by: By,
    traceId: Type.String(),
    data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    dataOmitted: Type.Optional(Type.Boolean({ description: "too large; read it at link" })),
    link: Type.Optional(Type.String({ description: "path of the feed that gives the whole event" })),
  }),
});
export type WebhookMessage = Static<typeof WebhookMessage>;

/**
 * The daily proof that an endpoint works, which is a delivery of its ledger like any other; and what `:test` sends, once and past the
 * ledger. Neither is in the log.
 */
export const webhookProofTypes = ["webhook.canary", "webhook.test"] as const;
export type WebhookProofType = (typeof webhookProofTypes)[number];

/** What is posted as a proof: of no event, and of which endpoint. */
export const WebhookProof = Type.Object({
  type: Type.Enum(webhookProofTypes),
  timestamp: Instant,
  data: Type.Object({ webhook: WebhookId, site: SiteId }),
});
export type WebhookProof = Static<typeof WebhookProof>;

/** What travels beside it, as the specification has it. */
export const WebhookHeaders = Type.Object({
  "webhook-id": WebhookMessageId,
  "webhook-timestamp": Type.String({
    pattern: "^\\d+$",
    description: "when this attempt was made, in s since 1970",
  }),
  "webhook-signature": Type.String({
    description:
      "v1,<base64 of HMAC-SHA256 over id.timestamp.body>, with a space between those of several secrets",
  }),
});
export type WebhookHeaders = Static<typeof WebhookHeaders>;

/** Everything after a position again, or one delivery. */
export const ReplayWebhook = Type.Union([
  Type.Object({ from: PositionText }, { additionalProperties: false }),
  Type.Object({ delivery: WebhookMessageId }, { additionalProperties: false }),
]);
export type ReplayWebhook = Static<typeof ReplayWebhook>;

/** What becomes of the deliveries that were given up. */
export const EnableWebhook = Type.Object(
  { failed: Type.Optional(Type.Enum(["retry", "skip"] as const, { default: "retry" })) },
  { additionalProperties: false },
);
export type EnableWebhook = Static<typeof EnableWebhook>;

export const WebhookTest = Type.Object({
  id: WebhookMessageId,
  ...outcome,
  durationMs: Type.Integer(),
});
export type WebhookTest = Static<typeof WebhookTest>;

/* ---- questions to the manager ---- */

const one = Type.Object({ id: WebhookId });
const anEndpoint = Type.Object({ webhook: Webhook });
const service = "manager";

export const AskWebhooks = question({
  service,
  name: "webhooks",
  question: Type.Object({ site: Type.Optional(SiteId) }),
  answer: Type.Object({ webhooks: Type.Array(Webhook) }),
});

export const AskWebhook = question({ service, name: "webhook", question: one, answer: anEndpoint });

export const AskCreateWebhook = question({
  service,
  name: "create-webhook",
  question: Type.Object({ webhook: CreateWebhook }),
  answer: Type.Object({ webhook: NewWebhook }),
});

export const AskPatchWebhook = question({
  service,
  name: "patch-webhook",
  question: Type.Object({ id: WebhookId, patch: PatchWebhook }),
  answer: anEndpoint,
});

export const AskDeleteWebhook = question({
  service,
  name: "delete-webhook",
  question: one,
  answer: Type.Object({ deleted: Type.Boolean() }),
});

/** What came into the ledger last comes first. */
export const AskWebhookDeliveries = question({
  service,
  name: "webhook-deliveries",
  question: Type.Object({
    id: WebhookId,
    state: Type.Optional(Type.Enum(webhookDeliveryStates)),
    limit: Type.Integer({ minimum: 1, maximum: 200 }),
    cursor: nullable(Type.String()),
  }),
  answer: Type.Object({ deliveries: Type.Array(WebhookDelivery), next: nullable(Type.String()) }),
});

export const AskReplayWebhook = question({
  service,
  name: "replay-webhook",
  question: Type.Object({ id: WebhookId, replay: ReplayWebhook }),
  answer: anEndpoint,
});

export const AskRotateWebhook = question({
  service,
  name: "rotate-webhook",
  question: one,
  answer: Type.Object({ webhook: NewWebhook }),
});

export const AskEnableWebhook = question({
  service,
  name: "enable-webhook",
  question: Type.Object({ id: WebhookId, enable: EnableWebhook }),
  answer: anEndpoint,
});

/** Sends a test and waits for what the receiver says: ask with more patience than {@link webhookTestTimeoutMs}. */
export const AskTestWebhook = question({
  service,
  name: "test-webhook",
  question: one,
  answer: Type.Object({ test: WebhookTest }),
});
export const webhookTestTimeoutMs = 15_000;
