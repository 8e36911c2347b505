import { once } from "node:events";
import { connect, type Socket } from "node:net";

export const answerTimeoutMs = 5_000;

/** A server that was named does not answer, or is not what it should be. */
export class ServerCheckError extends Error {}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Talks to whoever listens there, 5 s at most, and hangs up. */
export const converse = async <T>(
  host: string,
  port: number,
  talk: (socket: Socket) => Promise<T>,
): Promise<T> => {
  const socket = connect({ host, port });
  const timer = setTimeout(
    () => socket.destroy(new Error(`no answer within ${answerTimeoutMs} ms`)),
    answerTimeoutMs,
  );
  try {
    return await talk(socket);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
};

export const firstBytes = async (socket: Socket): Promise<Buffer> => {
  const [bytes] = await once(socket, "data");
  return bytes;
};

/** An IPv6 host stands in brackets in a URL, and nowhere else. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");
