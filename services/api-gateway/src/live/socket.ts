import {
  Fault,
  faultCatalogue,
  findIntervalMs,
  flaggedLiveMax,
  liveProtocol,
  liveViewOf,
  liveViews,
} from "@tagwire/messages";
import Type from "typebox";
import { sendProblem } from "../edge/answers.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { checkOrigin } from "../edge/origin.ts";
import { endTraceEarly } from "../edge/request-trace.ts";
import { problems } from "../routes/schema.ts";
import { sitesFor } from "../synthetic/confine.ts";
import { watchCredential } from "./admission.ts";
import { openAllowance } from "./allowance.ts";
import { type Client, openClient } from "./client.ts";
import { type Connection, openConnection } from "./connection.ts";
import { checkHandshake } from "./handshake.ts";
import { watchLife } from "./life.ts";
import { type Misunderstood, readRequest } from "./request.ts";

/** The largest frame a client may send. */
export const clientFrameBytesMax = 16 * 1024;
/** A client that sends this many unreadable frames is not speaking our protocol. */
export const malformedFramesMax = 10;
/** Status codes of RFC 6455 §7.4.1. */
const policyViolation = 1008;
/** Frames are bytes of JSON already, and text all the same. */
const asText = { binary: false } as const;
const goingAway = 1001;
/** How long a client may take to answer the closing handshake when we end, in ms. */
const goodbyeMsMax = 1_000;

/** The part of a `ws` WebSocket that is used here; the package ships no types. */
type Socket = {
  readonly bufferedAmount: number;
  readonly send: (frame: Buffer, options: { readonly binary: boolean }) => void;
  readonly close: (code: number, reason: string) => void;
  readonly ping: () => void;
  readonly terminate: () => void;
  readonly on: (event: "message" | "close" | "pong" | "error", listen: (data: Buffer) => void) => void;
};

const ownClocks = liveViews
  .filter((view) => liveViewOf(view).clock === "own")
  .map((view) => `\`${view}\``)
  .join(" and ");

const figureViews = liveViews
  .filter((view) => liveViewOf(view).gatherMs.least > 0)
  .map((view) => `\`${view}\``)
  .join(", ");

/** What whoever writes a client has to know and no schema says. */
const protocol = `Views: ${liveViews.join(", ")}. Each subscription gets \`snap\` frames, then \`delta\` frames, each of which names in \`prev\` the position of the frame before it *of this subscription*: what fits leaves no gap, whatever the filter.

Positions are those of the site's log, \`epoch:pos\`, except of ${ownClocks}: such a view counts its own positions under an epoch of its own, and they compare with nothing but each other. Resume it with what it said itself.

Changes are gathered while the gateway is busy, never longer than 100 ms (${figureViews} 250 ms), and only the newest version of each key is sent. \`events\` are gathered too, but each of them is sent, in order.

Time alone changes no row: \`queues\`, \`idle\`, \`stale\` and \`quarantine\` say since when something is so, and a client reckons how long that is. Whoever wants only what is so for long subscribes with \`until\`, an instant, and again with a later one when that has become too old. \`utilisation\` has a row for each class and day on which something moved, from which the item-days of any window can be told; \`lag\` a row for each minute, whose counts add up. \`flagged\` begins with the newest ${flaggedLiveMax}.

A filter means what it means as a query of the same list over HTTP: a member without text filters nothing, tags are taken in their normal form. What cannot be had is answered with an \`error\` that carries the request's \`id\`, a \`code\` and, where a member is wrong, its \`pointer\`; a view that this gateway does not have is \`view_unknown\`. The line stays open.

\`find\` looks for tags by how loud they are: \`found\` frames follow, at most ${1_000 / findIntervalMs} a second, with what the readers of the site hear of them. They have no position, and what cannot be sent at once is left out.

\`ack\` takes a position as \`epoch:pos\`, or its second half as a number; without \`id\` it is about every subscription of that epoch.`;

/** `GET /api/v1/live`: any number of views over one WebSocket. */
export const liveSocket = (app: Gateway, edge: Edge): void => {
  app.route({
    method: "GET",
    url: "/live",
    schema: {
      operationId: "live",
      tags: ["Live"],
      summary: `WebSocket, subprotocol ${liveProtocol}: subscribe to views of sites`,
      description: protocol,
      response: { 101: Type.Null({ description: "switching to the protocol" }), ...problems(426) },
    },
    onRequest: async (request) => {
      if (!request.ws) return;
      checkOrigin(request);
      checkHandshake(request);
      if (edge.closing.aborted) throw new Fault("unavailable", "this gateway is ending; connect again");
      edge.admission.check();
      endTraceEarly(request);
    },
    handler: (request, reply) => {
      sendProblem(request, reply, {
        code: "upgrade_required",
        detail: `This address speaks WebSocket, subprotocol ${liveProtocol}.`,
        headers: { upgrade: "websocket", connection: "Upgrade" },
      });
    },
    wsHandler: (socket: Socket, request) => {
      const leave = edge.admission.enter();
      edge.hub.metrics.connections(1, "websocket");
      const connection = openConnection(
        {
          send: (frame) => socket.send(frame, asText),
          sendEnding: (frame) => socket.send(frame, asText),
          bufferedBytes: () => socket.bufferedAmount,
        },
        edge.hub,
      );
      const client = openClient({ hub: edge.hub, sites: sitesFor(request, edge.sites) }, connection);
      const life = watchLife(connection, {
        ask: () => socket.ping(),
        answers: true,
        end: () => socket.terminate(),
      });
      /** The closing handshake waits for a client that may not read, and nothing is said to it meanwhile. */
      const showOut = (why: string, code = policyViolation) => {
        client.close();
        socket.close(code, why);
      };
      const sayGoodbye = () => {
        showOut("this gateway is ending", goingAway);
        const timer = setTimeout(() => socket.terminate(), goodbyeMsMax);
        socket.on("close", () => clearTimeout(timer));
      };
      edge.closing.addEventListener("abort", sayGoodbye);
      const stopWatching = watchCredential(edge, request, () => {
        client.resetAll("auth");
        showOut("the credential has ended");
      });
      const listen = openListener(client, connection, showOut);
      socket.on("message", (data) => listen(data.toString()));
      socket.on("pong", life.heard);
      socket.on("close", () => {
        edge.closing.removeEventListener("abort", sayGoodbye);
        life.stop();
        stopWatching();
        client.close();
        leave();
        edge.hub.metrics.connections(-1, "websocket");
      });
    },
  });
};

/** Understands what a client says; every frame that is not understood is answered, up to a bound. */
const openListener = (client: Client, connection: Connection, showOut: (why: string) => void) => {
  const isAllowed = openAllowance(() => performance.now());
  let malformed = 0;
  let isOver = false;

  const giveUp = (why: string) => {
    isOver = true;
    showOut(why);
  };
  const say = (
    code: string,
    message: string,
    about: { id?: string | undefined; pointer?: string | undefined },
  ) => {
    const { id, pointer } = about;
    connection.send({
      op: "error",
      ...(id === undefined ? {} : { id }),
      code,
      message,
      ...(pointer === undefined ? {} : { pointer }),
    });
  };
  /** Who says so much that there is no end to it is shown out, whether it makes sense or not. */
  const isTooMuch = (id: string): boolean => {
    if (isAllowed()) return false;
    say("rate_limited", faultCatalogue.rate_limited.advice, { id });
    giveUp("too many requests");
    return true;
  };

  const complain = ({ op, id, code, message, pointer }: Misunderstood) => {
    if (id !== undefined && isTooMuch(id)) return;
    // It would have come in the place of whatever had its id.
    if ((op === "sub" || op === "find") && id !== undefined) client.unsub(id);
    say(code, message, { id, pointer });
    // Whoever names what it wants speaks our protocol, or that of another release, and is told where they differ.
    if (id !== undefined) return;
    malformed += 1;
    if (malformed >= malformedFramesMax) giveUp("too many malformed frames");
  };

  return (text: string): void => {
    if (isOver) return;
    const read = readRequest(text);
    if ("misunderstood" in read) return complain(read.misunderstood);
    const { request } = read;
    // An acknowledgement costs next to nothing, and there may be one for each frame.
    if (request.op === "ack") return client.ack(request.at, request.id);
    const id = request.op === "sub" ? request.wanted.id : request.id;
    if (isTooMuch(id)) return;
    if (request.op === "sub") client.sub(request.wanted);
    else if (request.op === "find") client.find(request);
    else client.unsub(id);
  };
};
