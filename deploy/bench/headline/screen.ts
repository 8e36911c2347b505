import { once } from "node:events";
import type { Socket } from "node:net";
import { type LiveChange, liveProtocol } from "@tagwire/messages";
import WebSocket from "ws";
import type { System } from "../system.ts";

type Frame = { readonly op: string; readonly last?: boolean; readonly changes?: readonly LiveChange[] };

const now = (): number => performance.timeOrigin + performance.now();

/** The position of the event that a row of the feed is, if it is one. */
const positionOf = (change: LiveChange): number | undefined =>
  "put" in change && typeof change.put.pos === "number" ? change.put.pos : undefined;

/** One screen that follows the events of a site: when it had each of them, and what went over its line. */
export const openScreen = async ({ http, key }: System, site: string) => {
  const socket = new WebSocket(`${http.replace(/^http/, "ws")}/api/v1/live`, [liveProtocol], {
    headers: { authorization: `Bearer ${key}` },
    perMessageDeflate: false,
  });
  const arrivals = new Map<number, number>();
  const { promise: whole, resolve: isWhole, reject } = Promise.withResolvers<void>();
  socket.on("error", reject);
  socket.on("message", (data) => {
    const atMs = now();
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.last === true) isWhole();
    if (frame.op === "reset") reject(new Error(`the screen was reset: ${String(data)}`));
    for (const change of frame.changes ?? []) {
      const pos = positionOf(change);
      if (pos !== undefined && !arrivals.has(pos)) arrivals.set(pos, atMs);
    }
  });
  await once(socket, "open");
  const { _socket: line } = socket as unknown as { readonly _socket: Socket };
  socket.send(JSON.stringify({ op: "sub", id: "events", site, view: "events" }));
  await whole;
  return {
    arrivals: arrivals as ReadonlyMap<number, number>,
    now,
    bytes: () => line.bytesRead + line.bytesWritten,
    close: () => socket.terminate(),
  };
};
