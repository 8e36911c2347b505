import Type, { type Static, type TSchema } from "typebox";
import { Site } from "./commands.ts";
import { Dashboard } from "./dashboard.ts";
import { LoggedEvent } from "./events.ts";
import { ScanMark } from "./flagged-scans.ts";
import { ClientId, Instant, ReaderId, SiteId, storableText } from "./ids.ts";
import { By, Item, ServiceWork } from "./items.ts";
import { viewsOf } from "./live-views.ts";
import { question } from "./question.ts";
import { CreateReader, PatchReader, Reader, readerActs } from "./readers.ts";
import { recordPosition } from "./record-position.ts";
import { outcomes, Receipt } from "./scans.ts";
import { PutStation, Station, StationId } from "./stations.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const site = { site: SiteId };
const page = { limit: Type.Integer({ minimum: 1, maximum: 1_000 }), cursor: nullable(Type.String()) };

/* ---- operations: the record itself ---- */

export const AskSites = question({
  service: "operations",
  name: "sites",
  question: Type.Object({}),
  answer: Type.Object({ sites: Type.Array(Site) }),
});

export const AskItem = question({
  service: "operations",
  name: "item",
  question: Type.Object({ ...site, tag: Type.String() }),
  answer: Type.Object({ item: nullable(Item) }),
});

export const AskItems = question({
  service: "operations",
  name: "items",
  question: Type.Object({
    ...site,
    ...page,
    status: Type.Optional(Type.Array(Type.String({ pattern: storableText }))),
    class: Type.Optional(Type.String({ pattern: storableText })),
    place: Type.Optional(Type.String({ pattern: storableText })),
    q: Type.Optional(Type.String({ pattern: storableText })),
  }),
  answer: Type.Object({ items: Type.Array(Item), next: nullable(Type.String()), ...recordPosition }),
});

/** A row of an item's life, newest first. */
export const TimelineRow = Type.Object({
  kind: Type.Enum(["event", "sighting"] as const),
  type: Type.String(),
  scanId: Type.Optional(Type.String()),
  epoch: Type.Optional(Type.Integer()),
  pos: Type.Optional(Type.Integer()),
  scannedAt: nullable(Instant),
  receivedAt: Instant,
  recordedAt: Instant,
  by: By,
  place: Type.Optional(Type.String()),
  contract: Type.Optional(Type.String()),
  outcome: Type.Enum(outcomes),
  code: Type.Optional(Type.String()),
  flags: Type.Array(Type.String()),
  completed: Type.Optional(
    Type.Object(ServiceWork.properties, { description: "the work by which the scan made the item ready" }),
  ),
  traceId: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
});
export type TimelineRow = Static<typeof TimelineRow>;

export const AskTimeline = question({
  service: "operations",
  name: "timeline",
  question: Type.Object({ ...site, ...page, tag: Type.String() }),
  answer: Type.Object({
    rows: Type.Array(TimelineRow),
    next: nullable(Type.String()),
    known: Type.Boolean(),
    ...recordPosition,
  }),
});

export const AskReceipt = question({
  service: "operations",
  name: "receipt",
  question: Type.Object({ ...site, id: ClientId }),
  answer: Type.Object({ receipt: nullable(Receipt) }),
});

/** events.read: the log itself, dense and in order. `after` pos 0 is the beginning. Pages are bounded by bytes too. */
export const AskEvents = question({
  service: "operations",
  name: "events",
  question: Type.Object({
    ...site,
    epoch: Type.Integer(),
    after: Type.Integer(),
    limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
  }),
  answer: Type.Object({ epoch: Type.Integer(), head: Type.Integer(), events: Type.Array(LoggedEvent) }),
});

/** The digest of a site's items at a position, from operations' own rows: canonical, see the digest lib. */
export const AskItemDigest = question({
  service: "operations",
  name: "item-digest",
  question: Type.Object(site),
  answer: Type.Object({ epoch: Type.Integer(), pos: Type.Integer(), digest: Type.String() }),
});

/* ---- manager: what the log looks like to people ---- */

export const AskDashboard = question({
  service: "manager",
  name: "dashboard",
  question: Type.Object(site),
  answer: Type.Object({ dashboard: nullable(Dashboard) }),
});

/**
 * A page of a live view as of one position. The first page's position is the one to resume from. `generation` is the one that
 * the view's deltas carry; pages of two generations do not belong together. A filter only spares rows on the way: whoever asks
 * looks at every row again, so a view may leave out what it cannot tell.
 */
export const AskSnapshot = question({
  service: "manager",
  name: "snapshot",
  question: Type.Object({
    ...site,
    view: Type.Enum(viewsOf("manager")),
    cursor: nullable(Type.String()),
    status: Type.Optional(Type.Array(Type.String())),
    state: Type.Optional(Type.Array(Type.String())),
    class: Type.Optional(Type.String()),
    place: Type.Optional(Type.String()),
    tag: Type.Optional(Type.String()),
    q: Type.Optional(Type.String()),
    mark: Type.Optional(ScanMark),
    until: Type.Optional(Type.String({ description: "RFC 3339 in UTC, to the millisecond" })),
  }),
  answer: Type.Object({
    known: Type.Boolean(),
    epoch: Type.Integer(),
    pos: Type.Integer(),
    generation: Type.Optional(Type.String()),
    rows: Type.Array(
      Type.Intersect([
        Type.Object({ key: Type.String(), version: Type.Integer() }),
        Type.Record(Type.String(), Type.Unknown()),
      ]),
    ),
    next: nullable(Type.String()),
  }),
});

/** The same digest as operations gives, from the manager's rows. At equal positions the two are equal. */
export const AskManagerDigest = question({
  service: "manager",
  name: "item-digest",
  question: Type.Object(site),
  answer: Type.Object({ epoch: Type.Integer(), pos: Type.Integer(), digest: Type.String() }),
});

/* ---- reader-gateway: readers and their health ---- */

/** Who asks, for the log; whoever does not say so is of an older version. */
const asker = { by: Type.Optional(By) };
const OneReader = Type.Object({ ...site, id: ReaderId });

/**
 * With a `cursor`, null at the beginning, as many as one message carries come in the order of their ids, and `next` is where the next page
 * begins. Each page is of its own position. Without one all of them come, or `too_large`.
 */
export const AskReaders = question({
  service: "reader-gateway",
  name: "readers",
  question: Type.Object({ ...site, cursor: Type.Optional(nullable(ReaderId)) }),
  answer: Type.Object({
    epoch: Type.Integer(),
    pos: Type.Integer(),
    readers: Type.Array(Reader),
    next: Type.Optional(nullable(ReaderId)),
  }),
});

export const AskReader = question({
  service: "reader-gateway",
  name: "reader",
  question: OneReader,
  answer: Type.Object({ reader: nullable(Reader) }),
});

export const AskCreateReader = question({
  service: "reader-gateway",
  name: "create-reader",
  question: Type.Object({ ...site, ...asker, reader: CreateReader }),
  /** `created` is false when the same reader was there already; who does not say it is of an older version. */
  answer: Type.Object({ reader: Reader, created: Type.Optional(Type.Boolean()) }),
});

export const AskPatchReader = question({
  service: "reader-gateway",
  name: "patch-reader",
  question: Type.Object({ ...site, ...asker, id: ReaderId, patch: PatchReader }),
  answer: Type.Object({ reader: Reader }),
});

export const AskDeleteReader = question({
  service: "reader-gateway",
  name: "delete-reader",
  question: Type.Object({ ...OneReader.properties, ...asker }),
  answer: Type.Object({ deleted: Type.Boolean() }),
});

const OneStation = Type.Object({ ...site, ...asker, id: StationId });

export const AskStations = question({
  service: "reader-gateway",
  name: "stations",
  question: Type.Object(site),
  answer: Type.Object({ stations: Type.Array(Station) }),
});

/** One station, and how many readers that are switched on listen there; null when there is none of that name. */
export const AskStation = question({
  service: "reader-gateway",
  name: "station",
  question: Type.Object({ ...site, id: StationId }),
  answer: Type.Object({ station: Type.Union([Station, Type.Null()]), listening: Type.Integer() }),
});

export const AskPutStation = question({
  service: "reader-gateway",
  name: "put-station",
  question: Type.Object({ ...site, ...asker, id: StationId, station: PutStation }),
  answer: Type.Object({ station: Station, created: Type.Boolean() }),
});

export const AskDeleteStation = question({
  service: "reader-gateway",
  name: "delete-station",
  question: OneStation,
  answer: Type.Object({ deleted: Type.Boolean() }),
});

/** start | stop, said on `reader.do.<site>.<reader>` to the process that runs the reader. */
export const ReaderDo = Type.Object({ ...asker, act: Type.Enum(readerActs) });
export type ReaderDo = Static<typeof ReaderDo>;

export const ReaderDone = Type.Object({ reader: Reader });
export type ReaderDone = Static<typeof ReaderDone>;
