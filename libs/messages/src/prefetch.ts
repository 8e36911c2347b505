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
 * Why an item is likely to be scanned. `due`: it goes out or comes back on a contract within hours, or is late, and the device does such
 * work; `session`: a session of the device that is open expects it; `recent`: it was scanned in the last days on the device, or at the
 * place where the device works; `together`: it was often seen in one session with what the device scanned lately.
 */
export const prefetchSources = ["due", "session", "recent", "together"] as const;
export type PrefetchSource = (typeof prefetchSources)[number];
export const PrefetchSource = Type.Enum(prefetchSources, { description: "why it is likely to be scanned" });

/** Sources that have to earn their place in a site's sets. `recent` is what they are measured against, and always there. */
export const prefetchGuesses = ["due", "session", "together"] as const satisfies readonly PrefetchSource[];
export type PrefetchGuess = (typeof prefetchGuesses)[number];
export const PrefetchGuess = Type.Enum(prefetchGuesses);

/** What a source must be worth at a site to stay: names for so many scans, in shares of 1, that recents do not know … */
export const prefetchPointsMin = 0.03;
/** … and so much of what it names is scanned on that very device within {@link prefetchUseHours}. */
export const prefetchPrecisionMin = 0.2;
/** A source that keeps quiet is tried on one device-day in so many, so that it is known when it would earn its place. */
export const prefetchTriedEvery = 10;

/**
 * How a source stands at a site. `earning`: it is worth what it must be; `unproven`: too little was counted to tell, so it takes part;
 * `quiet`: it is worth less, and takes part only on the device-days on which it is tried; `off`: whoever runs this switched it off.
 */
export const prefetchStates = ["earning", "unproven", "quiet", "off"] as const;
export type PrefetchState = (typeof prefetchStates)[number];
export const PrefetchState = Type.Enum(prefetchStates);
export const prefetchReasons = [
  "adds_enough",
  "too_little_counted",
  "adds_too_little",
  "right_too_seldom",
  "switched_off",
] as const;
export type PrefetchReason = (typeof prefetchReasons)[number];
export const PrefetchReason = Type.Enum(prefetchReasons);

/** `predicted`: all sources that take part; `recents`: only recents, so that it can be told what predicting is worth. */
export const prefetchArms = ["predicted", "recents"] as const;
export type PrefetchArm = (typeof prefetchArms)[number];
export const PrefetchArm = Type.Enum(prefetchArms, {
  description:
    "predicted: from all sources that take part; recents: a day on which the device gets only what was scanned lately, to compare with",
});

/** What one device may hold: more than the largest site's stock on the floor, and little beside what a tablet has. */
export const prefetchItemsMax = 20_000;
export const prefetchBytesMax = 20_000_000;
/** Devices of a site that are kept account of; for one more, the one goes that asked for nothing for longest. */
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
    /** Said only when the device itself asks: the revision of which it has taken every page, or null when it holds none. */
    holds: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
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
    sources: Type.Array(PrefetchSource, { description: "the sources that the set was made from" }),
    revision: Type.Integer({ description: "what the device holds once it has taken all pages" }),
    /** Null when the rows are everything there is to hold, and what the device held before is to be forgotten. */
    since: nullable(Type.Integer()),
    items: Type.Integer({ description: "how many items the whole set has" }),
    bytes: Type.Integer({ description: "of the whole set, as JSON" }),
    rows: Type.Array(PrefetchRow),
    next: nullable(Type.String()),
  }),
});

export type PrefetchSaid = Static<(typeof AskPrefetch)["answer"]>;

const ratio = (description: string) => nullable(Type.Number({ description }));

/** What became of what was handed over, and of the scans of devices that held something. */
export const PrefetchFigures = Type.Object({
  lookups: Type.Integer({
    description: "scans of known items by devices that said before which revision they hold",
  }),
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

/** The figures of the device-days that were handed what is predicted, or only what was recent: what is held out to compare with. */
export const PrefetchArmFigures = Type.Object({
  arm: PrefetchArm,
  deviceDays: Type.Integer(),
  ...PrefetchFigures.properties,
});

export const PrefetchSourceFigures = Type.Object({
  source: PrefetchSource,
  lookups: Type.Integer({ description: "of devices whose set the source took part in" }),
  hits: Type.Integer(),
  beyondRecents: Type.Integer({ description: "of these, recents did not know the item" }),
  points: ratio("beyondRecents / lookups: what it adds to the hit ratio, in shares of 1"),
  prefetched: Type.Integer(),
  used: Type.Integer(),
  precision: ratio("used / prefetched"),
});
export type PrefetchSourceFigures = Static<typeof PrefetchSourceFigures>;

/** How a source stands at a site, and the figures by which it does. */
export const PrefetchStanding = Type.Object({
  source: PrefetchGuess,
  state: PrefetchState,
  reason: PrefetchReason,
  since: nullable(
    Type.String({ description: "when it came to stand so, RFC 3339; null before it was first judged" }),
  ),
  judgedAt: nullable(Type.String({ description: "when it was judged last, RFC 3339" })),
  from: nullable(Type.String({ description: "the first day of the site whose figures count" })),
  lookups: Type.Integer(),
  beyondRecents: Type.Integer(),
  points: ratio(`what it adds to the hit ratio of recents; it must be ${prefetchPointsMin} or more`),
  prefetched: Type.Integer(),
  used: Type.Integer(),
  precision: ratio(`used / prefetched on the very device; it must be ${prefetchPrecisionMin} or more`),
});
export type PrefetchStanding = Static<typeof PrefetchStanding>;

/** One device's figures, of both arms. */
export const PrefetchDeviceFigures = Type.Object({
  device: Type.String(),
  deviceDays: Type.Integer(),
  ...PrefetchFigures.properties,
  sources: Type.Array(PrefetchSourceFigures),
});
export type PrefetchDeviceFigures = Static<typeof PrefetchDeviceFigures>;

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
    ...AsOf.properties,
    from: Day,
    to: Day,
    /** The position of the log up to which scans were counted; null while nobody was handed anything. */
    countedTo: nullable(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() })),
    arms: Type.Array(PrefetchArmFigures),
    /** Of the arm that predicts. An item that several sources named counts with each. */
    sources: Type.Array(PrefetchSourceFigures),
    standings: Type.Array(PrefetchStanding),
    /** Those with the most lookups first, at most {@link prefetchDevicesMax}. */
    devices: Type.Array(PrefetchDeviceFigures),
    /** Hit ratio of the arm that predicts over the other, in shares of 1, with its 95 % interval; null before both have two device-days. */
    uplift: nullable(Type.Object({ value: Type.Number(), low: Type.Number(), high: Type.Number() })),
  }),
});

export type PrefetchSiteFigures = Static<(typeof AskPrefetchFigures)["answer"]>;

/** How many scans one report may tell of, and how long a name may have taken, in seconds: whatever took longer was no scan. */
export const prefetchNamesMax = 500;
export const prefetchNameSecondsMax = 600;

/** What only a device can know: how long it was from a scan to a name on its screen. */
export const PrefetchReport = Type.Object(
  {
    id: Type.String({
      pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$",
      description:
        "a UUID of version 7; a report whose id is not later than the last one's is not counted again",
    }),
    names: Type.Array(
      Type.Object(
        {
          hit: Type.Boolean({ description: "whether the device held the item" }),
          seconds: Type.Number({
            minimum: 0,
            maximum: prefetchNameSecondsMax,
            description: "from the scan to a name on the screen",
          }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: prefetchNamesMax },
    ),
  },
  { additionalProperties: false },
);
export type PrefetchReport = Static<typeof PrefetchReport>;

/** A device tells what it saw of its set. */
export const ReportPrefetch = question({
  service: "manager",
  name: "report-prefetch",
  question: Type.Object({ site: SiteId, device: DeviceName, report: PrefetchReport }),
  answer: Type.Object({
    counted: Type.Boolean({ description: "false for a report that was counted before" }),
  }),
});
