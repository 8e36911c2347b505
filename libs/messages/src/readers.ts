import Type, { type Static } from "typebox";
import { Instant, ReaderId, type SiteId, visibleText } from "./ids.ts";
import { PlaceName } from "./items.ts";

export const driverNames = ["llrp", "m100"] as const;
export type DriverName = (typeof driverNames)[number];

export const Antenna = Type.Object(
  {
    port: Type.Integer({ minimum: 1, maximum: 64 }),
    place: Type.Optional(PlaceName),
    role: Type.Optional(
      Type.String({ maxLength: 32, pattern: visibleText, description: "what it is for: zone, gate, dock …" }),
    ),
    powerDbm: Type.Optional(Type.Number({ minimum: 0, maximum: 36 })),
  },
  { additionalProperties: false },
);
export type Antenna = Static<typeof Antenna>;

const settings = {
  driver: Type.Enum(driverNames),
  address: Type.String({
    minLength: 1,
    maxLength: 255,
    description: "host[:port], or a device path with optional ?baud=",
  }),
  antennas: Type.Array(Antenna, { maxItems: 64 }),
  station: Type.Optional(Type.String({ maxLength: 64 })),
};

/** Without `antennas` every antenna of the reader is used, and none has a place. */
export const CreateReader = Type.Object(
  { id: ReaderId, ...settings, antennas: Type.Optional(settings.antennas) },
  { additionalProperties: false },
);
export type CreateReader = Static<typeof CreateReader>;

export const PatchReader = Type.Partial(Type.Object(settings), {
  additionalProperties: false,
  minProperties: 1,
});
export type PatchReader = Static<typeof PatchReader>;

/** The life of a reader: stopped ⇄ connecting → configuring → inventory, and backoff whenever the connection ended. */
export const readerPhases = ["stopped", "connecting", "configuring", "inventory", "backoff"] as const;
export type ReaderPhase = (typeof readerPhases)[number];

/**
 * The ledger of a reader, all since it was created. It adds up at every moment:
 * `reads = filtered + held + observed`, and `observations = accepted + alreadyApplied + rejected + quarantined + pending`.
 * `observed` counts the reads that went into observations; `held` those still in a smoothing window.
 */
export const ReaderCounts = Type.Object({
  frames: Type.Integer(),
  malformed: Type.Integer(),
  reads: Type.Integer(),
  filtered: Type.Integer(),
  held: Type.Integer(),
  observed: Type.Integer(),
  observations: Type.Integer(),
  accepted: Type.Integer(),
  alreadyApplied: Type.Integer(),
  rejected: Type.Integer(),
  quarantined: Type.Integer(),
  pending: Type.Integer(),
});
export type ReaderCounts = Static<typeof ReaderCounts>;

export const Reader = Type.Object({
  id: ReaderId,
  ...settings,
  enabled: Type.Boolean(),
  status: Type.Enum(readerPhases),
  since: Instant,
  firmware: Type.Union([Type.String(), Type.Null()]),
  model: Type.Union([Type.String(), Type.Null()]),
  fault: Type.Union([
    Type.Object({ code: Type.String(), message: Type.String(), advice: Type.String() }),
    Type.Null(),
  ]),
  retryAt: Type.Union([Instant, Type.Null()]),
  antennasConnected: Type.Record(Type.String(), Type.Boolean()),
  counts: ReaderCounts,
  rate: Type.Number({ description: "reads per second over the last 10 s" }),
  version: Type.Integer(),
});
export type Reader = Static<typeof Reader>;

/** Asked of the reader-gateway that runs the reader: `reader.do.<site>.<reader>`. */
export const readerDoSubject = (site: SiteId, reader: ReaderId): string => `reader.do.${site}.${reader}`;
export const readerActs = ["start", "stop"] as const;
export type ReaderAct = (typeof readerActs)[number];
