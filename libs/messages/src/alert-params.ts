import Type, { type Static, type TSchema } from "typebox";
import { severities } from "./alert-channels.ts";
import { contractKinds } from "./contracts.ts";
import { ReaderId, visibleText } from "./ids.ts";
import { WebhookId } from "./webhooks.ts";

/** What a rule may watch for. */
export const alertKinds = [
  "stale",
  "overdue",
  "missing",
  "queue_age",
  "reader_silent",
  "finding_opened",
  "webhook_failing",
  "threshold",
] as const;
export type AlertKind = (typeof alertKinds)[number];
export const AlertKind = Type.Enum(alertKinds, { description: "what a rule watches for" });

const days = (description: string) => Type.Integer({ minimum: 1, maximum: 3_650, description });
const hours = (description: string) => Type.Number({ minimum: 0.1, maximum: 8_760, description });

export const StaleParams = Type.Object(
  {
    days: days("days without any scan"),
    limits: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 64, pattern: visibleText }),
          days: days("days without any scan"),
        },
        { additionalProperties: false },
      ),
      {
        maxItems: 50,
        description: "other limits for items whose role or place has this name, in either case",
      },
    ),
  },
  { additionalProperties: false },
);
export type StaleParams = Static<typeof StaleParams>;

/** The limits that every site begins with: those of the warehouses that this was made for. */
export const staleParamsDefault: StaleParams = {
  days: 360,
  limits: [
    { name: "resale", days: 90 },
    { name: "pack", days: 120 },
  ],
};

export const MissingParams = Type.Object(
  {
    classes: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 120, pattern: visibleText }), {
        minItems: 1,
        maxItems: 100,
        description: "only items of these classes",
      }),
    ),
  },
  { additionalProperties: false },
);
export type MissingParams = Static<typeof MissingParams>;

export const OverdueParams = Type.Object(
  {
    days: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3_650,
        description: "days after the one it was due that nobody minds; none without it",
      }),
    ),
    kinds: Type.Optional(
      Type.Array(Type.Enum(contractKinds), {
        minItems: 1,
        maxItems: contractKinds.length,
        description: "only contracts of these kinds",
      }),
    ),
  },
  { additionalProperties: false },
);
export type OverdueParams = Static<typeof OverdueParams>;

/** The queues of service, as item statuses. */
export const serviceQueues = ["inspect", "repair", "wash", "wet"] as const;
export type ServiceQueue = (typeof serviceQueues)[number];

export const QueueAgeParams = Type.Object(
  {
    hours: Type.Object(
      Object.fromEntries(
        serviceQueues.map((queue) => [queue, Type.Optional(hours(`hours an item may stay in ${queue}`))]),
      ) as Record<ServiceQueue, ReturnType<typeof Type.Optional<ReturnType<typeof hours>>>>,
      { additionalProperties: false, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);
export type QueueAgeParams = { readonly hours: Readonly<Partial<Record<ServiceQueue, number>>> };

export const ReaderSilentParams = Type.Object(
  {
    minutes: Type.Number({
      minimum: 0.1,
      maximum: 10_080,
      description: "minutes that a reader which is not stopped may take no inventory",
    }),
    minutesWithoutReads: Type.Optional(
      Type.Number({
        minimum: 0.1,
        maximum: 43_200,
        description: "minutes that it may take inventory without a single read; for ever without this",
      }),
    ),
    readers: Type.Optional(
      Type.Array(ReaderId, { minItems: 1, maxItems: 500, description: "only these readers" }),
    ),
  },
  { additionalProperties: false },
);
export type ReaderSilentParams = Static<typeof ReaderSilentParams>;

/**
 * Findings are told apart by their code, and each code has a severity. A rule may name any code: of one
 * that nothing finds so far its answer warns, and it finds it once something does.
 */
export const FindingOpenedParams = Type.Object(
  {
    codes: Type.Optional(
      Type.Array(Type.String({ pattern: "^[a-z][a-z0-9_.]{0,63}$" }), {
        minItems: 1,
        maxItems: 100,
        description:
          "only findings with these codes, such as tag_unknown; of a code that nothing finds so far the answer warns",
      }),
    ),
    severities: Type.Optional(
      Type.Array(Type.Enum(severities), {
        minItems: 1,
        maxItems: severities.length,
        description: "only findings that are this severe, whatever their code",
      }),
    ),
  },
  { additionalProperties: false },
);
export type FindingOpenedParams = Static<typeof FindingOpenedParams>;

export const WebhookFailingParams = Type.Object(
  {
    webhooks: Type.Optional(
      Type.Array(WebhookId, { minItems: 1, maxItems: 100, description: "only these endpoints" }),
    ),
  },
  { additionalProperties: false },
);
export type WebhookFailingParams = Static<typeof WebhookFailingParams>;

export const comparators = [">", ">=", "<", "<=", "==", "!="] as const;
export type Comparator = (typeof comparators)[number];

export const ThresholdParams = Type.Object(
  {
    figure: Type.String({
      pattern: "^(/[^/\\u0000]{1,128}){1,6}$",
      maxLength: 300,
      description:
        "JSON pointer (RFC 6901) into the dashboard, such as /totals/quarantined, or into a board, such as /boards/contracts/counts/overdue, /boards/sessions/counts/idle, /boards/queues/counts/wash.linen/items, /boards/utilisation/totals/idle, /boards/lag/deviceToRecord/p99Ms, /boards/lag/recordToScreen/p99Ms, /boards/throughput/rows/device.sled-1/lastHour/scans, /boards/throughput/totals/person/lastDay/rejected, /boards/stale/items, /boards/stale/limits/resale/items or /boards/flagged/lastHour/marks/late; a class is addressed by its name, as in /classes/6m frame/missing, and so are categories and subcategories, as in /categories/Tents/missing or /categories/Tents/subcategories/Frames/available, and who scans by kind and name",
    }),
    comparator: Type.Enum(comparators),
    value: Type.Number(),
    clearValue: Type.Optional(
      Type.Number({ description: "the alert ends once the figure no longer compares with this value" }),
    ),
    steps: Type.Optional(
      Type.Array(Type.Number(), {
        minItems: 1,
        maxItems: 10,
        description:
          "values beyond the first at which an alert that is raised already is told again, as grown; without them it is told once, and its figure is kept current",
      }),
    ),
    forSeconds: Type.Integer({
      minimum: 0,
      maximum: 604_800,
      description: "for how long it must hold before an alert is raised",
    }),
  },
  { additionalProperties: false },
);
export type ThresholdParams = Static<typeof ThresholdParams>;

/** The parameters of each kind of rule. */
export const alertParams = {
  stale: StaleParams,
  overdue: OverdueParams,
  missing: MissingParams,
  queue_age: QueueAgeParams,
  reader_silent: ReaderSilentParams,
  finding_opened: FindingOpenedParams,
  webhook_failing: WebhookFailingParams,
  threshold: ThresholdParams,
} as const satisfies Record<AlertKind, TSchema>;
