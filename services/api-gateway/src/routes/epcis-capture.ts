import { ClientId, Fault, newId, SiteId } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { sendCommands } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { slicesOf } from "../edge/slices.ts";
import { type CapturedScan, capturedEventsMax, eventsIn, readCapture, refusedIn } from "../epcis/capture.ts";
import { siteMeant } from "../epcis/site.ts";
import {
  type CaptureJob,
  type ErrorBehaviour,
  findCaptureJob,
  keepCaptureJob,
} from "../store/capture-jobs.ts";
import { sayVersions } from "./epcis-events.ts";
import { problems } from "./schema.ts";

const tags = ["EPCIS"];
export const captureBodyBytesMax = 2 ** 20;

const CaptureHeaders = Type.Object({
  "gs1-capture-error-behaviour": Type.Optional(
    Type.Enum(["rollback", "proceed"] as const, {
      description: "rollback, as without it: nothing is captured when any event is refused",
    }),
  ),
});

const Job = Type.Object({
  captureID: ClientId,
  createdAt: Type.String(),
  finishedAt: Type.String(),
  running: Type.Boolean(),
  success: Type.Boolean({ description: "whether everything in it was captured" }),
  captureErrorBehaviour: Type.Enum(["rollback", "proceed"] as const),
  errors: Type.Array(
    Type.Object({
      type: Type.String(),
      code: Type.String(),
      status: Type.Integer(),
      title: Type.String(),
      detail: Type.String(),
      pointer: Type.String({ description: "RFC 6901 within the document" }),
    }),
  ),
});

export const epcisCapture = (app: Gateway, edge: Edge): void => {
  const { bus, store } = edge;

  app.post(
    "/epcis/capture",
    {
      bodyLimit: captureBodyBytesMax,
      schema: {
        operationId: "captureEpcisEvents",
        tags,
        summary:
          "Hand in what others saw: observed objects become scans, each known by its event's id, so a repeat is the same",
        description:
          "Takes ObjectEvents with action OBSERVE; stock_taking becomes a count, anything else a touch. Other events are refused, each with its code. " +
          "When, where and what is taken, and of the rest the business step, disposition and contract.",
        querystring: Type.Object({ site: Type.Optional(SiteId) }),
        headers: CaptureHeaders,
        body: Type.Record(Type.String(), Type.Unknown(), {
          description: "an EPCISDocument, or one event",
        }),
        response: { 202: Job, ...problems(404, 413) },
      },
    },
    async (request, reply) => {
      sayVersions(reply).headers({
        "gs1-epcis-capture-limit": String(capturedEventsMax),
        "gs1-epcis-capture-file-size-limit": String(captureBodyBytesMax),
      });
      const createdAt = new Date().toISOString();
      const site = await siteMeant(edge, request.query.site);
      const behaviour: ErrorBehaviour = request.headers["gs1-capture-error-behaviour"] ?? "rollback";
      const { scans, errors } = await readCapture(bus, site, eventsIn(request.body));
      const isWithdrawn = behaviour === "rollback" && errors.length > 0;
      const refused = isWithdrawn ? [] : await record(edge, request, { site, scans });
      const job: CaptureJob = {
        captureID: newId(),
        createdAt,
        finishedAt: new Date().toISOString(),
        running: false,
        success: errors.length + refused.length === 0,
        captureErrorBehaviour: behaviour,
        errors: [...errors, ...refused],
      };
      await keepCaptureJob(store.db, job);
      return reply
        .status(202)
        .header("location", `/api/v1/epcis/capture/${job.captureID}`)
        .send({ ...job, errors: [...job.errors] });
    },
  );

  app.get(
    "/epcis/capture/:captureID",
    {
      schema: {
        operationId: "getEpcisCapture",
        tags,
        summary: "What became of a capture; kept for 30 days",
        params: Type.Object({ captureID: ClientId }),
        response: { 200: Job, ...problems(404) },
      },
    },
    async ({ params }, reply) => {
      const job = await findCaptureJob(store.db, params.captureID.toLowerCase());
      if (job === undefined) throw new Fault("not_found", "no such capture job");
      return sayVersions(reply).send({ ...job, errors: [...job.errors] });
    },
  );
};

/** Sends the scans to the owner of the site and gives what was refused of them. */
const record = async (
  { bus }: Edge,
  request: FastifyRequest,
  { site, scans }: { site: string; scans: readonly CapturedScan[] },
) => {
  const slices = slicesOf(scans.map(({ scan }) => scan));
  const answers = await sendCommands<"scans.record">(
    bus,
    site,
    slices.map((slice) => ({ kind: "scans.record", ...envelopeOf(request), body: { scans: slice } })),
  );
  return refusedIn(
    scans,
    answers.flatMap(({ receipts }) => receipts),
  );
};
