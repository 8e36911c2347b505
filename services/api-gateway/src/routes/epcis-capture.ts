import { ClientId, Fault, newId, SiteId } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import { sendCommands } from "../edge/commands.ts";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { malformedAt } from "../edge/problem.ts";
import { slicesOf } from "../edge/slices.ts";
import {
  type CapturedScan,
  type CaptureError,
  capturedEventsMax,
  eventsIn,
  readCapture,
  refusedIn,
} from "../epcis/capture.ts";
import { siteMeant } from "../epcis/site.ts";
import {
  type CaptureJob,
  type ErrorBehaviour,
  findCaptureJob,
  keepCaptureJob,
  listCaptureJobs,
} from "../store/capture-jobs.ts";
import { nextLink, sayVersions } from "./epcis-events.ts";
import { problems } from "./schema.ts";

const tags = ["EPCIS"];
export const captureBodyBytesMax = 2 ** 20;
/** Jobs of one page. */
export const captureJobsPageMax = 30;
/** Errors that a list names of each job: one may have as many as a capture has EPCs, and the job itself tells them all. */
const errorsListedMax = 20;

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
          "When, where and what is taken, and of the rest the business step, disposition and contract. With rollback nothing is recorded when " +
          "anything would be refused, by this description or by the site.",
        querystring: Type.Object({ site: Type.Optional(SiteId) }),
        headers: CaptureHeaders,
        body: Type.Record(Type.String(), Type.Unknown(), {
          description: "an EPCISDocument, an EPCISQueryDocument, or one event",
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
      const refused = await take(edge, request, {
        site,
        scans,
        isAllOrNothing: behaviour === "rollback",
        errors,
      });
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
    "/epcis/capture",
    {
      schema: {
        operationId: "listEpcisCaptures",
        tags,
        summary: "The captures of the last 30 days, newest first; the Link header leads to the next page",
        description: `Of each no more than ${errorsListedMax} errors are named; the job itself has them all.`,
        querystring: Type.Object({
          perPage: Type.Optional(
            Type.Integer({ minimum: 1, maximum: captureJobsPageMax, default: captureJobsPageMax }),
          ),
          nextPageToken: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        }),
        response: { 200: Type.Array(Job), ...problems() },
      },
    },
    async ({ query, url }, reply) => {
      const perPage = query.perPage ?? captureJobsPageMax;
      const { jobs, next } = await listCaptureJobs(store.db, {
        limit: perPage,
        after: afterOf(query.nextPageToken),
      });
      const token = sealCursor(next);
      if (token !== null) reply.header("link", nextLink(url, token));
      return sayVersions(reply).send(
        jobs.map((job) => ({ ...job, errors: job.errors.slice(0, errorsListedMax) })),
      );
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
      reply.header("gs1-capture-error-behaviour", job.captureErrorBehaviour);
      return sayVersions(reply).send({ ...job, errors: [...job.errors] });
    },
  );
};

/** @throws Refusal `malformed` for what was not given as a token */
const afterOf = (token: string | undefined): string | undefined => {
  try {
    return openCursor(token) ?? undefined;
  } catch {
    throw malformedAt("/nextPageToken", "was not given (querystring)");
  }
};

type Taking = {
  readonly site: string;
  readonly scans: readonly CapturedScan[];
  /** Nothing is recorded when anything is refused. */
  readonly isAllOrNothing: boolean;
  /** What was refused before the site heard of it. */
  readonly errors: readonly CaptureError[];
};

/**
 * Records the scans, and gives what was refused of them. For all or nothing the site first says what it would refuse: what comes to be
 * refused between its two answers stands in the job.
 */
const take = async (
  edge: Edge,
  request: FastifyRequest,
  { site, scans, isAllOrNothing, errors }: Taking,
): Promise<readonly CaptureError[]> => {
  if (!isAllOrNothing) return send(edge, request, { site, scans, rehearse: false });
  if (errors.length > 0) return [];
  const wouldBe = await send(edge, request, { site, scans, rehearse: true });
  return wouldBe.length > 0 ? wouldBe : send(edge, request, { site, scans, rehearse: false });
};

/** Sends the scans to the owner of the site and gives what was refused of them. */
const send = async (
  { bus }: Edge,
  request: FastifyRequest,
  { site, scans, rehearse }: Pick<Taking, "site" | "scans"> & { readonly rehearse: boolean },
): Promise<readonly CaptureError[]> => {
  const slices = slicesOf(scans.map(({ scan }) => scan));
  const answers = await sendCommands<"scans.record">(
    bus,
    site,
    slices.map((slice) => ({
      kind: "scans.record",
      ...envelopeOf(request),
      body: { scans: slice, ...(rehearse ? { rehearse } : {}) },
    })),
  );
  return refusedIn(
    scans,
    answers.flatMap(({ receipts }) => receipts),
  );
};
