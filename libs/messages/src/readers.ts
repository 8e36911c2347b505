import Type, { type Static } from "typebox";
import { Instant, ReaderId, type SiteId, visibleText } from "./ids.ts";
import { PlaceName } from "./items.ts";
import { ReadRules } from "./read-rules.ts";
import { ReaderCounts } from "./reader-counts.ts";
import { portalSides, StationId } from "./stations.ts";

export const driverNames = [
  "llrp",
  "mercury",
  "m100",
  "uhf18",
  "uhf288",
  "tsl",
  "lines",
  "impinj",
  "zebra",
  "replay",
  "training",
] as const;
export type DriverName = (typeof driverNames)[number];

export const Antenna = Type.Object(
  {
    port: Type.Integer({ minimum: 1, maximum: 64 }),
    place: Type.Optional(PlaceName),
    role: Type.Optional(
      Type.String({ maxLength: 32, pattern: visibleText, description: "what it is for: zone, gate, dock …" }),
    ),
    powerDbm: Type.Optional(Type.Number({ minimum: 0, maximum: 36 })),
    station: Type.Optional(StationId),
    side: Type.Optional(
      Type.Enum(portalSides, { description: "which side of its portal the antenna looks at" }),
    ),
  },
  { additionalProperties: false },
);
export type Antenna = Static<typeof Antenna>;

/** Whose rules of the air a reader keeps, by country; `cn-840` is China's lower band. */
export const readerRegions = ["eu", "us", "cn", "cn-840", "kr", "jp", "in", "au", "nz"] as const;
export type ReaderRegion = (typeof readerRegions)[number];

/** Who Tagwire is to a reader that asks. The password is written and never read. */
export const ReaderLogin = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64, pattern: "^[^:\\p{Cc}]+$" }),
    password: Type.String({
      maxLength: 128,
      pattern: "^[^\\p{Cc}]*$",
      writeOnly: true,
      description: "sent to the reader and to nobody else: no answer has it",
    }),
  },
  { additionalProperties: false },
);
export type ReaderLogin = Static<typeof ReaderLogin>;

const settings = {
  driver: Type.Enum(driverNames),
  address: Type.String({
    minLength: 1,
    maxLength: 255,
    description:
      "host[:port] for llrp; a device path with optional ?baud= for serial readers; uhf18, uhf288, tsl and lines take either; the http or https URL of an impinj reader whose stream is read; none for impinj and zebra readers that push, for replay, to which recordings are pushed, and for training, which hears what a trainer puts before it, at a site for practice alone",
  }),
  antennas: Type.Array(Antenna, { maxItems: 64 }),
  station: Type.Optional(
    Type.String({
      maxLength: 64,
      description: "where the antennas are bound to that name no station of their own",
    }),
  ),
  rules: Type.Optional(ReadRules),
  region: Type.Optional(
    Type.Enum(readerRegions, {
      description: "whose rules of the air it keeps; absent leaves what the reader has",
    }),
  ),
  session: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 3,
      description:
        "Gen2 session: in 0 a tag answers again at once, in 2 and 3 after a while out of the field",
    }),
  ),
};

/** Without `antennas` every antenna of the reader is used, and none has a place. */
export const CreateReader = Type.Object(
  {
    id: ReaderId,
    ...settings,
    address: Type.Optional(settings.address),
    antennas: Type.Optional(settings.antennas),
    login: Type.Optional(ReaderLogin),
  },
  { additionalProperties: false },
);
export type CreateReader = Static<typeof CreateReader>;

/**
 * `null` leaves region or session to the reader again, and takes its station, rules, address or login away. Another driver begins without region, session
 * and login of the last, and another address without the login: a password is for the reader that it was given for. `rules` are
 * replaced as a whole, and take effect without a new connection, except where the reader has to be told of it: to ask tags for their TID.
 */
export const PatchReader = Type.Partial(
  Type.Object({
    ...settings,
    address: Type.Union([settings.address, Type.Null()]),
    station: Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
      description:
        "where the antennas are bound to that name no station of their own; null binds them to none",
    }),
    rules: Type.Union([ReadRules, Type.Null()]),
    login: Type.Union([ReaderLogin, Type.Null()]),
    region: Type.Union([settings.region, Type.Null()]),
    session: Type.Union([settings.session, Type.Null()]),
  }),
  {
    additionalProperties: false,
    minProperties: 1,
  },
);
export type PatchReader = Static<typeof PatchReader>;

/** The life of a reader: stopped ⇄ connecting → configuring → inventory, and backoff whenever the connection ended. */
export const readerPhases = ["stopped", "connecting", "configuring", "inventory", "backoff"] as const;
export type ReaderPhase = (typeof readerPhases)[number];

/** What a reader told of late that people should know, as many as are kept. */
export const pastFaultsMax = 8;

/** A failure of a connection, or a warning of the reader; what comes again at once is counted and not repeated. */
export const PastFault = Type.Object({
  kind: Type.Enum(["failure", "warning"] as const),
  code: Type.String(),
  message: Type.String(),
  advice: Type.Optional(Type.String()),
  at: Instant,
  times: Type.Integer({ description: "how often it came in a row, the last time at `at`" }),
});
export type PastFault = Static<typeof PastFault>;

export const Reader = Type.Object({
  id: ReaderId,
  ...settings,
  address: Type.Optional(settings.address),
  login: Type.Optional(Type.Object({ username: Type.String() })),
  keyMadeAt: Type.Optional(Instant),
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
  faults: Type.Optional(
    Type.Array(PastFault, {
      maxItems: pastFaultsMax,
      description: "what went wrong of late, the newest first, also before the gateway was started again",
    }),
  ),
  lastReadAt: Type.Optional(
    Type.Union([Instant, Type.Null()], {
      description: "when a tag was read last; null while none ever was",
    }),
  ),
  antennasConnected: Type.Record(Type.String(), Type.Boolean()),
  clockOffsetMs: Type.Optional(
    Type.Union([Type.Integer(), Type.Null()], {
      description:
        "how far the reader's clock is ahead of the gateway's, less than nothing when it is behind; null while it has not told",
    }),
  ),
  recording: Type.Optional(
    Type.Object(
      { file: Type.String(), since: Instant },
      { description: "while what it says is recorded: the file, below the gateway's folder of recordings" },
    ),
  ),
  counts: ReaderCounts,
  rate: Type.Number({ description: "reads per second over the last 10 s" }),
  version: Type.Integer(),
});
export type Reader = Static<typeof Reader>;

/** Asked of the reader-gateway that runs the reader: `reader.do.<site>.<reader>`. */
export const readerDoSubject = (site: SiteId, reader: ReaderId): string => `reader.do.${site}.${reader}`;
export const readerActs = ["start", "stop", "record", "stop-recording"] as const;
export type ReaderAct = (typeof readerActs)[number];
