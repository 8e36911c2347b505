import {
  AskImportRfidpro,
  AskPreviewRfidproImport,
  AskRfidproImport,
  ConfirmRfidproImport,
  RfidproImport,
  RfidproImportPreview,
} from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { checkRun, RunParams, rfidproTags } from "./rfidpro-differences.ts";
import { nullable, problems } from "./schema.ts";

/** Every row that is staged is looked at, and the log of the site is followed to its head. */
const previewTimeoutMs = 110_000;

/** The first fill of a site from a pull: previewed, confirmed by a person, and the same however often it is confirmed. */
export const rfidproImport = (app: Gateway, { bus }: Edge): void => {
  app.post(
    "/rfidpro/runs/:id(^[0-9a-fA-F-]+)::preview-import",
    {
      schema: {
        operationId: "previewRfidproImport",
        tags: rfidproTags,
        summary: "Say what an import of a pull would do, and change nothing",
        description:
          "Each rule that rows fall under is told with what is done, how many they are and some of them. The digest names exactly this import: whoever confirms it confirms this and nothing else.",
        params: RunParams,
        response: { 200: RfidproImportPreview, ...problems(404, 409) },
      },
    },
    async ({ params: { id: run } }) =>
      (await instruct(bus, AskPreviewRfidproImport, { run }, previewTimeoutMs)).preview,
  );

  app.post(
    "/rfidpro/runs/:id(^[0-9a-fA-F-]+)::import",
    {
      schema: {
        operationId: "importRfidpro",
        tags: rfidproTags,
        summary: "Import what was previewed",
        description:
          "Goes on after the answer; `GET …/import` says how far it has come. One that ended early goes on where it was when it is confirmed again, and one that is done is told again: nothing is ever done twice. RFIDpro itself is never written.",
        params: RunParams,
        body: ConfirmRfidproImport,
        response: { 202: RfidproImport, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const run = request.params.id;
      const asked = { run, by: principalOf(request).name, ...request.body };
      const { import: begun } = await instruct(bus, AskImportRfidpro, asked, previewTimeoutMs);
      return reply.code(202).header("location", `/api/v1/rfidpro/runs/${run}/import`).send(begun);
    },
  );

  app.get(
    "/rfidpro/runs/:id/import",
    {
      schema: {
        operationId: "getRfidproImport",
        tags: rfidproTags,
        summary: "What was previewed of the import of a pull, and how far it has come",
        params: RunParams,
        response: {
          200: Type.Object({ preview: nullable(RfidproImportPreview), import: nullable(RfidproImport) }),
          ...problems(404),
        },
      },
    },
    async ({ params: { id: run } }) => {
      await checkRun(bus, run);
      return inquire(bus, AskRfidproImport, { run });
    },
  );
};
