import Type, { type Static } from "typebox";
import { Instant, ReaderId, SiteId } from "./ids.ts";
import { question } from "./question.ts";

const OneReader = { site: SiteId, id: ReaderId };

/** What a recording is called: the instant when it began, with dashes for colons. A name of this form leads nowhere else. */
export const RecordingName = Type.String({
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}Z\\.jsonl$",
  description: "name of a recording",
});

/** A recording that is kept beside the reader-gateway. */
export const KeptRecording = Type.Object({
  name: RecordingName,
  from: Instant,
  until: Type.Union([Instant, Type.Null()], { description: "null while it goes on" }),
  bytes: Type.Integer(),
  frames: Type.Union([Type.Integer(), Type.Null()], {
    description:
      "what came of the reader and has a line; null where the recording was cut off before its end",
  }),
  goingOn: Type.Boolean(),
});
export type KeptRecording = Static<typeof KeptRecording>;

/**
 * The recordings of a reader, newest first: those that lie with the process that runs its site. They outlast their reader.
 *
 * @throws Fault `reader_unknown` when there is neither a reader nor a recording of one.
 */
export const AskRecordings = question({
  service: "reader-gateway",
  name: "recordings",
  question: Type.Object(OneReader),
  answer: Type.Object({ recordings: Type.Array(KeptRecording) }),
});

/** So much of a recording goes in one answer, in bytes: in base64 it stays well below what NATS carries. */
export const recordingPartBytesMax = 256 * 2 ** 10;

/**
 * The bytes of a recording from an offset on. `size` is how large it is now: one that goes on grows.
 *
 * @throws Fault `recording.unknown`
 */
export const AskRecordingPart = question({
  service: "reader-gateway",
  name: "recording-part",
  question: Type.Object({ ...OneReader, name: RecordingName, offset: Type.Integer({ minimum: 0 }) }),
  answer: Type.Object({ base64: Type.String(), size: Type.Integer() }),
});

/** @throws Fault `recording.unknown`, `recording.going` */
export const AskDeleteRecording = question({
  service: "reader-gateway",
  name: "delete-recording",
  question: Type.Object({ ...OneReader, name: RecordingName }),
  answer: Type.Object({ deleted: Type.Literal(true) }),
});
