import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { answerBrokenHttp } from "./broken-http.ts";
import { waitPatiently } from "./patience.ts";

const requestTimeoutMs = 50;

test("a request takes no longer than requests may, unless it is waited for", async () => {
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 10,
  });
  server.on("clientError", answerBrokenHttp);
  server.on("request", async (request, response) => {
    const hurry = request.url === "/patient" ? waitPatiently(request.socket) : () => undefined;
    const body = await text(request).catch(() => "");
    hurry();
    if (!response.destroyed) response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const slowly = async (path: string) => {
    const request = httpRequest({ port, path, method: "POST", host: "127.0.0.1" });
    request.on("error", () => undefined);
    const answered = once(request, "response");
    request.write("begun");
    // Longer than a request may take; on a slow machine longer still.
    await new Promise((resolve) => setTimeout(resolve, requestTimeoutMs * 10));
    request.end(" and ended");
    const [response] = (await answered) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response) };
  };
  try {
    expect(await slowly("/patient")).toEqual({ status: 200, body: "begun and ended" });
    expect(await slowly("/usual")).toMatchObject({ status: 408 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
