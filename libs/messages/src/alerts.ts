import Type, { type Static, type TSchema } from "typebox";
import { channelKinds, Severity } from "./alert-channels.ts";
import { AlertKind, alertKinds } from "./alert-params.ts";
import { AlertRule, CreateAlertRule, PatchAlertRule, Reason, RuleWarnings } from "./alert-rules.ts";
import { ClientId, Instant, SiteId } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";

/**
 * The life of an alert: raised → acknowledged | snoozed | escalated → resolved, and raised again when it comes back.
 * Open is whatever is not resolved.
 */
export const alertStates = ["raised", "acknowledged", "snoozed", "escalated", "resolved"] as const;
export type AlertState = (typeof alertStates)[number];
export const AlertState = Type.Enum(alertStates, { description: "state of an alert" });

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** One of the things that an alert is about: a tag, a contract, a reader, a figure. `since` is when it began to be so. */
export const AlertSubject = Type.Object({
  key: Type.String(),
  since: Instant,
  detail: Type.Optional(
    Type.String({ description: "a class, a place, a status, a client, a reason, a value" }),
  ),
});
export type AlertSubject = Static<typeof AlertSubject>;

/** Of the subjects of an alert, so many are shown. */
export const alertExamplesMax = 20;

/** `epoch`, `pos` and `asOf` say of which position and moment of the site `count` and `examples` are. */
export const Alert = Type.Object({
  id: ClientId,
  site: SiteId,
  rule: ClientId,
  kind: AlertKind,
  name: Type.String(),
  severity: Severity,
  group: Type.String({
    description:
      "what the alert is about within its rule: a reader, a queue, a limit, a kind of contract, a code, an endpoint; empty for all of it",
  }),
  state: AlertState,
  count: Type.Integer({ description: "how many subjects there are" }),
  examples: Type.Array(AlertSubject, { maxItems: alertExamplesMax }),
  openedAt: Instant,
  changedAt: Instant,
  acknowledgedBy: nullable(Type.String()),
  snoozedUntil: nullable(Instant),
  resolvedAt: nullable(Instant),
  resolvedBy: nullable(Type.Enum(["itself", "person"] as const)),
  reopened: Type.Integer({ description: "how often it came back" }),
  notifiedAt: nullable(Type.String({ description: "when the app was last to call attention to it" })),
  epoch: Type.Integer(),
  pos: Type.Integer(),
  asOf: Instant,
  version: Type.Integer(),
});
export type Alert = Static<typeof Alert>;

export const alertChangeKinds = [
  "raised",
  "grew",
  "shrank",
  "acknowledged",
  "snoozed",
  "woke",
  "escalated",
  "resolved",
  "reopened",
] as const;
export type AlertChangeKind = (typeof alertChangeKinds)[number];

/** A line of an alert's history; lines are only ever added. */
export const AlertChange = Type.Object({
  what: Type.Enum(alertChangeKinds),
  at: Instant,
  by: Type.String({ description: "a person or a device; tagwire when nobody did it" }),
  why: nullable(Type.String()),
  count: Type.Integer({ description: "how many subjects there were" }),
});
export type AlertChange = Static<typeof AlertChange>;

export const notificationStates = ["pending", "sent", "failed", "suppressed"] as const;
export type NotificationState = (typeof notificationStates)[number];

/** A line of the ledger of what was told. Addresses stay in it. */
export const Notification = Type.Object({
  id: ClientId,
  channel: Type.Enum(channelKinds),
  what: Type.String({ description: "the change that is told, test, or digest of several" }),
  state: Type.Enum(notificationStates),
  why: nullable(
    Type.String({
      description:
        "why it is not sent (quiet, digest, folded, ended, no_recipient) or the code of the failure",
    }),
  ),
  attempts: Type.Integer(),
  createdAt: Instant,
  dueAt: Instant,
  sentAt: nullable(Instant),
});
export type Notification = Static<typeof Notification>;

export const AlertDetail = Type.Object({
  ...Alert.properties,
  history: Type.Array(AlertChange, { description: "newest first, the newest 200" }),
  notifications: Type.Array(Notification, { description: "newest first, the newest 100" }),
});
export type AlertDetail = Static<typeof AlertDetail>;

/** What a rule finds now, and what became of telling it. Nothing is raised. */
export const AlertRuleTest = Type.Object({
  holds: Type.Boolean(),
  count: Type.Integer(),
  examples: Type.Array(AlertSubject),
  epoch: Type.Integer(),
  pos: Type.Integer(),
  asOf: Instant,
  notifications: Type.Array(Notification),
  warnings: Type.Optional(RuleWarnings),
});
export type AlertRuleTest = Static<typeof AlertRuleTest>;

export const Acknowledge = Type.Object({ why: Type.Optional(Reason) }, { additionalProperties: false });
export const Snooze = Type.Object(
  { until: Instant, why: Type.Optional(Reason) },
  { additionalProperties: false },
);

/** A browser's own PushSubscription, and the sites it wants to hear of: all, without `sites`. */
export const AddPushSubscription = Type.Object(
  {
    endpoint: Type.String({ minLength: 10, maxLength: 1_000, pattern: "^https?://[^\\s]+$" }),
    expirationTime: Type.Optional(nullable(Type.Number())),
    keys: Type.Object(
      {
        p256dh: Type.String({ pattern: "^[A-Za-z0-9_-]{87}=?$", description: "the browser's public key" }),
        auth: Type.String({ pattern: "^[A-Za-z0-9_-]{22}(==)?$", description: "the shared secret" }),
      },
      { additionalProperties: false },
    ),
    sites: Type.Optional(Type.Array(SiteId, { minItems: 1, maxItems: 100 })),
  },
  { additionalProperties: false },
);
export type AddPushSubscription = Static<typeof AddPushSubscription>;

/** The endpoint itself is a secret: whoever knows it may knock there. Only its origin is told. */
export const PushSubscription = Type.Object({
  id: ClientId,
  origin: Type.String(),
  sites: nullable(Type.Array(SiteId)),
  createdAt: Instant,
});
export type PushSubscription = Static<typeof PushSubscription>;

/* ---- what is asked of the manager ---- */

const service = "manager";
const oneRule = { site: SiteId, id: ClientId };
const principal = { principal: Type.String({ minLength: 1, maxLength: 200 }) };

export const AskAlertRules = question({
  service,
  name: "alert-rules",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({ rules: Type.Array(AlertRule) }),
});

/** Safe to repeat under the same id; another rule under it is `id_reused`. */
export const AskCreateAlertRule = question({
  service,
  name: "create-alert-rule",
  question: Type.Object({ ...oneRule, by: By, rule: CreateAlertRule }),
  answer: Type.Object({ rule: AlertRule, warnings: Type.Optional(RuleWarnings) }),
});

export const AskPatchAlertRule = question({
  service,
  name: "patch-alert-rule",
  question: Type.Object({ ...oneRule, by: By, patch: PatchAlertRule }),
  answer: Type.Object({ rule: AlertRule, warnings: Type.Optional(RuleWarnings) }),
});

export const AskDeleteAlertRule = question({
  service,
  name: "delete-alert-rule",
  question: Type.Object({ ...oneRule, by: By }),
  answer: Type.Object({ deleted: Type.Boolean() }),
});

export const AskTestAlertRule = question({
  service,
  name: "test-alert-rule",
  question: Type.Object(oneRule),
  answer: AlertRuleTest,
});

export const AskAlerts = question({
  service,
  name: "alerts",
  question: Type.Object({
    site: SiteId,
    limit: Type.Integer({ minimum: 1, maximum: 200 }),
    cursor: nullable(Type.String()),
    states: Type.Optional(Type.Array(AlertState)),
    kinds: Type.Optional(Type.Array(Type.Enum(alertKinds))),
  }),
  answer: Type.Object({ alerts: Type.Array(Alert), next: nullable(Type.String()) }),
});

export const AskAlert = question({
  service,
  name: "alert",
  question: Type.Object(oneRule),
  answer: Type.Object({ alert: nullable(AlertDetail) }),
});

export const alertActs = ["acknowledge", "snooze", "resolve", "reopen"] as const;
export type AlertAct = (typeof alertActs)[number];

/** Safe to repeat: an alert that is so already stays as it is. */
export const AskActOnAlert = question({
  service,
  name: "act-on-alert",
  question: Type.Object({
    ...oneRule,
    by: By,
    act: Type.Enum(alertActs),
    until: Type.Optional(Instant),
    why: Type.Optional(Reason),
  }),
  answer: Type.Object({ alert: Alert }),
});

export const AskPushKey = question({
  service,
  name: "push-key",
  question: Type.Object({}),
  answer: Type.Object({ key: Type.String() }),
});

export const AskPushSubscriptions = question({
  service,
  name: "push-subscriptions",
  question: Type.Object(principal),
  answer: Type.Object({ subscriptions: Type.Array(PushSubscription) }),
});

/** The same endpoint again is the same subscription, with what is said of it now. */
export const AskAddPushSubscription = question({
  service,
  name: "add-push-subscription",
  question: Type.Object({ ...principal, subscription: AddPushSubscription }),
  answer: Type.Object({ subscription: PushSubscription }),
});

export const AskDeletePushSubscription = question({
  service,
  name: "delete-push-subscription",
  question: Type.Object({ ...principal, id: ClientId }),
  answer: Type.Object({ deleted: Type.Boolean() }),
});
