import Type, { type Static } from "typebox";
import { Instant, ReaderId, SiteId } from "./ids.ts";
import { driverNames } from "./readers.ts";

/** Changes when a reader of the old format could misread the new one; members that are only added need no other. */
export const recordingVersion = 1;

const OffsetMs = Type.Number({
  description: "ms since the recording began, by a clock that only goes forward",
});
const Hex = Type.String({ pattern: "^([0-9a-f]{2})*$" });

/** The first line of a recording: whose it is, and how the reader was set. It has no secret in it. */
export const RecordingHeader = Type.Object({
  recording: Type.Literal("tagwire"),
  version: Type.Integer({ minimum: 1 }),
  site: SiteId,
  reader: ReaderId,
  driver: Type.Enum(driverNames),
  startedAt: Instant,
  settings: Type.Record(Type.String(), Type.Unknown()),
});
export type RecordingHeader = Static<typeof RecordingHeader>;

/** A tag as an antenna heard it. `heardMs` may lie before the recording: readers tell late. */
export const RecordedRead = Type.Object({
  epc: Type.String({ pattern: "^[0-9A-F]*$", maxLength: 1_024 }),
  antenna: Type.Integer({ minimum: 0, maximum: 65_535 }),
  rssiDbm: Type.Union([Type.Number(), Type.Null()]),
  rssiRaw: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  count: Type.Integer({ minimum: 1 }),
  heardMs: Type.Number(),
  tid: Type.Optional(Type.String({ pattern: "^[0-9A-F]*$", maxLength: 1_024 })),
  isIso: Type.Optional(Type.Literal(true)),
});
export type RecordedRead = Static<typeof RecordedRead>;

/** Something that came of the reader: a frame with its reads, bytes that were none, or the break of a light barrier. */
export const RecordedFrame = Type.Object({
  atMs: OffsetMs,
  reads: Type.Array(RecordedRead),
  bytes: Type.Optional(Hex),
});
export const RecordedGarbage = Type.Object({ atMs: OffsetMs, malformed: Type.String(), bytes: Hex });
export const RecordedInput = Type.Object({
  atMs: OffsetMs,
  input: Type.Object({ port: Type.Integer({ minimum: 1 }), brokenMs: Type.Number() }),
});
export const RecordedLine = Type.Union([RecordedFrame, RecordedGarbage, RecordedInput]);
export type RecordedLine = Static<typeof RecordedLine>;

/** Why a recording was over: it was told to, it was long or large enough, the disk was slow, or the reader got another driver or went. */
export const recordingEnds = ["stopped", "time", "size", "slow", "settings", "left"] as const;
export type RecordingEndReason = (typeof recordingEnds)[number];

/** The last line; where it is missing the process ended before the recording did. Before `frames` were told here nobody counted them. */
export const RecordingEnd = Type.Object({
  atMs: OffsetMs,
  end: Type.Enum(recordingEnds),
  frames: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type RecordingEnd = Static<typeof RecordingEnd>;

const AgeMs = Type.Number({ minimum: 0, description: "ms before it arrived" });
const Own = {
  run: Type.String({ minLength: 1, maxLength: 64, description: "which replay this is, never used twice" }),
  n: Type.Integer({ minimum: 0, description: "which event of it" }),
};

/** Reads of one event that is pushed; a frame with more goes as several. */
export const replayedReadsMax = 200;

/**
 * What is pushed to a reader of the driver `replay`: a line of a recording, with ages in place of times, since whoever plays it may
 * have another clock. Run and number make each one itself, so one that is sent again counts once.
 */
export const ReplayedEvent = Type.Union([
  Type.Object({
    ...Own,
    reads: Type.Array(Type.Object({ ...Type.Omit(RecordedRead, ["heardMs"]).properties, ageMs: AgeMs }), {
      maxItems: replayedReadsMax,
    }),
  }),
  Type.Object({ ...Own, malformed: Type.String({ maxLength: 512 }), bytes: Hex }),
  Type.Object({ ...Own, input: Type.Object({ port: Type.Integer({ minimum: 1 }), ageMs: AgeMs }) }),
]);
export type ReplayedEvent = Static<typeof ReplayedEvent>;
