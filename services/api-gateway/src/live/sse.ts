import { type ItemFilter, liveViews, parsePosition, positionText, SiteId } from "@tagwire/messages";
import type { FastifyReply, FastifyRequest } from "fastify";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { checkOrigin } from "../edge/origin.ts";
import { endTraceEarly } from "../edge/request-trace.ts";
import { problems } from "../routes/schema.ts";
import { watchCredential } from "./admission.ts";
import { openClient } from "./client.ts";
import { openConnection, type Wire } from "./connection.ts";
import { StorableFilter } from "./filter.ts";

/** Proxies cut a silent response; a comment keeps it open. */
const heartbeatIntervalMs = 15_000;
/** How long a browser waits before it reconnects, in ms. */
const reconnectMs = 1_000;
/** The subscription's id in frames: a stream carries one view. */
const subscriptionId = "sse";

const Query = Type.Object({
  site: SiteId,
  view: Type.Enum(liveViews),
  from: Type.Optional(Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$" })),
  ...StorableFilter.properties,
});
type Query = Type.Static<typeof Query>;

/** `GET /api/v1/live/events`: the frames of one view as server-sent events, for whoever cannot open a WebSocket. */
export const liveStream = (app: Gateway, edge: Edge): void => {
  app.get(
    "/live/events",
    {
      schema: {
        operationId: "liveEvents",
        tags: ["Live"],
        summary: "One live view as server-sent events; resumes with Last-Event-ID",
        querystring: Query,
        response: {
          200: {
            description: "frames as data lines, with id epoch:pos",
            content: { "text/event-stream": { schema: Type.String() } },
          } as unknown as Type.TString,
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      checkOrigin(request);
      edge.admission.check();
      await edge.sites.check(request.query.site);
      const { query } = request;
      stream(edge, { request, reply, query });
      return reply;
    },
  );
};

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly query: Query };

const stream = (edge: Edge, { request, reply, query }: Exchange): void => {
  const out = reply.raw;
  reply.hijack();
  endTraceEarly(request);
  out.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  out.write(`retry: ${reconnectMs}\n\n`);

  const wire: Wire = {
    send: (text, position) => {
      const id = position === undefined ? "" : `id: ${positionText(position)}\n`;
      out.write(`${id}data: ${text}\n\n`);
    },
    bufferedBytes: () => out.writableLength,
  };
  const leave = edge.admission.enter();
  edge.hub.metrics.connections(1, "sse");
  const client = openClient(edge.hub, openConnection(wire, edge.hub.metrics));
  const heartbeat = setInterval(() => out.write(": alive\n\n"), heartbeatIntervalMs);
  const stopWatching = watchCredential(edge, request, () => {
    client.resetAll("auth");
    out.end();
  });
  out.once("close", () => {
    clearInterval(heartbeat);
    stopWatching();
    client.close();
    leave();
    edge.hub.metrics.connections(-1, "sse");
  });
  const { site, view, from, ...filter } = query;
  const resumeFrom = lastEventIdOf(request) ?? from;
  client.sub({
    id: subscriptionId,
    site,
    view,
    filter: filterOf(filter),
    from: resumeFrom === undefined ? undefined : parsePosition(resumeFrom),
  });
};

const lastEventIdOf = (request: FastifyRequest): string | undefined => {
  const id = request.headers["last-event-id"];
  return typeof id === "string" && parsePosition(id) !== undefined ? id : undefined;
};

// Unknown parameters are ignored, as everywhere in a query.
const filterOf = ({ status, class: className, place, tag, q }: ItemFilter): ItemFilter => ({
  ...(status === undefined ? {} : { status }),
  ...(className === undefined ? {} : { class: className }),
  ...(place === undefined ? {} : { place }),
  ...(tag === undefined ? {} : { tag }),
  ...(q === undefined ? {} : { q }),
});
