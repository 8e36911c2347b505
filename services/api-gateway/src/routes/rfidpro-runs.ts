import {
  AskCancelRfidproRun,
  AskRfidproArchive,
  AskRfidproManifest,
  AskRfidproRun,
  AskRfidproRuns,
  AskStartRfidproRun,
  ClientId,
  Fault,
  newId,
  RfidproRun,
  rfidproDatasets,
  SiteId,
} from "@tagwire/messages";
import Type, { type TSchema } from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { listOf, nullable, pageDefault, pageQuery, problems } from "./schema.ts";

const tags = ["RFIDpro"];
const RunParams = Type.Object({ id: ClientId });

const StartRunBody = Type.Object(
  {
    id: Type.Optional(ClientId),
    site: SiteId,
    datasets: Type.Optional(
      Type.Array(Type.Enum(rfidproDatasets), {
        minItems: 1,
        maxItems: rfidproDatasets.length,
        uniqueItems: true,
        description: "all three unless some are named",
      }),
    ),
    compare: Type.Optional(
      Type.Boolean({ default: true, description: "compare it with the record when all of it was read" }),
    ),
    import: Type.Optional(
      Type.Boolean({ default: false, description: "let it be imported: previewed first, then confirmed" }),
    ),
    incremental: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          "of the scans ask only for what RFIDpro took since they were read last, and an hour before; where it does not honour such a question all are read. It tells nothing missing, counts for no gate of the migration and cannot be imported",
      }),
    ),
  },
  { additionalProperties: false },
);

const file = {
  description: "The manifest, to the letter: its SHA-256 is what the run names",
  content: { "application/json": { schema: Type.Object({}, { additionalProperties: true }) } },
} as unknown as TSchema;

/** Pulls of the old system: a person begins one, watches it, may end it, and is told how it ended. It is only ever read. */
export const rfidproRuns = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    "/rfidpro/runs",
    {
      schema: {
        operationId: "startRfidproRun",
        tags,
        summary: "Pull RFIDpro now, read only",
        description:
          "Signs in once and reads; nothing is ever written to RFIDpro. It is answered when the run has begun; how far it is and how it ends is told by GET and by the live view `rfidpro`. One run of a site at a time: another is refused as rfidpro.running. With an id of its own a request can be sent again: it begins one run. `verdict` is `complete` only if everything was read once while nothing moved; what is missing in any other run is no news.",
        body: StartRunBody,
        response: { 202: RfidproRun, ...problems(404, 409) },
      },
    },
    async (request, reply) => {
      const { id = newId(), site, datasets = rfidproDatasets, compare = true } = request.body;
      await sites.check(site);
      const { import: isImported = false, incremental = false } = request.body;
      if (isImported && incremental) throw new Fault("malformed", "import needs everything, not incremental");
      const asked = {
        ...{ id, site, datasets: [...datasets], compare, import: isImported },
        ...(incremental ? { incremental } : {}),
      };
      const by = principalOf(request).name;
      const { run } = await instruct(bus, AskStartRfidproRun, { ...asked, by, how: "manual" });
      return reply.code(202).header("location", `/api/v1/rfidpro/runs/${run.id}`).send(run);
    },
  );

  app.get(
    "/rfidpro/runs",
    {
      schema: {
        operationId: "listRfidproRuns",
        tags,
        summary: "Pulls of RFIDpro, newest first",
        querystring: Type.Object({ ...pageQuery, site: Type.Optional(SiteId) }),
        response: { 200: listOf(RfidproRun), ...problems(404) },
      },
    },
    async ({ query: { site, limit = pageDefault, cursor } }) => {
      if (site !== undefined) await sites.check(site);
      const page = { limit, cursor: openCursor(cursor) };
      const { runs: data, next } = await inquire(bus, AskRfidproRuns, { site: site ?? null, ...page });
      return { data, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/rfidpro/runs/:id",
    {
      schema: {
        operationId: "getRfidproRun",
        tags,
        summary: "One pull of RFIDpro: how far it is, or how it ended",
        params: RunParams,
        response: { 200: RfidproRun, ...problems(404) },
      },
    },
    async ({ params }) => {
      const { run } = await inquire(bus, AskRfidproRun, params);
      if (run === null) throw new Fault("rfidpro.run_unknown", params.id);
      return run;
    },
  );

  app.post(
    // The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
    "/rfidpro/runs/:id(^[0-9a-fA-F-]+)::cancel",
    {
      schema: {
        operationId: "cancelRfidproRun",
        tags,
        summary: "End a pull of RFIDpro before its end",
        description:
          "It ends within a second or two, and says so itself; what was read until then is archived. A run that has ended stays as it is.",
        params: RunParams,
        response: { 200: RfidproRun, ...problems(404) },
      },
    },
    async (request) => {
      const by = principalOf(request).name;
      return (await instruct(bus, AskCancelRfidproRun, { ...request.params, by })).run;
    },
  );

  app.get(
    "/rfidpro/runs/:id/manifest",
    {
      schema: {
        operationId: "getRfidproManifest",
        tags,
        summary: "What the archive says of a pull, signed",
        params: RunParams,
        response: { 200: file, ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      const { run } = await inquire(bus, AskRfidproRun, params);
      if (run === null) throw new Fault("rfidpro.run_unknown", params.id);
      const { manifest } = await inquire(bus, AskRfidproManifest, params);
      if (manifest === null) throw new Fault("rfidpro.no_manifest", params.id);
      return reply
        .type("application/json; charset=utf-8")
        .header("content-disposition", `attachment; filename="rfidpro-${run.site}-${run.id}-manifest.json"`)
        .send(Buffer.from(manifest));
    },
  );

  app.get(
    "/rfidpro/archive",
    {
      schema: {
        operationId: "getRfidproArchive",
        tags,
        summary: "With what an archive of RFIDpro is verified",
        description:
          "The key that signs it, and the newest manifest of each site: an archive without it was set back.",
        response: {
          200: Type.Object({
            publicKey: nullable(Type.String()),
            heads: AskRfidproArchive.answer.properties.heads,
            underWay: AskRfidproArchive.answer.properties.underWay,
          }),
          ...problems(),
        },
      },
    },
    () => inquire(bus, AskRfidproArchive, {}),
  );
};
