import Type, { type Static, type TSchema } from "typebox";
import { AsOf } from "./board-questions.ts";
import { SiteId } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** How lags are distributed; a percentile is exact to its bucket. */
export const LagDistribution = Type.Object({
  samples: Type.Integer(),
  p50Ms: nullable(Type.Number()),
  p90Ms: nullable(Type.Number()),
  p99Ms: nullable(Type.Number()),
  maxMs: nullable(Type.Number()),
  buckets: Type.Array(
    Type.Object({
      upToMs: nullable(Type.Integer({ description: "null for what is slower than the last bound" })),
      samples: Type.Integer(),
    }),
    { description: "every bucket, the quickest first; each begins where the one before ends" },
  ),
});
export type LagDistribution = Static<typeof LagDistribution>;

/**
 * A row of the live view `lag`: the scans recorded in a minute, by how long they took from the device, with the start of the minute as
 * the key. The view has {@link lagMinutesDefault} of them; each says until when it is one of them.
 */
export const LagMinute = Type.Object({
  minute: Type.String({ description: "when it begins, RFC 3339" }),
  counts: Type.Array(Type.Integer(), { description: "scans in each bucket of lag, the quickest first" }),
  maxMs: Type.Number(),
});
export type LagMinute = Static<typeof LagMinute>;

/** How far a distribution looks back when nobody says, and at most, in minutes: minutes are kept for a day. */
export const lagMinutesDefault = 60;
export const lagMinutesMax = 1_440;
export const LagMinutes = Type.Integer({
  minimum: 1,
  maximum: lagMinutesMax,
  default: lagMinutesDefault,
  description: "how many minutes to look back, the present one included",
});

/** How long scans took from the device to the record, over the minutes in which they were recorded. */
export const AskLag = question({
  service: "manager",
  name: "lag",
  question: Type.Object({ site: SiteId, minutes: Type.Optional(LagMinutes) }),
  answer: Type.Object({
    ...AsOf.properties,
    from: Type.String({ description: "when the first minute begins, RFC 3339" }),
    to: Type.String({ description: "when it was asked" }),
    deviceToRecord: LagDistribution,
  }),
});

/** How long it took until screens had what was recorded, by what they said since `from`: kept where the screens are. */
export const AskScreenLag = question({
  service: "api-gateway",
  name: "screen-lag",
  question: Type.Object({ site: SiteId, from: Type.String({ description: "RFC 3339" }) }),
  answer: Type.Object({ recordToScreen: LagDistribution }),
});

/**
 * The rows of the live view `screens`, all at once: what screens said in each minute, by how long what was recorded took until they showed
 * it. They are as those of `lag`, as many, and of positions of their own, since no event says what screens show.
 */
export const AskScreens = question({
  service: "api-gateway",
  name: "screens",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({
    epoch: Type.Integer(),
    generation: Type.String(),
    pos: Type.Integer(),
    rows: Type.Array(
      Type.Intersect([
        Type.Object({ key: Type.String(), version: Type.Integer(), validUntil: Type.String() }),
        LagMinute,
      ]),
    ),
  }),
});
