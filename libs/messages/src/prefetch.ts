import Type, { type Static, type TSchema } from "typebox";
import { AsOf } from "./board-questions.ts";
import { Day } from "./contract-board.ts";
import { SiteId, storableText } from "./ids.ts";
import { question } from "./question.ts";

/*
 * What a device should hold before it is asked for: items that are likely to be scanned on it soon, so that a scan shows a name and
 * a guess without the network. It decides nothing; what the server says of a scan is what counts.
 */

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * Why an item is likely to be scanned. `due`: it goes out or comes back on a contract within hours, or is late; `session`: a session
 * of the device that is open expects it; `recent`: the device scanned it in the last days; `together`: it was often seen in one
 * session with what the device scanned lately.
 */
export const prefetchSources = ["due", "session", "recent", "together"] as const;
export type PrefetchSource = (typeof prefetchSources)[number];
export const PrefetchSource = Type.Enum(prefetchSources, { description: "why it is likely to be scanned" });

/** `predicted`: all sources; `recents`: only what the device scanned itself, so that it can be told what predicting is worth. */
export const prefetchArms = ["predicted", "recents"] as const;
export type PrefetchArm = (typeof prefetchArms)[number];
export const PrefetchArm = Type.Enum(prefetchArms, {
  description:
    "predicted: from all sources; recents: a day on which the device gets only what it scanned itself, to compare with",
});

/** What one device may hold: more than the largest site's stock on the floor, and little beside what a tablet has. */
export const prefetchItemsMax = 20_000;
export const prefetchBytesMax = 20_000_000;
/** Devices of a site that are kept account of. */
export const prefetchDevicesMax = 500;
/** An item that was handed to a device and is not scanned on it for so long was handed for nothing, in hours. */
export const prefetchUseHours = 24;
export const prefetchPageMax = 2_000;

export const DeviceName = Type.String({
  minLength: 1,
  maxLength: 120,
  pattern: storableText,
  description: "the device, as its scans name it",
});

/** An item as a device keeps it. */
export const PrefetchItem = Type.Object({
  tag: Type.String(),
  class: Type.String(),
  name: nullable(Type.String({ description: "what the item is called, else its class" })),
  status: Type.String(),
  contract: nullable(Type.String()),
  place: nullable(Type.String()),
  version: Type.Integer({ description: "the item's version when it was handed over" }),
  sources: Type.Array(PrefetchSource),
});
export type PrefetchItem = Static<typeof PrefetchItem>;

/** A change to what a device holds: an item that is new or different, or one that it may forget. */
export const PrefetchRow = Type.Union([
  PrefetchItem,
  Type.Object({ tag: Type.String(), gone: Type.Literal(true) }),
]);
export type PrefetchRow = Static<typeof PrefetchRow>;

export const AskPrefetch = question({
  service: "manager",
  name: "prefetch",
  question: Type.Object({
    site: SiteId,
    device: DeviceName,
    /** The revision that the device holds; nothing when it holds none, or not to be relied on. */
    since: nullable(Type.Integer({ minimum: 0 })),
    items: Type.Optional(
      Type.Integer({ minimum: 1, maximum: prefetchItemsMax, description: "how many items it can hold" }),
    ),
    bytes: Type.Optional(
      Type.Integer({ minimum: 1_000, maximum: prefetchBytesMax, description: "how many bytes it can hold" }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: prefetchPageMax }),
    cursor: nullable(Type.String()),
  }),
  answer: Type.Object({
    ...AsOf.properties,
    device: Type.String(),
    arm: PrefetchArm,
    day: Day,
    revision: Type.Integer({ description: "what the device holds once it has taken all pages" }),
    /** Null when the rows are everything there is to hold, and what the device held before is to be forgotten. */
    since: nullable(Type.Integer()),
    items: Type.Integer({ description: "how many items the whole set has" }),
    bytes: Type.Integer({ description: "of the whole set, as JSON" }),
    rows: Type.Array(PrefetchRow),
    next: nullable(Type.String()),
  }),
});

const ratio = (description: string) => nullable(Type.Number({ description }));

/** What became of what was handed over, and of the scans of devices that held something. */
export const PrefetchFigures = Type.Object({
  lookups: Type.Integer({ description: "scans of known items by devices that held a set" }),
  hits: Type.Integer({ description: "of these, the device held the item" }),
  hitRatio: ratio("hits / lookups"),
  staleHits: Type.Integer({ description: "hits whose status or contract was no longer the one held" }),
  staleRatio: ratio("stale hits / hits"),
  offlineLookups: Type.Integer({ description: "scans that reached us over a minute after they were made" }),
  offlineMisses: Type.Integer({ description: "of these, the device had no name to show" }),
  prefetched: Type.Integer({ description: `items handed over ${prefetchUseHours} hours ago or more` }),
  used: Type.Integer({ description: `of these, scanned on the device within ${prefetchUseHours} hours` }),
  precision: ratio("used / prefetched"),
  wasteBytes: Type.Integer({ description: "bytes of those that were not" }),
});
export type PrefetchFigures = Static<typeof PrefetchFigures>;

export const PrefetchSourceFigures = Type.Object({
  source: PrefetchSource,
  hits: Type.Integer(),
  prefetched: Type.Integer(),
  used: Type.Integer(),
  precision: ratio("used / prefetched"),
});
export type PrefetchSourceFigures = Static<typeof PrefetchSourceFigures>;

export const prefetchDaysDefault = 28;
export const prefetchDaysKept = 90;

export const AskPrefetchFigures = question({
  service: "manager",
  name: "prefetch-figures",
  question: Type.Object({
    site: SiteId,
    days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: prefetchDaysKept,
        description: `how many days of the site to look back, ${prefetchDaysDefault} unless told`,
      }),
    ),
  }),
  answer: Type.Object({
    from: Day,
    to: Day,
    /** The position of the log up to which scans were counted; null while nobody was handed anything. */
    countedTo: nullable(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() })),
    arms: Type.Array(
      Type.Object({ arm: PrefetchArm, deviceDays: Type.Integer(), ...PrefetchFigures.properties }),
    ),
    /** Of the arm that predicts. An item that several sources named counts with each. */
    sources: Type.Array(PrefetchSourceFigures),
    /** Hit ratio of the arm that predicts over the other, in shares of 1, with its 95 % interval; null before both have two device-days. */
    uplift: nullable(Type.Object({ value: Type.Number(), low: Type.Number(), high: Type.Number() })),
  }),
});
