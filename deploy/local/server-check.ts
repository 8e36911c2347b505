import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { isAtLeast, minimumNatsVersion, parseVersion, whyMinimumNatsVersion } from "@tagwire/embedded";

const answerTimeoutMs = 5_000;
const greetingBytesMax = 64 * 1024;

/** A server that was named does not answer, or is not what it should be. */
export class ServerCheckError extends Error {}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const converse = async <T>(host: string, port: number, talk: (socket: Socket) => Promise<T>): Promise<T> => {
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

const firstBytes = async (socket: Socket): Promise<Buffer> => {
  const [bytes] = await once(socket, "data");
  return bytes;
};

/** An IPv6 host stands in brackets in a URL, and nowhere else. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

/** SSLRequest of the PostgreSQL protocol (documentation, "Message Formats"): length 8, code 80877103. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Checks that a Postgres listens at a URL: every one answers an SSLRequest with a single S or N, before anybody
 * logs in. Throws `ServerCheckError`; the URL's password is never in the message.
 */
export const checkPostgres = async (databaseUrl: string): Promise<void> => {
  const url = new URL(databaseUrl);
  const port = Number(url.port === "" ? 5432 : url.port);
  let answer: string;
  try {
    answer = await converse(hostOf(url), port, async (socket) => {
      socket.write(sslRequest);
      return (await firstBytes(socket)).toString("latin1", 0, 1);
    });
  } catch (error) {
    throw new ServerCheckError(
      `DATABASE_URL: nothing answers at ${url.hostname}:${port} (${reasonOf(error)}).`,
    );
  }
  if (answer !== "S" && answer !== "N") {
    throw new ServerCheckError(`DATABASE_URL: what answers at ${url.hostname}:${port} is no Postgres.`);
  }
};

const readGreeting = async (socket: Socket): Promise<string> => {
  let text = "";
  while (!text.includes("\r\n")) {
    text += (await firstBytes(socket)).toString("utf8");
    if (text.length > greetingBytesMax) throw new Error("its greeting does not end");
  }
  return text;
};

/** The version in nats-server's greeting, `INFO {…}`, once it is known to do. Throws an Error that says why not. */
export const judgeGreeting = (greeting: string): string => {
  const body = /^INFO (\{.*\})/.exec(greeting)?.[1];
  if (body === undefined) throw new Error("what answers is no nats-server");
  const info: unknown = JSON.parse(body);
  if (typeof info !== "object" || info === null) throw new Error("what answers is no nats-server");
  const version = "version" in info && typeof info.version === "string" ? info.version : "unknown";
  const [have, want] = [parseVersion(version), parseVersion(minimumNatsVersion)];
  if (have === undefined || want === undefined || !isAtLeast(have, want)) {
    throw new Error(
      `nats-server there is version ${version}; ${minimumNatsVersion} or newer is needed: ${whyMinimumNatsVersion}`,
    );
  }
  if (!("jetstream" in info && info.jetstream === true)) {
    throw new Error("JetStream is off there (start nats-server with -js)");
  }
  return version;
};

/**
 * Checks the nats-servers of a URL list until one does, and returns its version. Throws `ServerCheckError` with what
 * was wrong at each address.
 */
export const checkNats = async (natsUrl: string): Promise<string> => {
  const reasons: string[] = [];
  for (const part of natsUrl.split(",")) {
    const url = new URL(part.trim());
    const port = Number(url.port === "" ? 4222 : url.port);
    try {
      return judgeGreeting(await converse(hostOf(url), port, readGreeting));
    } catch (error) {
      reasons.push(`${url.hostname}:${port}: ${reasonOf(error)}`);
    }
  }
  throw new ServerCheckError(`NATS_URL: ${reasons.join("; ")}.`);
};

/** Throws `ServerCheckError` when a port on 127.0.0.1 cannot be opened. Port 0 always can. */
export const checkPort = async (port: number): Promise<void> => {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "EADDRINUSE" ? "is in use by another program" : `cannot be opened (${reasonOf(error)})`;
    throw new ServerCheckError(`Port ${port} ${reason}. Choose another with --port N, or --port 0 for any.`);
  } finally {
    server.close();
  }
};
