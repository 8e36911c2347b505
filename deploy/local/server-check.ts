import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { isAtLeast, minimumNatsVersion, parseVersion, whyMinimumNatsVersion } from "@tagwire/embedded";
import { converse, firstBytes, hostOf, reasonOf, ServerCheckError } from "./conversation.ts";

const greetingBytesMax = 64 * 1024;

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
