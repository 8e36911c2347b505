import { ClientId, Fault, Receipt, SiteId, UndoEvents, UndoneEvent, UndoReason } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type, { type Static } from "typebox";
import { sendCommand } from "../edge/commands.ts";
import { type Edge, envelopeOf } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { malformedAt } from "../edge/problem.ts";
import { IdempotencyHeaders, problems, SiteParams } from "./schema.ts";

const tags = ["Undo"];
const previewed =
  "With preview, nothing is taken back and the answer is what it would be: the receipt is rejected, with undo_refused, where whoever " +
  "means it is refused.";
const inParts =
  "More than 500 events are taken back in parts, so that others at the site do not wait, once it is known that all of them can be. Where a fact comes between that stops it, the receipt is accepted with undo_refused, what was taken back stays so, and undone names the rest as refused; whoever asks anew goes on from there. Where all of it takes longer than an answer is waited for, or ends in between, that is 504 outcome_unknown: it goes on, by itself or with the same Idempotency-Key, which takes back what was meant at first and is told how it ended.";
const PreviewQuery = Type.Object({
  preview: Type.Optional(Type.Boolean({ description: "tell what would be taken back, and change nothing" })),
  partial: Type.Optional(Type.Boolean({ description: "take back what can be, instead of nothing at all" })),
});
const reason = Type.Optional(UndoReason);
const ReasonBody = Type.Object({ reason }, { additionalProperties: false });
/** Who gives no reason sends nothing. */
const orNothing = async (request: FastifyRequest): Promise<void> => {
  request.body ??= {};
};
const UndoBody = Type.Object(
  {
    reason,
    events: UndoEvents.properties.events,
    session: UndoEvents.properties.session,
    scans: UndoEvents.properties.scans,
  },
  { additionalProperties: false, minProperties: 1 },
);
const Undone = Type.Object({
  undone: Type.Array(UndoneEvent),
  more: Type.Integer({
    description: "how many more there are than an answer can name; the receipt counts all",
  }),
  receipt: Receipt,
});

export const undo = (app: Gateway, { bus }: Edge): void => {
  const takeBack = async (
    request: FastifyRequest,
    site: string,
    what: Static<typeof UndoBody>,
    { preview = false, partial = false }: Static<typeof PreviewQuery>,
  ) => {
    const { undone, more, receipt } = await sendCommand<"events.undo">(bus, site, {
      kind: "events.undo",
      ...envelopeOf(request),
      body: { ...what, preview, ...(partial ? { partial } : {}) },
    });
    return { undone: [...undone], more, receipt };
  };

  app.post(
    "/sites/:site/events/:pos(^\\d{1,15})::undo",
    {
      schema: {
        operationId: "undoEvent",
        tags,
        summary: "Take one event back by a compensating one",
        description: `Later facts that depend on it are taken back first: blockedBy says which. A kind of event that no undo brings back is refused with the operation that does what is wanted, in instead. ${previewed}`,
        params: Type.Object({ site: SiteId, pos: Type.Integer({ minimum: 1 }) }),
        querystring: PreviewQuery,
        headers: IdempotencyHeaders,
        body: ReasonBody,
        response: { 200: Undone, ...problems(404, 409) },
      },
      preValidation: orNothing,
    },
    async (request) => {
      const { site, pos } = request.params;
      const answer = await takeBack(request, site, { events: [pos], ...request.body }, request.query);
      const [first] = answer.undone;
      // A preview tells why not; whoever means it is refused.
      if (request.query.preview !== true && first?.outcome === "refused")
        throw new Fault("undo_refused", first.reason ?? "");
      return answer;
    },
  );

  app.post(
    "/sites/:site/sessions/:id(^[0-9A-Fa-f-]+)::undo",
    {
      schema: {
        operationId: "undoSession",
        tags,
        summary: "Take back what the scans of a session did",
        description: `The session counts none of them any more, and is stated anew where it is closed. A session of up to 15,000 scans. ${inParts} ${previewed}`,
        params: Type.Object({ site: SiteId, id: ClientId }),
        querystring: PreviewQuery,
        headers: IdempotencyHeaders,
        body: ReasonBody,
        response: { 200: Undone, ...problems(404, 409) },
      },
      preValidation: orNothing,
    },
    async (request) => {
      const { site, id } = request.params;
      return takeBack(request, site, { session: id.toLowerCase(), ...request.body }, request.query);
    },
  );

  app.post(
    "/sites/:site/events::undo",
    {
      schema: {
        operationId: "undoEvents",
        tags,
        summary: "Take several events back, or what a list of scans did; the newest first",
        description: `${inParts} ${previewed}`,
        params: SiteParams,
        querystring: PreviewQuery,
        headers: IdempotencyHeaders,
        body: UndoBody,
        response: { 200: Undone, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { reason: _, ...named } = request.body;
      if (Object.keys(named).length === 0) throw malformedAt("", "must name events, a session or scans");
      return takeBack(request, request.params.site, request.body, request.query);
    },
  );
};
