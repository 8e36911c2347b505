import type { ServerResponse } from "node:http";
import {
  Fault,
  filterPropertiesOf,
  isLiveView,
  type LiveView,
  liveViews,
  parsePosition,
  positionText,
  SiteId,
} from "@tagwire/messages";
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
import type { Filter } from "./filter.ts";
import { watchLife } from "./life.ts";
import { filterWanted } from "./query-filter.ts";

/** How long a browser waits before it reconnects, in ms. */
const reconnectMs = 1_000;
const endOfMessage = Buffer.from("\n\n");
/** The subscription's id in frames: a stream carries one view. */
const subscriptionId = "sse";
/** How long somebody who was told the last word may take to read it, in ms. */
export const farewellMsMax = 10_000;

/** Members that filters of views have; what a member means depends on the view. */
const filterProperties = Object.assign({}, ...liveViews.map(filterPropertiesOf)) as ReturnType<
  typeof filterPropertiesOf<"items">
>;
const filterMembers = Object.keys(filterProperties);

const Query = Type.Object({
  site: SiteId,
  view: Type.String({ maxLength: 64, description: `one of ${liveViews.join(", ")}` }),
  from: Type.Optional(Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$" })),
  ...filterProperties,
});

/** `GET /api/v1/live/events`: the frames of one view as server-sent events, for whoever cannot open a WebSocket. */
export const liveStream = (app: Gateway, edge: Edge): void => {
  app.get(
    "/live/events",
    {
      // A stream of nothing but headers would be held open for ever.
      exposeHeadRoute: false,
      schema: {
        operationId: "liveEvents",
        tags: ["Live"],
        summary: "One live view as server-sent events; resumes with Last-Event-ID",
        querystring: Query,
        response: {
          200: {
            description:
              "frames as data lines, with id epoch:pos where one can go on from; a reset or an error is the last",
            content: { "text/event-stream": { schema: Type.String() } },
          } as unknown as Type.TString,
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      checkOrigin(request);
      edge.admission.check();
      const { query } = request;
      const { site, view, from } = query;
      if (!isLiveView(view)) throw new Fault("view_unknown", "");
      // One that filters other views is refused, too: whoever asked by it would take what comes for what was asked for.
      const filter = filterWanted(view, query, filterMembers);
      await edge.sites.check(site);
      if (edge.closing.aborted) throw new Fault("unavailable", "this gateway is ending; connect again");
      // Whoever left meanwhile will never close what is opened now.
      if (reply.raw.destroyed) return reply.hijack();
      stream(edge, { request, reply, asked: { site, view, filter, from } });
      return reply;
    },
  );
};

type Asked = {
  readonly site: string;
  readonly view: LiveView;
  readonly filter: Filter;
  readonly from: string | undefined;
};
type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly asked: Asked };

const stream = (edge: Edge, { request, reply, asked }: Exchange): void => {
  const out = reply.raw;
  reply.hijack();
  endTraceEarly(request);
  out.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  const say = (text: string | Buffer) => {
    if (!out.writableEnded && !out.destroyed) out.write(text);
  };
  say(`retry: ${reconnectMs}\n\n`);

  const wire: Wire = {
    send: (frame, position) => {
      const id = position === undefined ? "" : `id: ${positionText(position)}\n`;
      say(Buffer.concat([Buffer.from(`${id}data: `), frame, endOfMessage]));
    },
    // The stream carries nothing but its subscription, so it ends with it and the browser comes back by itself: with the position
    // it has, or without one where that is of no use any more, since it would be refused again.
    sendEnding: (frame, { forgets, retryMs }) => {
      say(`${forgets ? "id:\n" : ""}retry: ${retryMs}\ndata: ${frame}\n\n`);
      finish();
    },
    bufferedBytes: () => out.writableLength,
  };
  const leave = edge.admission.enter();
  edge.hub.metrics.connections(1, "sse");
  const connection = openConnection(wire, edge.hub);
  const client = openClient(edge, connection);
  // Proxies cut a silent response; a comment keeps it open.
  const life = watchLife(connection, {
    ask: () => say(": alive\n\n"),
    answers: false,
    end: () => out.destroy(),
  });
  const stopWatching = watchCredential(edge, request, () => {
    client.resetAll("auth");
    finish();
  });
  const stop = () => {
    edge.closing.removeEventListener("abort", finish);
    life.stop();
    stopWatching();
    client.close();
  };
  const finish = () => {
    stop();
    sayFarewell(out);
  };
  edge.closing.addEventListener("abort", finish);
  out.on("error", (err) => edge.log.debug({ err }, "live stream broken"));
  out.once("close", () => {
    stop();
    leave();
    edge.hub.metrics.connections(-1, "sse");
  });
  const { from, ...wanted } = asked;
  const resumeFrom = lastEventIdOf(request) ?? from;
  client.sub({
    id: subscriptionId,
    ...wanted,
    from: resumeFrom === undefined ? undefined : parsePosition(resumeFrom),
    generation: undefined,
  });
};

/** Ends a response. Who does not read it to its end is cut off, as it would keep its place for ever. */
export const sayFarewell = (out: ServerResponse): void => {
  if (out.writableEnded) return;
  out.end();
  const timer = setTimeout(() => out.destroy(), farewellMsMax);
  out.once("close", () => clearTimeout(timer));
};

const lastEventIdOf = (request: FastifyRequest): string | undefined => {
  const id = request.headers["last-event-id"];
  return typeof id === "string" && parsePosition(id) !== undefined ? id : undefined;
};
