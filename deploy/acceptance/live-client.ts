import { type LiveFrame, type LiveRequest, type LiveRow, liveProtocol } from "@tagwire/messages";
import WebSocket from "ws";

type Sub = Extract<LiveRequest, { op: "sub" }>;

/**
 * A client of the live protocol that keeps what it was told, checks that no frame is missing, and holds the rows as a screen would.
 * Like a screen it asks again, after the time it is told, when a view is reset: that is how a stack under load says "not yet".
 */
export const openLive = async (http: string, key: string) => {
  const socket = new WebSocket(`${http.replace(/^http/, "ws")}/api/v1/live`, [liveProtocol], {
    headers: { authorization: `Bearer ${key}` },
  });
  const frames: LiveFrame[] = [];
  const rows = new Map<string, LiveRow>();
  const at = new Map<string, { epoch: number; pos: number }>();
  const gaps: LiveFrame[] = [];
  const subs = new Map<string, Sub>();
  const again = new Set<NodeJS.Timeout>();

  const send = (request: LiveRequest) => {
    if (request.op === "sub") subs.set(request.id, request);
    socket.send(JSON.stringify(request));
  };
  const askAgain = ({ id, retryMs }: Extract<LiveFrame, { op: "reset" }>) => {
    const sub = subs.get(id);
    if (sub === undefined) return;
    at.delete(id);
    again.add(setTimeout(() => send(sub), retryMs));
  };
  const take = (frame: LiveFrame) => {
    frames.push(frame);
    if (frame.op === "snap") {
      if (frame.part === 1) rows.clear();
      for (const row of frame.rows) rows.set(row.key, row);
      at.set(frame.id, { epoch: frame.epoch, pos: frame.pos });
    }
    if (frame.op === "reset") askAgain(frame);
    if (frame.op !== "delta") return;
    if (at.get(frame.id)?.pos !== frame.prev) gaps.push(frame);
    at.set(frame.id, { epoch: frame.epoch, pos: frame.pos });
    for (const change of frame.changes) {
      if ((rows.get(change.key)?.version ?? -1) >= change.version) continue;
      if ("put" in change) rows.set(change.key, { ...change.put, key: change.key, version: change.version });
      else rows.delete(change.key);
    }
  };
  socket.on("message", (data) => take(JSON.parse(String(data)) as LiveFrame));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    frames,
    /** The rows of the one subscription this client is for. */
    rows,
    gaps,
    position: (id: string) => at.get(id),
    send,
    [Symbol.asyncDispose]: async () => {
      for (const timer of again) clearTimeout(timer);
      socket.terminate();
    },
  };
};
