import Type, { type Static, type TSchema } from "typebox";
import { Channel, EscalateTo, QuietHours, Severity } from "./alert-channels.ts";
import {
  AlertKind,
  alertParams,
  FindingOpenedParams,
  MissingParams,
  OverdueParams,
  QueueAgeParams,
  ReaderSilentParams,
  StaleParams,
  ThresholdParams,
  WebhookFailingParams,
} from "./alert-params.ts";
import { ClientId, Instant, SiteId, storableText, visibleText } from "./ids.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const ruleFields = {
  name: Type.String({ minLength: 1, maxLength: 120, pattern: visibleText }),
  severity: Severity,
  enabled: Type.Boolean(),
  quietHours: nullable(QuietHours),
  escalateAfterMinutes: nullable(
    Type.Integer({
      minimum: 1,
      maximum: 10_080,
      description: "minutes until an alert that nobody acknowledged is told again as escalated",
    }),
  ),
  channels: Type.Array(Channel, { maxItems: 4, description: "each kind at most once" }),
};
/** Without it an escalation tells the same people again, as severe as before. Who does not say it of a rule is of an older version. */
const escalateTo = Type.Optional(nullable(EscalateTo));

const ruleOf = <K extends AlertKind>(kind: K) =>
  Type.Object(
    {
      kind: Type.Literal(kind),
      params: alertParams[kind],
      name: ruleFields.name,
      severity: Type.Optional(ruleFields.severity),
      enabled: Type.Optional(ruleFields.enabled),
      quietHours: Type.Optional(ruleFields.quietHours),
      escalateAfterMinutes: Type.Optional(ruleFields.escalateAfterMinutes),
      channels: Type.Optional(ruleFields.channels),
      escalateTo,
    },
    { additionalProperties: false },
  );

/** Without a severity it is a warning; without channels it is told in the app. */
export const CreateAlertRule = Type.Union([
  ruleOf("stale"),
  ruleOf("overdue"),
  ruleOf("missing"),
  ruleOf("queue_age"),
  ruleOf("reader_silent"),
  ruleOf("finding_opened"),
  ruleOf("webhook_failing"),
  ruleOf("threshold"),
]);
export type CreateAlertRule = Static<typeof CreateAlertRule>;

export const AlertParams = Type.Union([
  StaleParams,
  OverdueParams,
  MissingParams,
  QueueAgeParams,
  ReaderSilentParams,
  FindingOpenedParams,
  WebhookFailingParams,
  ThresholdParams,
]);
export type AlertParams =
  | StaleParams
  | OverdueParams
  | MissingParams
  | QueueAgeParams
  | ReaderSilentParams
  | FindingOpenedParams
  | WebhookFailingParams
  | ThresholdParams;

/** What may be changed of a rule; its kind stays. `params` are those of the kind, as a whole. */
export const PatchAlertRule = Type.Partial(Type.Object({ ...ruleFields, escalateTo, params: AlertParams }), {
  additionalProperties: false,
  minProperties: 1,
});
export type PatchAlertRule = Static<typeof PatchAlertRule>;

export const AlertRule = Type.Object({
  id: ClientId,
  site: SiteId,
  kind: AlertKind,
  params: AlertParams,
  ...ruleFields,
  escalateTo,
  version: Type.Integer(),
  createdAt: Instant,
  changedAt: Instant,
  changedBy: Type.String({
    description: "a person or a device; tagwire for a rule that every site begins with",
  }),
});
export type AlertRule = Static<typeof AlertRule>;

/** Why somebody whom a rule is to tell would not be told, or why a rule finds less than it names, as things are. */
export const RuleWarning = Type.Object({
  code: Type.Enum(["no_recipient", "mail.unset", "finding_code_unknown"] as const),
  message: Type.String({ description: "for people" }),
});
export type RuleWarning = Static<typeof RuleWarning>;
export const RuleWarnings = Type.Array(RuleWarning, {
  description:
    "why somebody would not be told, or what is named would not be found, as things are; empty when all is well",
});

/** A rule that was just made or changed. */
export const SavedAlertRule = Type.Object({ ...AlertRule.properties, warnings: RuleWarnings });
export type SavedAlertRule = Static<typeof SavedAlertRule>;

/** Why somebody did something, in their words. */
export const Reason = Type.String({ maxLength: 500, pattern: storableText });
