import { Readable } from "node:stream";
import {
  AskDeleteRecording,
  AskRecordingPart,
  AskRecordings,
  Fault,
  KeptRecording,
  ReaderId,
  RecordingName,
  SiteId,
} from "@tagwire/messages";
import Type, { type Static, type TSchema } from "typebox";
import type { Edge } from "../edge/edge.ts";
import { callerOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { admitCallersUpTo } from "../transfer/admission.ts";
import { cutStalledReader } from "../transfer/stalled-reader.ts";
import { listOf, problems } from "./schema.ts";

const tags = ["Readers"];
const ReaderParams = Type.Object({ site: SiteId, id: ReaderId });
const RecordingParams = Type.Object({ ...ReaderParams.properties, name: RecordingName });
type RecordingAddress = Static<typeof RecordingParams>;

const fileType = "application/x-ndjson";

/** Recordings that readers were told to make: what is kept of them, each as a file that `tagwire replay` plays. */
export const recordings = (app: Gateway, edge: Edge): void => {
  const { bus, sites } = edge;
  const admit = admitCallersUpTo(edge.transfers.exportsMax, "downloads of recordings");

  app.get(
    "/sites/:site/readers/:id/recordings",
    {
      schema: {
        operationId: "listRecordings",
        tags,
        summary: "Recordings of a reader, newest first",
        description:
          "They lie beside the reader-gateway and outlast their reader; nothing deletes them by itself, and where enough are kept a new one is refused.",
        params: ReaderParams,
        response: { 200: listOf(KeptRecording), ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { recordings: data } = await inquire(bus, AskRecordings, params);
      return { data, nextCursor: null };
    },
  );

  app.get(
    "/sites/:site/readers/:id/recordings/:name",
    {
      // A file of nothing but headers would be read to its end for nobody.
      exposeHeadRoute: false,
      schema: {
        operationId: "downloadRecording",
        tags,
        summary: "A recording as a file, to be played with tagwire replay",
        description:
          "Of one that still goes on, what there is when the download begins: its last line may be torn, which replay leaves out and tells. A file that cannot be finished ends before its Content-Length.",
        params: RecordingParams,
        response: {
          200: {
            description: "the file",
            content: { [fileType]: { schema: Type.String() } },
          } as unknown as TSchema,
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const { params } = request;
      await sites.check(params.site);
      const leave = admit(callerOf(request));
      reply.raw.once("close", leave);
      const first = await inquire(bus, AskRecordingPart, { ...params, offset: 0 });
      const file = Readable.from(partsFrom(edge, params, first), { objectMode: false });
      file.once("error", (err) => edge.log.warn({ err, ...params }, "a download was not finished"));
      cutStalledReader(reply.raw, { idleMsMax: edge.transfers.readerIdleMsMax });
      return reply
        .type(fileType)
        .header("content-length", first.size)
        .header("content-disposition", `attachment; filename="${params.site}-${params.id}-${params.name}"`)
        .send(file);
    },
  );

  app.delete(
    "/sites/:site/readers/:id/recordings/:name",
    {
      schema: {
        operationId: "deleteRecording",
        tags,
        summary: "Delete a recording",
        params: RecordingParams,
        response: { 204: Type.Null({ description: "deleted" }), ...problems(404, 409) },
      },
    },
    async ({ params }, reply) => {
      await sites.check(params.site);
      await instruct(bus, AskDeleteRecording, params);
      return reply.status(204).send(null);
    },
  );
};

type Part = Static<typeof AskRecordingPart.answer>;

/** The file part by part, each asked for when the one before is taken: as large as it was at first, however it grows meanwhile. */
async function* partsFrom({ bus }: Edge, address: RecordingAddress, first: Part): AsyncGenerator<Buffer> {
  const { size } = first;
  let part = first;
  for (let offset = 0; offset < size; ) {
    const bytes = Buffer.from(part.base64, "base64").subarray(0, size - offset);
    // An empty part would be asked for again for ever.
    if (bytes.length === 0) throw new Fault("recording.unknown", address.name);
    yield bytes;
    offset += bytes.length;
    if (offset < size) part = await inquire(bus, AskRecordingPart, { ...address, offset });
  }
}
