import Type, { type Static, type TSchema } from "typebox";
import { StaleParams } from "./alert-params.ts";
import { AsOf, boardPage } from "./board-questions.ts";
import { Crew } from "./classes.ts";
import { ClientId, SiteId, storableText } from "./ids.ts";
import { ItemStatus } from "./items.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const limitName = Type.String({
  description:
    "the limit that it is over: a role, or else a place; empty for the one that holds for everything else",
});

/** How many items are over a limit. */
export const StaleCount = Type.Object({
  name: limitName,
  days: Type.Integer({ description: "days without any scan" }),
  items: Type.Integer(),
  oldestSince: nullable(Type.String()),
});
export type StaleCount = Static<typeof StaleCount>;

/** An item that no scan touched for longer than its limit. */
export const StaleItem = Type.Object({
  tag: Type.String(),
  class: Type.String(),
  className: nullable(Type.String()),
  crew: Crew,
  status: ItemStatus,
  place: nullable(Type.String()),
  role: nullable(Type.String()),
  since: Type.String({
    description: "when it was last scanned, however that ended; never scanned, when it last changed",
  }),
  lastSeenAt: nullable(Type.String({ description: "null for what was never scanned" })),
  name: limitName,
  days: Type.Integer({ description: "its limit, in days without any scan" }),
});
export type StaleItem = Static<typeof StaleItem>;

/**
 * A row of the live view `stale`, with its tag as the key: an item that is waited for, and when it was last scanned. Which limit it
 * has, {@link staleLimitOf} says, and how long that is ago, the clock of whoever shows it: the limits are of an alert rule, which is no
 * part of the log.
 */
export const UnseenItem = Type.Object({
  tag: Type.String(),
  class: Type.String(),
  status: ItemStatus,
  place: nullable(Type.String()),
  role: nullable(Type.String()),
  since: Type.String({
    description: "when it was last scanned, however that ended; never scanned, when it last changed",
  }),
  lastSeenAt: nullable(Type.String({ description: "null for what was never scanned" })),
});
export type UnseenItem = Static<typeof UnseenItem>;

export const StaleFilter = Type.Object({
  rule: Type.Optional(
    Type.Unsafe<string>({
      ...ClientId,
      description: "an alert rule of the kind stale whose limits count; without it the first that is enabled",
    }),
  ),
  name: Type.Optional(
    Type.String({
      maxLength: 64,
      pattern: storableText,
      description: "only what is over this limit; empty for the one that holds for everything else",
    }),
  ),
  class: Type.Optional(Type.String({ minLength: 1, maxLength: 120, pattern: storableText })),
});
export type StaleFilter = Static<typeof StaleFilter>;

/**
 * Items that no scan touched for long, those that were not seen for longest first, by the limits of the site's own alert rule, so that
 * list and alert never disagree. What is missing, sold or retired is not waited for.
 */
export const AskStaleItems = question({
  service: "manager",
  name: "stale-items",
  question: Type.Object({ site: SiteId, ...boardPage, ...StaleFilter.properties }),
  answer: Type.Object({
    ...AsOf.properties,
    limits: Type.Object({
      rule: nullable(
        Type.String({
          description: "the alert rule that they are of; null for those every site begins with",
        }),
      ),
      ...StaleParams.properties,
    }),
    counts: Type.Array(StaleCount),
    rows: Type.Array(StaleItem),
    next: nullable(Type.String()),
  }),
});
