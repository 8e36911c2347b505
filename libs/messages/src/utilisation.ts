import Type, { type Static, type TSchema } from "typebox";
import { AsOf, boardPage } from "./board-questions.ts";
import { Crew } from "./classes.ts";
import { Day } from "./contract-board.ts";
import { ClassAbout } from "./dashboard.ts";
import { SiteId, storableText } from "./ids.ts";
import { ItemStatus } from "./items.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** How many days a window has when nobody says, today included, and at most. */
export const utilisationDaysDefault = 30;
export const utilisationDaysMax = 366;
/** For how many days an available item was not on contract before it counts as idle, when nobody says. */
export const idleDaysDefault = 30;

const idleDays = Type.Integer({
  minimum: 1,
  maximum: 3_650,
  description: "days without being on contract after which an available item is idle",
});

/**
 * How much some items were used. An item-day is an item as it stood at the end of one of the site's days, today as it stands now; of
 * what is sold or retired nothing is counted. `readyDays` are the days at hand, of which `availableDays`, `stagedDays` and
 * `provisionedDays` are the parts. `available` are ready to rent now, as everywhere.
 */
export const Usage = Type.Object({
  itemDays: Type.Integer({ description: "of everything that is not sold or retired" }),
  outDays: Type.Integer({ description: "on contract: on rent or delivered" }),
  readyDays: Type.Integer({ description: "at hand: availableDays, stagedDays and provisionedDays together" }),
  availableDays: Type.Integer({ description: "ready to rent" }),
  stagedDays: Type.Integer(),
  provisionedDays: Type.Integer(),
  inServiceDays: Type.Integer(),
  missingDays: Type.Integer(),
  utilisation: nullable(Type.Number({ description: "outDays of itemDays, 0 to 1; null without item-days" })),
  available: Type.Integer({ description: "ready to rent now" }),
  idle: Type.Integer({ description: "of those, the ones that were not on contract for idleDays" }),
  idleSince: nullable(
    Type.String({
      description: "since when the one that waits longest is not on contract; null without one",
    }),
  ),
});
export type Usage = Static<typeof Usage>;

export const ClassUsage = Type.Object({
  class: Type.String(),
  ...Usage.properties,
  ...Type.Partial(ClassAbout).properties,
});
export type ClassUsage = Static<typeof ClassUsage>;

const Text = Type.String({ minLength: 1, maxLength: 120, pattern: storableText });

export const UtilisationFilter = Type.Object({
  from: Type.Optional(Day),
  to: Type.Optional(Day),
  idleDays: Type.Optional(idleDays),
  crew: Type.Optional(Crew),
  category: Type.Optional(Text),
  class: Type.Optional(Text),
});
export type UtilisationFilter = Static<typeof UtilisationFilter>;

/**
 * Utilisation over a window of the site's days, and idle items, by class in the order of their names. Without days it is the last
 * {@link utilisationDaysDefault}, today included. Totals are of all classes that fit the filter, whatever the page.
 */
export const AskUtilisation = question({
  service: "manager",
  name: "utilisation",
  question: Type.Object({ site: SiteId, ...boardPage, ...UtilisationFilter.properties }),
  answer: Type.Object({
    ...AsOf.properties,
    timeZone: Type.String({ description: "the zone in which days begin" }),
    from: Day,
    to: Day,
    idleDays,
    totals: Usage,
    rows: Type.Array(ClassUsage),
    next: nullable(Type.String()),
  }),
});

/**
 * A row of the live view `idle`, with its tag as the key: an item that is ready to rent, and since when it is not on contract.
 * Whether that is long is for whoever shows it to say. What its class is called is told by the view `dashboard`.
 */
export const AvailableItem = Type.Object({
  tag: Type.String(),
  class: Type.String(),
  status: ItemStatus,
  quality: nullable(Type.String()),
  place: nullable(Type.String()),
  role: nullable(Type.String()),
  since: Type.String({ description: "since when it is not on contract, RFC 3339" }),
  lastSeenAt: nullable(Type.String({ description: "when it was last scanned, however that ended" })),
});
export type AvailableItem = Static<typeof AvailableItem>;

/** An item that is available and was not on contract for long; never scanned out, since it was commissioned. */
export const IdleItem = Type.Object({
  tag: Type.String(),
  class: Type.String(),
  className: nullable(Type.String()),
  crew: Crew,
  status: ItemStatus,
  quality: nullable(Type.String()),
  place: nullable(Type.String()),
  role: nullable(Type.String()),
  since: Type.String({ description: "since when it is not on contract, RFC 3339" }),
  lastSeenAt: nullable(Type.String({ description: "when it was last scanned, however that ended" })),
});
export type IdleItem = Static<typeof IdleItem>;

export const IdleFilter = Type.Object({ idleDays: Type.Optional(idleDays), class: Type.Optional(Text) });
export type IdleFilter = Static<typeof IdleFilter>;

/** Items that are idle, those that are not on contract for longest first. */
export const AskIdleItems = question({
  service: "manager",
  name: "idle-items",
  question: Type.Object({ site: SiteId, ...boardPage, ...IdleFilter.properties }),
  answer: Type.Object({
    ...AsOf.properties,
    idleDays,
    rows: Type.Array(IdleItem),
    next: nullable(Type.String()),
  }),
});
