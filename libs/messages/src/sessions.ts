import Type, { type Static } from "typebox";
import { ClientId, Instant } from "./ids.ts";
import { ClassName, ContractNumber, PlaceName } from "./items.ts";
import { StationId } from "./stations.ts";

export const sessionModes = ["checkout", "return", "count", "service", "laundry"] as const;
export type SessionMode = (typeof sessionModes)[number];
export const SessionMode = Type.Enum(sessionModes, { description: "what a session is for" });

/**
 * `unbegun`: scans have named it, and the device that holds its beginning has not been heard yet; or its beginning was taken back.
 */
export const sessionStates = ["unbegun", "open", "closed"] as const;

/** More than the largest site's count; a request with as many tags still fits into one event of the bus. */
export const expectedTagsMax = 20_000;

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Tag = Type.String({ minLength: 1, maxLength: 1_024 });

/**
 * Begins a session. What is expected is `expected` when it is given; else in a return what is out on the contract, in a checkout the
 * quantities of its lines, in a count or in service what should be at the place or of the class.
 *
 * What the readers of `station` hear while it is open are scans of it. Only one session is open at a station at a time: whoever comes
 * later joins it by naming it in their scans.
 */
export const BeginSession = Type.Object(
  {
    id: ClientId,
    mode: SessionMode,
    contract: Type.Optional(ContractNumber),
    place: Type.Optional(PlaceName),
    class: Type.Optional(ClassName),
    station: Type.Optional(StationId),
    expected: Type.Optional(Type.Array(Tag, { maxItems: expectedTagsMax })),
    begunAt: Type.Optional(Instant),
  },
  { additionalProperties: false },
);
export type BeginSession = Static<typeof BeginSession>;

/** Closes a session. A device that says what was scanned in it says so by `count` and `digest` together. */
export const CloseSession = Type.Object(
  {
    count: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          "how many different tags were scanned in the session, by all of its devices and whatever became of the scans; what can be no tag is none of them. Who knows only what one of several devices has scanned adds the tags that have arrived of the others (`finding=scanned`), or leaves it out, with `digest`",
      }),
    ),
    digest: Type.Optional(
      Type.String({
        pattern: "^[0-9a-f]{64}$",
        description:
          "SHA-256, in hex, of these tags in their one form (trimmed, hex in upper case), each once, sorted by their UTF-8 bytes and joined by line feeds",
      }),
    ),
    closedAt: Type.Optional(Instant),
  },
  { additionalProperties: false },
);
export type CloseSession = Static<typeof CloseSession>;

export const TagSet = Type.Object({ count: Type.Integer(), digest: Type.String() });
export type TagSet = Static<typeof TagSet>;

/**
 * Why a tag is in a session. `seen`: a scan of it counted; `rejected`: all were; `unknown`: no item carries it. Null: expected only.
 * What was seen `beside` stands for none of the quantities that are expected: it went out on another contract, was out already, or
 * did not go out at all.
 */
export const SessionTag = Type.Object({
  session: Type.String(),
  tag: Type.String(),
  expected: Type.Boolean(),
  outcome: nullable(Type.Enum(["seen", "rejected", "unknown"] as const)),
  type: nullable(Type.String({ description: "type of the scan that counted last" })),
  class: nullable(Type.String()),
  seenAt: nullable(Instant),
  beside: Type.Boolean(),
});
export type SessionTag = Static<typeof SessionTag>;

/**
 * What is known of a session, the same in operations and in every projection.
 *
 * `expectedByClass` is there when quantities are expected and not single tags. `complete` compares what the device declared with
 * what arrived, be it taken back since; null until both are there. People, devices and `lastScanAt` tell who was at work and when, also
 * of scans that were taken back; everything that is counted tells of those that were not.
 */
export const Session = Type.Object({
  id: Type.String(),
  mode: nullable(SessionMode),
  contract: nullable(Type.String()),
  place: nullable(Type.String()),
  class: nullable(Type.String()),
  station: Type.Optional(Type.String({ description: "whose readers scan into it, if any do" })),
  state: Type.Enum(sessionStates),
  begunAt: nullable(Instant),
  closedAt: nullable(Instant),
  lastScanAt: nullable(Instant),
  people: Type.Array(Type.String()),
  devices: Type.Array(Type.String()),
  expectedTags: Type.Integer(),
  expectedByClass: nullable(Type.Record(Type.String(), Type.Integer())),
  seenByClass: Type.Record(Type.String(), Type.Integer(), { description: "without what was seen beside" }),
  foundTags: Type.Integer({ description: "expected tags that were seen" }),
  seenTags: Type.Integer({ description: "all tags that were seen" }),
  rejectedTags: Type.Integer(),
  unknownTags: Type.Integer(),
  lateScans: Type.Integer({ description: "scans that arrived after it was closed" }),
  recorded: nullable(TagSet),
  declared: nullable(TagSet),
  complete: nullable(Type.Boolean()),
  duplicates: nullable(Type.Integer({ description: "repeats counted silently until it was closed" })),
  version: Type.Integer(),
  pos: Type.Integer(),
});
export type Session = Static<typeof Session>;

/** A session as people read it. */
export const SessionView = Type.Object({
  ...Type.Omit(Session, ["expectedTags", "foundTags", "seenTags", "rejectedTags", "unknownTags"]).properties,
  expected: Type.Integer(),
  found: Type.Integer(),
  unexpected: Type.Integer(),
  missing: Type.Integer(),
  unknown: Type.Integer(),
  rejected: Type.Integer(),
  digest: nullable(Type.String({ description: "of the tags that were recorded, once it is closed" })),
});
export type SessionView = Static<typeof SessionView>;

/** Why the readers at a session's station will not scan into it, as things are, and that nobody has stated its contract. */
export const sessionWarningCodes = [
  "station_unknown",
  "station_only_sees",
  "station_unread",
  "contract_unstated",
] as const;
export const SessionWarning = Type.Object({
  code: Type.Enum(sessionWarningCodes),
  message: Type.String({ description: "for people" }),
});
export type SessionWarning = Static<typeof SessionWarning>;

/** A session that was just begun. */
export const BegunSession = Type.Object({
  ...SessionView.properties,
  warnings: Type.Array(SessionWarning, {
    description:
      "why nothing will be scanned into it by readers, as things are, and that nobody has stated its contract; empty when all is well",
  }),
});
export type BegunSession = Static<typeof BegunSession>;

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((left, right) => left + right, 0);

/** Of quantities by class, how many of the seen items stand for one that was expected. */
const matched = (
  expected: Readonly<Record<string, number>>,
  seen: Readonly<Record<string, number>>,
): number =>
  Object.entries(expected).reduce(
    (sum, [name, quantity]) => sum + Math.min(quantity, Object.hasOwn(seen, name) ? (seen[name] ?? 0) : 0),
    0,
  );

/** Expected, found, unexpected and missing add up: what was seen is found or unexpected, what was expected is found or missing. */
export const sessionView = (session: Session): SessionView => {
  const { expectedTags, foundTags, seenTags, rejectedTags, unknownTags, ...rest } = session;
  const byClass = session.expectedByClass;
  const expected = byClass === null ? expectedTags : total(byClass);
  const found = byClass === null ? foundTags : matched(byClass, session.seenByClass);
  return {
    ...rest,
    expected,
    found,
    unexpected: seenTags - found,
    missing: expected - found,
    unknown: unknownTags,
    rejected: rejectedTags,
    digest: session.recorded?.digest ?? null,
  };
};

/** `scanned`: whatever became of it, also where that was taken back since; of these a device and the server make the same digest. */
export const sessionFindings = ["found", "unexpected", "missing", "unknown", "rejected", "scanned"] as const;
export type SessionFinding = (typeof sessionFindings)[number];
