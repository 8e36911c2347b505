import Type, { type Static } from "typebox";
import { CountingDevice } from "./device-reports.ts";
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

const declaration = {
  count: Type.Integer({
    minimum: 0,
    description:
      "how many different tags this device has scanned in the session, whatever became of the scans, also those that have not arrived yet. What can be no tag is none of them, nor what was refused with `session_closed` or `id_reused`, nor an unknown tag whose receipt has the flag `session_closed`",
  }),
  digest: Type.String({
    pattern: "^[0-9a-f]{64}$",
    description:
      "SHA-256, in hex, of these tags in their one form (trimmed, hex in upper case), each once, sorted by their UTF-8 bytes and joined by line feeds",
  }),
  lastSeq: Type.Integer({
    minimum: 1,
    description:
      "the device's own number of its last scan in the session, kept beside: `GET /device-ledgers` tells which of its numbers never came",
  }),
};
const device = Type.Optional(CountingDevice);

/** Whoever joins a session will say what it scanned there: until it has, it is waited for. */
export const JoinSession = Type.Object({ device }, { additionalProperties: false });
export type JoinSession = Static<typeof JoinSession>;

/** A device declares what it has scanned in a session: before its scans, after them, before the session is closed or after. The last word counts. */
export const DeclareSession = Type.Object(
  {
    count: declaration.count,
    digest: declaration.digest,
    lastSeq: Type.Optional(declaration.lastSeq),
    device,
  },
  { additionalProperties: false },
);
export type DeclareSession = Static<typeof DeclareSession>;

/** Closes a session. A device that says what it has scanned in it says so by `count` and `digest` together. */
export const CloseSession = Type.Object(
  {
    count: Type.Optional(declaration.count),
    digest: Type.Optional(declaration.digest),
    lastSeq: Type.Optional(declaration.lastSeq),
    device,
    closedAt: Type.Optional(Instant),
  },
  { additionalProperties: false },
);
export type CloseSession = Static<typeof CloseSession>;

export const TagSet = Type.Object({ count: Type.Integer(), digest: Type.String() });
export type TagSet = Static<typeof TagSet>;

/** `complete`: what it declared has arrived; `waiting`: it declared something else; `silent`: it has said nothing; `reader`: it keeps no list. */
export const sessionPartStates = ["complete", "waiting", "silent", "reader"] as const;

/**
 * So many devices join a session or declare into it, and so many parts are told each by itself: every statement of a session names all of
 * them, and one event holds that.
 */
export const partsMax = 200;
/** What the part is called that all further holders come to; `holders` tells it from a device of this name. */
export const otherParts = "others";

/**
 * What one device, or one person without a device that says its name, did in a session: what it declared, and what of it has arrived. A
 * reader declares nothing: it knows of no session, and what has arrived of it is told by its own ledger. Where more took part than are
 * told each by itself, those who only scanned come to one part, with `holders`.
 */
export const SessionPart = Type.Object({
  device: Type.String({ description: "as in the ledgers of devices" }),
  joined: Type.Boolean({ description: "whether it has said that it takes part" }),
  declared: nullable(Type.Object({ ...TagSet.properties, lastSeq: Type.Optional(Type.Integer()) })),
  arrived: TagSet,
  state: Type.Enum(sessionPartStates),
  holders: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: `how many this part stands for, in the part "${otherParts}" alone: a session tells of ${partsMax} each by itself`,
    }),
  ),
});
export type SessionPart = Static<typeof SessionPart>;

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
 * `expectedByClass` is there when quantities are expected and not single tags. `complete` is true once every device that joined or scanned
 * has declared its tags and they have arrived, be they taken back since; false while one of them is waited for; null while the session
 * goes on, where nobody has declared anything, and where readers took part, which declare nothing. `declared` is what whoever closed it
 * said, `parts` what each device did, as last stated; absent in sessions that ended before devices declared each for itself. People,
 * devices and `lastScanAt`, the greatest instant, tell who was at work and when, also of scans that were taken back; everything that is
 * counted tells of those that were not.
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
  parts: Type.Optional(Type.Array(SessionPart)),
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
  waitingFor: Type.Array(Type.String(), {
    description:
      "devices of a closed session that have declared nothing, or whose declared tags have not all arrived",
  }),
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
    waitingFor:
      session.state === "closed"
        ? (session.parts ?? []).flatMap(({ device, state }) =>
            state === "waiting" || state === "silent" ? device : [],
          )
        : [],
    digest: session.recorded?.digest ?? null,
  };
};

/** `scanned`: whatever became of it, also where that was taken back since. */
export const sessionFindings = ["found", "unexpected", "missing", "unknown", "rejected", "scanned"] as const;
export type SessionFinding = (typeof sessionFindings)[number];
