import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../edge/problem.ts";

/** The one address that speaks anything but HTTP. */
export const livePath = "/api/v1/live";

/**
 * Whether a request is for our WebSocket. Any other offer to change the protocol is one that a server may ignore (RFC 9110 §7.8):
 * Java's client and `curl --http2` offer `h2c` with everything they ask.
 */
export const isUpgrade = ({ method, url = "", headers }: IncomingMessage): boolean =>
  method === "GET" && url.split("?", 1)[0] === livePath && headers.upgrade?.toLowerCase() === "websocket";

const versions = "13, 8";

/** @throws Refusal for a handshake that the WebSocket server would refuse without saying so as everything else here does. */
export const checkHandshake = ({ headers }: FastifyRequest): void => {
  if (!versions.split(", ").includes(headers["sec-websocket-version"] ?? ""))
    throw new Refusal({
      code: "upgrade_required",
      detail: "Only these versions of WebSocket are spoken here.",
      headers: { "sec-websocket-version": versions, upgrade: "websocket" },
    });
  if (!/^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? ""))
    throw new Refusal({ code: "malformed", detail: "Sec-WebSocket-Key is not 16 bytes in base64." });
};
