import { once } from "node:events";
import { Agent, request } from "node:http";
import type { Socket } from "node:net";
import type { Post } from "../day-calls.ts";

/** Requests over lines whose bytes are counted, heads and all, as they go over the wire. */
export const openCountedPost = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<Socket>();
  let requests = 0;
  const post: Post = async (url, { method, headers, body }) => {
    requests += 1;
    const sent = request(url, {
      agent,
      method,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
    });
    sent.on("socket", (socket) => void sockets.add(socket));
    sent.end(body);
    const [response] = await once(sent, "response");
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    return { status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") };
  };
  return {
    post,
    counts: () => ({
      requests,
      bytes: [...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0),
    }),
    close: () => agent.destroy(),
  };
};
