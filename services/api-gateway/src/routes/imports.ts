import { Readable } from "node:stream";
import { newId } from "@tagwire/messages";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type, { type TSchema } from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import { callerOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { waitPatiently } from "../edge/patience.ts";
import { complaintOf, problemOf, Refusal } from "../edge/problem.ts";
import { traceIdOfRequest } from "../edge/request-trace.ts";
import { validatorCompiler } from "../edge/validation.ts";
import { farewellMsMax } from "../live/sse.ts";
import { admitCallersUpTo } from "../transfer/admission.ts";
import { csvRows, ndjsonRows } from "../transfer/heard-rows.ts";
import {
  ImportAnswer,
  type ImportAnswerFormat,
  importAnswerTypes,
  openImportAnswer,
} from "../transfer/import-answer.ts";
import { createRowReader, namesATag } from "../transfer/import-rows.ts";
import { createImport } from "../transfer/import-run.ts";
import { patientBytes } from "../transfer/patient-bytes.ts";
import { cutStalledReader } from "../transfer/stalled-reader.ts";
import { IdempotencyHeaders, problems, SiteParams } from "./schema.ts";

const importTypes = ["text/csv", "application/x-ndjson"];

const ImportQuery = Type.Object({
  dryRun: Type.Optional(
    Type.Boolean({ default: false, description: "decide every row on what is known, and change nothing" }),
  ),
});

const importHeaders = Type.Object({
  accept: Type.Optional(
    Type.String({
      maxLength: 1_000,
      description: "application/x-ndjson for a line per row; else one document",
    }),
  ),
  "idempotency-key": Type.Optional({
    ...IdempotencyHeaders.properties["idempotency-key"],
    description:
      "makes this another import: without it a row that was imported within 90 days is known again and not repeated",
  } as (typeof IdempotencyHeaders.properties)["idempotency-key"]),
});

const description = `The body is a file of any length, taken while it arrives. The answer says of each row, in the order of the file,
whether its item was created, changed, left unchanged, or why the row was rejected; rows count from 1, after the header of a CSV.

Columns (members in NDJSON): tag, class, name, status, quality, place, notes, or RFIDpro's tag_id, rental_class_num, common_name,
bin_location; statuses also by RFIDpro's words. Blank, null and NA say nothing, and what a row does not say is not touched. A file
never changes a status to or from staged, on_rent or delivered. Fields of a CSV stand between commas, semicolons or tabs, as in its
header; a header that comes again is rejected like any row that is none. A tag that has become a rounded number, such as 3.03426E+23,
is rejected: write tags as text. A row that cannot be read is rejected and the next one is read.

Each row that changed something says its position (pos), and says it again when the file is sent again: what it changed is taken back by
POST /sites/{site}/events:undo with these.

The last line, or the last members, are the summary, with an \`error\` beside it when the import ended before the file did: the rows
that were answered stand, and the same file may be sent again. A dry run decides the rows of each 500 on what those before them would
leave; a tag that comes again after those is told as duplicate_in_import.`;

/** `POST /sites/{site}/items:import`: a file of items, in any length, row by row through the site's owner. */
export const imports = (app: Gateway, edge: Edge): void => {
  const admit = admitCallersUpTo(edge.transfers.importsMax, "imports");
  // The route has content types of its own: a scope keeps them from all others.
  app.register(async (scope: Gateway) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(importTypes, (_request, payload, done) => done(null, payload));
    scope.post(
      "/sites/:site/items::import",
      {
        // The body is a stream; its schema is for readers of the description.
        validatorCompiler: (route) =>
          route.httpPart === "body" ? (value: unknown) => ({ value }) : validatorCompiler(route),
        schema: {
          operationId: "importItems",
          tags: ["Items"],
          summary: "Take a file of items, CSV or NDJSON, row by row",
          description,
          params: SiteParams,
          querystring: ImportQuery,
          headers: importHeaders,
          body: {
            content: Object.fromEntries(importTypes.map((type) => [type, { schema: Type.String() }])),
          } as unknown as TSchema,
          response: {
            200: {
              description: "what became of each row, and the summary last",
              content: {
                [importAnswerTypes.json]: { schema: ImportAnswer },
                [importAnswerTypes.ndjson]: { schema: Type.String() },
              },
            } as unknown as TSchema,
            ...problems(404, 408, 413, 415),
          },
        },
      },
      async (request, reply) => {
        const { site } = request.params;
        const { dryRun = false } = request.query;
        const body = fileOf(request);
        await edge.sites.check(site);
        const leave = admit(callerOf(request));
        const hurry = waitPatiently(request.raw.socket);
        reply.raw.once("close", () => {
          leave();
          hurry();
        });
        return answerImport(edge, { request, reply, body, site, dryRun });
      },
    );
  });
};

/** The body as it arrives. @throws Refusal `media_type_unsupported` when it is compressed or not UTF-8. */
const fileOf = (request: FastifyRequest): Readable => {
  const { "content-encoding": encoding = "identity", "content-type": type = "" } = request.headers;
  const charset = /;\s*charset="?([^";]+)/i.exec(type)?.[1]?.trim().toLowerCase() ?? "utf-8";
  if (encoding !== "identity") throw unsupported("An import is sent as it is, not compressed.");
  if (charset !== "utf-8" && charset !== "us-ascii") throw unsupported("An import is written in UTF-8.");
  if (request.body instanceof Readable) return request.body;
  throw new Refusal({ code: "malformed", detail: "There is no file in the request." });
};

const unsupported = (detail: string): Refusal => new Refusal({ code: "media_type_unsupported", detail });

type Import = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: Readable;
  readonly site: string;
  readonly dryRun: boolean;
};

/**
 * Runs an import and answers it while it runs. Until the first rows are answered a failure is an ordinary problem; afterwards the
 * status has been said, and the answer itself says how it ended.
 */
const answerImport = async (
  edge: Edge,
  { request, reply, body, site, dryRun }: Import,
): Promise<FastifyReply> => {
  const { senderIdleMsMax, readerIdleMsMax } = edge.transfers;
  const format: ImportAnswerFormat = request.headers.accept?.includes("ndjson") === true ? "ndjson" : "json";
  const answer = openImportAnswer(format, dryRun);
  const begun = Promise.withResolvers<void>();
  let hasBegun = false;

  const key = request.headers["idempotency-key"];
  const bytes = patientBytes(body, { idleMsMax: senderIdleMsMax, closing: edge.closing });
  const isCsv = request.headers["content-type"]?.startsWith("text/csv") === true;
  const { run, summary } = createImport({
    rows: isCsv ? csvRows(bytes, namesATag) : ndjsonRows(bytes),
    reader: createRowReader(site, typeof key === "string" ? key.toLowerCase() : undefined),
    dryRun,
    decide: async (rows) => {
      // Its rows have ids of their own; the command is another one for each chunk.
      const command = { kind: "items.import" as const, ...envelopeOf(request), id: newId() };
      const body = { dryRun, rows: [...rows] };
      return (await sendCommand<"items.import">(edge.bus, site, { ...command, body })).outcomes;
    },
    tell: async (outcomes) => {
      await answer.write(outcomes);
      hasBegun = true;
      begun.resolve();
    },
  });

  const work = run().then(
    () => answer.end({ summary: summary() }),
    async (error: unknown) => {
      if (!hasBegun) throw error;
      edge.log.warn({ err: error, site }, "an import ended early");
      const where = { instance: request.url.split("?", 1)[0] ?? "", traceId: traceIdOfRequest(request) };
      await answer.end({ summary: summary(), error: problemOf(complaintOf(error), where) });
    },
  );
  // Once the answer has begun, one that cannot be finished is cut, so that nobody takes it for a whole one.
  work.catch((error: Error) => hasBegun && answer.readable.destroy(error));
  endWithoutRest(request, reply);
  await Promise.race([begun.promise, work]);
  cutStalledReader(reply.raw, { idleMsMax: readerIdleMsMax, isExcused: () => !request.raw.complete });
  return reply.type(importAnswerTypes[format]).send(answer.readable);
};

/** Whoever goes on sending after the last word was said is heard for a moment, so that it can be read, and then cut off. */
const endWithoutRest = ({ raw }: FastifyRequest, reply: FastifyReply): void => {
  reply.raw.once("finish", () => {
    if (raw.complete) return;
    setTimeout(() => raw.complete || raw.socket.destroy(), farewellMsMax).unref();
  });
};
