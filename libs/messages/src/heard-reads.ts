import Type, { type Static, type TSchema } from "typebox";
import { Instant } from "./ids.ts";
import { RecordingName } from "./kept-recordings.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * The raw reads behind an event of a reader: how often the tag was heard by which antenna, how loudly at best, from when to when. The
 * frames themselves are in a recording of the reader, where one was going on.
 */
export const HeardReads = Type.Object({
  epoch: Type.Integer(),
  pos: Type.Integer(),
  reader: Type.String(),
  antenna: nullable(Type.Integer()),
  reads: Type.Integer(),
  peakRssiDbm: nullable(Type.Number()),
  firstHeardAt: nullable(Instant),
  lastHeardAt: nullable(Instant),
  recordings: Type.Optional(
    Type.Array(RecordingName, { description: "recordings of the reader that hold its frames of that time" }),
  ),
});
export type HeardReads = Static<typeof HeardReads>;
