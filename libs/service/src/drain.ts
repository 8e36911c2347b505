import { setTimeout as wait } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

/**
 * How long a server that was told to close still takes requests, in ms. Whoever sends one after the other on a connection learns
 * meanwhile that it will be closed, instead of meeting a closed one half way through the next request.
 */
const farewellMs = 100;

type Server = Pick<FastifyInstance, "server" | "addHook">;

/**
 * Lets an HTTP server close without cutting anybody off: every answer from then on says `Connection: close`, requests under way
 * are waited for, and what still runs after `waitMsMax` is cut. Nobody waits for a connection that asks nothing.
 *
 * The signal is given when closing begins, for whoever holds a request open that would not end by itself. The server itself must
 * be made with `forceCloseConnections: "idle"` and `return503OnClosing: false`.
 */
export const drainOnClose = (app: Server, options: { waitMsMax: number; onCut: () => void }): AbortSignal => {
  const closing = new AbortController();
  let running = 0;
  let whenIdle = () => {};

  app.server.prependListener("request", (_request, response) => {
    running += 1;
    response.once("close", () => {
      running -= 1;
      if (running === 0) whenIdle();
    });
  });
  app.addHook("onSend", async (request, reply) => {
    // Who is still sending would take a connection that closes under its hands for a broken one.
    if (closing.signal.aborted && request.raw.complete) reply.header("connection", "close");
  });
  app.addHook("preClose", async () => {
    closing.abort();
    if (!app.server.listening) return;
    await wait(farewellMs);
    const timer = setTimeout(() => {
      options.onCut();
      app.server.closeAllConnections();
    }, options.waitMsMax);
    app.server.once("close", () => clearTimeout(timer));
    // A connection that was opened in advance and never used is not idle to Node, and would be waited for.
    whenIdle = () => app.server.closeAllConnections();
    if (running === 0) whenIdle();
  });
  return closing.signal;
};
