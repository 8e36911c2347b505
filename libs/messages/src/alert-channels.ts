import Type, { type Static } from "typebox";
import { WebhookId } from "./webhooks.ts";

/** Critical alerts are told in quiet hours, too. */
export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];
export const Severity = Type.Enum(severities, { description: "critical ones are told in quiet hours, too" });

const TimeOfDay = Type.String({
  pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
  description: "HH:MM in the site's time zone",
});

/** When nobody is to be told, in the site's time zone. From 20:00 to 06:00 goes over midnight; equal times are the whole day. */
export const QuietHours = Type.Object(
  {
    from: TimeOfDay,
    to: TimeOfDay,
    days: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
        minItems: 1,
        maxItems: 7,
        description: "days on which they begin, 1 is Monday; every day without it",
      }),
    ),
  },
  { additionalProperties: false },
);
export type QuietHours = Static<typeof QuietHours>;

const mailAddress = '^[^\\s@<>"(),:;\\[\\]\\\\]{1,64}@[A-Za-z0-9.-]{1,180}$';
/** How people are told: each address, each time, is a line of the ledger. */
export const channelKinds = ["in_app", "email", "push"] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** How many endpoints one rule tells at most. */
const webhooksOfRuleMax = 20;

const InAppChannel = Type.Object({ kind: Type.Literal("in_app") }, { additionalProperties: false });
const EmailChannel = Type.Object(
  {
    kind: Type.Literal("email"),
    to: Type.Array(Type.String({ pattern: mailAddress, maxLength: 254 }), { minItems: 1, maxItems: 20 }),
  },
  { additionalProperties: false },
);
const PushChannel = Type.Object({ kind: Type.Literal("push") }, { additionalProperties: false });

/**
 * Where an alert is told. In-app is the live view `alerts`; push goes to every subscription that listens to the site. Endpoints of
 * webhooks are no people: they get every change of the alert, at once and in order, in the ledger of their deliveries.
 */
export const Channel = Type.Union([
  InAppChannel,
  EmailChannel,
  PushChannel,
  Type.Object(
    {
      kind: Type.Literal("webhook"),
      webhooks: Type.Array(WebhookId, {
        minItems: 1,
        maxItems: webhooksOfRuleMax,
        description: "endpoints of the site, whatever events they want",
      }),
    },
    { additionalProperties: false },
  ),
]);
export type Channel = Static<typeof Channel>;

/** Who is told besides, once nobody took an alert up, and how severe it is from then on until somebody does. */
export const EscalateTo = Type.Object(
  {
    channels: Type.Optional(
      Type.Array(Type.Union([InAppChannel, EmailChannel, PushChannel]), {
        minItems: 1,
        maxItems: 3,
        description: "told besides those of the rule; each kind at most once",
      }),
    ),
    severity: Type.Optional(Severity),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type EscalateTo = Static<typeof EscalateTo>;
