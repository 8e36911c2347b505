import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { post, type ReceiverOptions } from "./receiver.ts";
import { readNetworks } from "./receiver-address.ts";

const networks = readNetworks("127.0.0.1/32");

const serve = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/hook`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

const send = (url: string, options: Partial<ReceiverOptions> = {}) =>
  post({ url, headers: { "webhook-id": "msg_1" }, body: '{"a":"ü"}' }, { networks, ...options });

test("what is posted arrives whole", async () => {
  const got: unknown[] = [];
  await using receiver = await serve(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { "webhook-id": id, "content-type": type, "content-length": length } = request.headers;
    got.push({ method: request.method, path: request.url, id, type, length, text });
    response.writeHead(204).end();
  });
  const outcome = await send(`${receiver.url}?x=1`);
  expect(outcome).toMatchObject({ ok: true, status: 204, error: null, retryAfterMs: null });
  expect(got).toEqual([
    {
      method: "POST",
      path: "/hook?x=1",
      id: "msg_1",
      type: "application/json",
      length: "10",
      text: '{"a":"ü"}',
    },
  ]);
});

test("a redirect is not followed", async () => {
  let visits = 0;
  await using receiver = await serve((_request, response) => {
    visits += 1;
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  expect(await send(receiver.url)).toMatchObject({
    ok: false,
    status: 307,
    error: expect.stringContaining("not followed"),
  });
  expect(visits).toBe(1);
});

test("who never answers is given up after a time", async () => {
  await using receiver = await serve(() => {});
  expect(await send(receiver.url, { timeoutMs: 150 })).toMatchObject({
    ...{ ok: false, status: null, error: "no answer in time" },
  });
});

test("a name that is never found out is given up after the same time", async () => {
  const resolve = () => new Promise<string[]>(() => {});
  expect(await send("http://slow.example/", { resolve, timeoutMs: 100 })).toMatchObject({
    error: "no answer in time",
  });
});

test("an answer whose body never ends counts by its status, and only its beginning is read", async () => {
  let written = 0;
  await using receiver = await serve((_request, response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    const pour = () => {
      while (!response.destroyed && written < 64 * 2 ** 20) {
        written += 65_536;
        if (!response.write("broken ".padEnd(65_536, "x"))) return;
      }
    };
    response.on("drain", pour).on("error", () => {});
    pour();
  });
  const outcome = await send(receiver.url);
  expect(outcome).toMatchObject({
    ok: false,
    status: 500,
    error: expect.stringMatching(/^answered 500: broken x+$/),
  });
  expect(outcome.error?.length).toBeLessThanOrEqual(300);
  expect(written).toBeLessThan(64 * 2 ** 20);
});

test("an answer that drips is not waited for", async () => {
  await using receiver = await serve((_request, response) => {
    response.writeHead(200);
    response.write("x");
  });
  expect(await send(receiver.url)).toMatchObject({ ok: true, status: 200 });
});

test("headers without end are refused", async () => {
  await using receiver = await serve((_request, response) => {
    response.writeHead(200, { "x-long": "y".repeat(40_000) }).end();
  });
  expect(await send(receiver.url)).toMatchObject({
    ok: false,
    status: null,
    error: expect.stringContaining("OVERFLOW"),
  });
});

test("nobody there is an outcome, and so is a host that may not be spoken to", async () => {
  const receiver = await serve(() => {});
  await receiver[Symbol.asyncDispose]();
  expect(await send(receiver.url)).toMatchObject({
    ok: false,
    status: null,
    error: expect.stringContaining("ECONNREFUSED"),
  });
  const inside = await send(`http://127.0.0.2:${receiver.port}/`);
  expect(inside).toMatchObject({
    ok: false,
    status: null,
    error: expect.stringContaining("not on the public internet"),
  });
});

test("Retry-After is heard", async () => {
  await using receiver = await serve((_request, response) => {
    response.writeHead(429, { "retry-after": "30" }).end();
  });
  expect(await send(receiver.url)).toMatchObject({ ok: false, status: 429, retryAfterMs: 30_000 });
});

test("a name is looked up once, and what was looked at is what is connected to", async () => {
  const hosts: (string | undefined)[] = [];
  await using receiver = await serve((request, response) => {
    hosts.push(request.headers.host);
    response.end();
  });
  let lookups = 0;
  // Whoever answers for the name changes it the moment it was checked: a second look-up would lead to the metadata.
  const rebinding = async () => {
    lookups += 1;
    return lookups === 1 ? ["127.0.0.1"] : ["169.254.169.254"];
  };
  const url = `http://rebinding.example:${receiver.port}/`;
  expect(await send(url, { resolve: rebinding })).toMatchObject({ ok: true });
  expect(lookups).toBe(1);
  expect(hosts).toEqual([`rebinding.example:${receiver.port}`]);
  expect(await send(url, { resolve: rebinding })).toMatchObject({
    ok: false,
    error: expect.stringContaining("metadata"),
  });
});

test.each([
  { what: "inside", addresses: ["10.0.0.1"] },
  { what: "to this machine", addresses: ["::1"] },
  { what: "to both sides", addresses: ["127.0.0.1", "10.0.0.1"] },
  { what: "outside, by plain http", addresses: ["8.8.8.8"] },
  { what: "nowhere", addresses: [] },
])("a name that leads $what is refused before anything connects", async ({ addresses }) => {
  let visits = 0;
  await using receiver = await serve((_request, response) => {
    visits += 1;
    response.end();
  });
  const outcome = await send(`http://name.example:${receiver.port}/`, { resolve: async () => addresses });
  expect(outcome).toMatchObject({
    ok: false,
    status: null,
    error: expect.stringContaining("webhook_url_refused"),
  });
  expect(visits).toBe(0);
});

test("an attempt that is ended says nothing of how it went", async () => {
  await using receiver = await serve(() => {});
  const control = new AbortController();
  const sending = send(receiver.url, { signal: control.signal });
  control.abort(new Error("stopped"));
  await expect(sending).rejects.toThrow("stopped");
});
