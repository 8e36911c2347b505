import Type, { type Static, type TSchema } from "typebox";
import { Instant, SiteId } from "./ids.ts";
import { question } from "./question.ts";
import { recordPosition } from "./record-position.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** So many stretches of scans that did not come are told of one device; there may be more of them. */
export const gapsToldMax = 20;
/** So many devices of a site are told in one answer. */
export const ledgersPerPageMax = 500;

/** What became of everything that a device, or a person without one, has handed in: `received` is the sum of the four after it. */
export const DeviceLedger = Type.Object({
  device: Type.String({ description: "the device, or the person who scanned without one" }),
  received: Type.Integer({ description: "scans, each counted once however often it was sent" }),
  accepted: Type.Integer(),
  alreadyApplied: Type.Integer(),
  rejected: Type.Integer(),
  quarantined: Type.Integer(),
  counted: Type.Integer({ description: "the last scan by the device's own count; 0 when it does not count" }),
  missing: Type.Integer({ description: "scans that it has counted and that never came" }),
  gaps: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() }), {
    maxItems: gapsToldMax,
    description: "which of them, the first stretches",
  }),
  reused: Type.Integer({ description: "scans that came under a number which another scan had" }),
  reusedAt: nullable(Instant),
  clockOffsetMs: nullable(
    Type.Integer({
      description: "how far its clock is ahead, as measured when it sent; null when it never said",
    }),
  ),
  clockMeasuredAt: nullable(Instant),
  lastAt: Instant,
});
export type DeviceLedger = Static<typeof DeviceLedger>;

/** A clock that is further off than this is worth a person's eye, in ms. */
export const clockSkewMsMax = 30_000;

/** What became of the scans of each device of a site. */
export const AskDeviceLedgers = question({
  service: "operations",
  name: "device-ledgers",
  question: Type.Object({ site: SiteId, cursor: nullable(Type.String()) }),
  answer: Type.Object({
    ledgers: Type.Array(DeviceLedger),
    next: nullable(Type.String()),
    ...recordPosition,
  }),
});

/** Where the log of a site is on its way, and who may write it. */
export const Heads = Type.Object({
  epoch: Type.Integer(),
  pos: Type.Integer({ description: "the last event of the record" }),
  relayed: Type.Integer({ description: "the last one that is known to be in the stream" }),
  unrelayedSince: nullable(Instant),
  owner: nullable(
    Type.String({ description: "the process that owns the site; null while its lease is over" }),
  ),
  /** The oldest transaction in the database: nothing that ended since then is ever cleared away. */
  oldestTransactionAt: nullable(Instant),
  /** Whose it is: what the client calls itself, and its process in the database. */
  oldestTransactionBy: Type.Optional(nullable(Type.String())),
  /** Sessions of which the database does not show whether they are in a transaction: they are those of another user of it. */
  hiddenSessions: Type.Optional(Type.Integer()),
});
export type Heads = Static<typeof Heads>;

export const AskHeads = question({
  service: "operations",
  name: "heads",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({ heads: nullable(Heads), at: Instant }),
});
