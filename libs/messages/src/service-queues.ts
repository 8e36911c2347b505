import Type, { type Static, type TSchema } from "typebox";
import { serviceQueues } from "./alert-params.ts";
import { AsOf, boardPage } from "./board-questions.ts";
import { Crew } from "./classes.ts";
import { Condition } from "./condition.ts";
import { SiteId, storableText } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Queue = Type.Enum(serviceQueues, { description: "what the item waits for, as its status says" });

/** The ages by which a queue is told apart, in hours; one more band takes what is older: a day, three days, a week, a month. */
export const queueBandsHours = [24, 72, 168, 720] as const;

/**
 * An item that waits in service, and a row of the live view `queues` with its tag as the key. `since` is the instant of the fact that
 * led there. `pos` is where the log last changed it, or what its class is called.
 */
export const QueuedItem = Type.Object({
  tag: Type.String(),
  queue: Queue,
  since: Type.String({ description: "the instant of the fact that led there, RFC 3339" }),
  class: Type.String(),
  className: nullable(Type.String()),
  crew: Crew,
  name: nullable(Type.String()),
  quality: nullable(Type.String()),
  place: nullable(Type.String()),
  notes: nullable(Type.String()),
  condition: nullable(Condition),
  pos: Type.Integer(),
});
export type QueuedItem = Static<typeof QueuedItem>;

export const QueueBand = Type.Object({
  underHours: nullable(
    Type.Integer({
      description: "how old they are at most; null for those that are older than the last limit",
    }),
  ),
  items: Type.Integer(),
});

/** How many items wait for something at a crew, and for how long. */
export const QueueCount = Type.Object({
  queue: Queue,
  crew: Crew,
  items: Type.Integer(),
  oldestSince: nullable(Type.String()),
  bands: Type.Array(QueueBand, { description: "by age when it was asked, youngest first" }),
});
export type QueueCount = Static<typeof QueueCount>;

export const QueueFilter = Type.Object({
  queue: Type.Optional(Queue),
  crew: Type.Optional(Crew),
  class: Type.Optional(Type.String({ minLength: 1, maxLength: 120, pattern: storableText })),
});
export type QueueFilter = Static<typeof QueueFilter>;

/** What waits in service: every queue of every crew with its ages, whatever is filtered, and a page of items, those that wait longest first. */
export const AskServiceQueues = question({
  service: "manager",
  name: "service-queues",
  question: Type.Object({ site: SiteId, ...boardPage, ...QueueFilter.properties }),
  answer: Type.Object({
    ...AsOf.properties,
    counts: Type.Array(QueueCount),
    rows: Type.Array(QueuedItem),
    next: nullable(Type.String()),
  }),
});
