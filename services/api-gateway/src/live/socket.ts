import { Fault, faultCatalogue, LiveRequest, liveProtocol, parsePosition } from "@tagwire/messages";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { sendProblem } from "../edge/answers.ts";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { checkOrigin } from "../edge/origin.ts";
import { endTraceEarly } from "../edge/request-trace.ts";
import { problems } from "../routes/schema.ts";
import { watchCredential } from "./admission.ts";
import { openAllowance } from "./allowance.ts";
import { type Client, openClient } from "./client.ts";
import { type Connection, openConnection } from "./connection.ts";
import { StorableFilter } from "./filter.ts";
import { checkHandshake } from "./handshake.ts";
import { watchLife } from "./life.ts";

/** The largest frame a client may send. */
export const clientFrameBytesMax = 16 * 1024;
/** A client that sends this many unreadable frames is not speaking our protocol. */
export const malformedFramesMax = 10;
/** Status codes of RFC 6455 §7.4.1. */
const policyViolation = 1008;
const goingAway = 1001;
/** How long a client may take to answer the closing handshake when we end, in ms. */
const goodbyeMsMax = 1_000;

/** The part of a `ws` WebSocket that is used here; the package ships no types. */
type Socket = {
  readonly bufferedAmount: number;
  readonly send: (text: string) => void;
  readonly close: (code: number, reason: string) => void;
  readonly ping: () => void;
  readonly terminate: () => void;
  readonly on: (event: "message" | "close" | "pong" | "error", listen: (data: Buffer) => void) => void;
};

const check = Compile(LiveRequest);
const checkFilter = Compile(StorableFilter);

/** `GET /api/v1/live`: any number of views over one WebSocket. */
export const liveSocket = (app: Gateway, edge: Edge): void => {
  app.route({
    method: "GET",
    url: "/live",
    schema: {
      operationId: "live",
      tags: ["Live"],
      summary: `WebSocket, subprotocol ${liveProtocol}: subscribe to views of sites`,
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
          send: (text) => socket.send(text),
          sendEnding: (text) => socket.send(text),
          bufferedBytes: () => socket.bufferedAmount,
        },
        edge.hub,
      );
      const client = openClient(edge, connection);
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

const readRequest = (text: string): LiveRequest | undefined => {
  try {
    const request: unknown = JSON.parse(text);
    if (!check.Check(request)) return undefined;
    const isStorable = request.op !== "sub" || checkFilter.Check(request.filter ?? {});
    return isStorable ? request : undefined;
  } catch {
    return undefined;
  }
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

  return (text: string): void => {
    if (isOver) return;
    const request = readRequest(text);
    if (request === undefined) {
      malformed += 1;
      connection.send({ op: "error", code: "malformed", message: "not a request of this protocol" });
      if (malformed >= malformedFramesMax) giveUp("too many malformed frames");
      return;
    }
    // An acknowledgement costs next to nothing, and there may be one for each frame.
    if (request.op === "ack") return client.ack(request.pos, request.id);
    if (isAllowed()) return act(client, request);
    const { id } = request;
    connection.send({ op: "error", id, code: "rate_limited", message: faultCatalogue.rate_limited.advice });
    giveUp("too many requests");
  };
};

const act = (client: Client, request: Exclude<LiveRequest, { op: "ack" }>): void => {
  if (request.op === "unsub") return client.unsub(request.id);
  const { id, site, view, filter, from, generation } = request;
  client.sub({
    id,
    site,
    view,
    filter,
    from: from === undefined ? undefined : parsePosition(from),
    generation,
  });
};
