import { request } from "node:http";
import { type LiveFrame, newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { adminKey, type TestGateway, testGateway } from "../test-gateway.ts";
import { requestsBurstMax } from "./allowance.ts";
import { subscriptionsMax } from "./connection.ts";
import { clientFrameBytesMax, malformedFramesMax } from "./socket.ts";
import { type LiveClient, type Owner, openLive, ownView } from "./test-live.ts";

/* Who is not let in, and what is not understood. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let site = "";
let sites = 0;
let client: LiveClient;
const opened: { stop?: () => Promise<void>; close?: () => Promise<void> }[] = [];

beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  sites += 1;
  site = `site-${sites}`;
  client = await openLive(gateway.url);
});
afterEach(async () => {
  for (const one of opened.splice(0)) await (one.stop?.() ?? one.close?.());
  await client.close();
});

const own = (view: Parameters<typeof ownView>[1] = "items", pageRows?: number): Owner => {
  const owner = ownView(gateway.bus, view, site, pageRows);
  opened.push(owner);
  return owner;
};
const sub = (to: LiveClient, more: object = {}) =>
  to.send({ op: "sub", id: "a", site, view: "items", ...more });
const of = <O extends LiveFrame["op"]>(frames: LiveFrame[], op: O) =>
  frames.filter((frame): frame is Extract<LiveFrame, { op: O }> => frame.op === op);

test("a view of an unknown site is an error", async () => {
  own();
  client.send({ op: "sub", id: "x", site: "nowhere", view: "items" });
  expect(await client.frame("error")).toMatchObject({ id: "x", code: "site_unknown" });
});

test("one connection follows so many views and no more", async () => {
  own();
  for (let count = 0; count <= subscriptionsMax; count += 1) sub(client, { id: `s${count}` });
  expect(await client.frame("error")).toMatchObject({ id: `s${subscriptionsMax}`, code: "overloaded" });
});

test("names that somebody made up open no channels, so others find room", async () => {
  await using small = await testGateway({}, { limits: { channelsMax: 2, snapshotRowsMax: 10 } });
  const owner = ownView(small.bus, "items", site);
  const inventor = await openLive(small.url);
  for (let count = 0; count < 20; count += 1) sub(inventor, { id: `s${count}`, site: `invented-${count}` });
  await eventually("all are refused", () => of(inventor.frames, "error").length === 20);
  expect(new Set(of(inventor.frames, "error").map(({ code }) => code))).toEqual(new Set(["site_unknown"]));
  const honest = await openLive(small.url);
  sub(honest);
  expect(await honest.frame("snap")).toMatchObject({ id: "a" });
  await Promise.all([inventor.close(), honest.close(), owner.stop()]);
});

test("a channel that lingers gives way to a view that is followed, and one that is followed does not", async () => {
  await using small = await testGateway({}, { limits: { channelsMax: 2, snapshotRowsMax: 10 } });
  const first = small.hub.channel("first", "items");
  const leave = first?.listen({ delta: () => "sent", gap: () => {}, epoch: () => {} });
  expect(small.hub.channel("second", "items")).toBeUndefined();
  expect(small.hub.channel("first", "items")).toBe(first);
  leave?.();
  expect(small.hub.channel("second", "items")).toBeDefined();
  expect(small.hub.channel("first", "items")).not.toBe(first);
});

test("who asks for more than anybody needs is shown out, and acknowledging is no asking", async () => {
  own();
  for (let count = 0; count < 2 * requestsBurstMax; count += 1) client.send({ op: "ack", pos: count });
  sub(client);
  await client.frame("snap");
  for (let count = 0; count < 5_000; count += 1) sub(client, { filter: { q: `q${count}` } });
  expect(await client.closed).toEqual({ code: 1008 });
  expect(of(client.frames, "error")).toMatchObject([{ id: "a", code: "rate_limited" }]);
});

test.each([
  { what: "no JSON", frame: "hello", is: {} },
  { what: "no request", frame: "[]", is: {} },
  { what: "an unknown verb", frame: '{"op":"drop"}', is: { pointer: "/op" } },
  {
    what: "no site",
    frame: '{"op":"sub","id":"x","view":"items"}',
    is: { id: "x", pointer: "/site" },
  },
  {
    what: "an unknown filter",
    frame: '{"op":"sub","id":"x","site":"north","view":"items","filter":{"__proto__":1}}',
    is: { id: "x", pointer: "/filter/__proto__" },
  },
  {
    what: "a filter that no database takes",
    frame: '{"op":"sub","id":"x","site":"north","view":"items","filter":{"q":"\\u0000"}}',
    is: { id: "x", pointer: "/filter/q" },
  },
  {
    what: "an unknown status",
    frame: '{"op":"sub","id":"x","site":"north","view":"items","filter":{"status":"gone"}}',
    is: { id: "x", pointer: "/filter/status" },
  },
  {
    what: "a subject as site",
    frame: '{"op":"sub","id":"x","site":"north.items.>","view":"items"}',
    is: { id: "x", pointer: "/site" },
  },
  {
    what: "a view that is not here yet",
    frame: '{"op":"sub","id":"x","site":"north","view":"comets","filter":{"state":"open"}}',
    is: { id: "x", code: "view_unknown", pointer: "/view" },
  },
])("$what is answered with an error, and the line stays open", async ({ frame, is }) => {
  client.send(frame);
  expect(await client.frame("error")).toEqual({
    op: "error",
    code: "malformed",
    message: expect.any(String),
    ...is,
  });
  const owner = own();
  sub(client);
  expect(await client.frame("snap")).toMatchObject({ pos: owner.position.pos });
});

test("who asks for nothing but views that are not here is told so each time, and its other views go on", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  const count = 3 * malformedFramesMax;
  for (let asked = 0; asked < count; asked += 1) sub(client, { id: `f${asked}`, view: "comets" });
  await eventually("all are answered", () => of(client.frames, "error").length === count);
  expect(of(client.frames, "error").map(({ id, code }) => [id, code])).toEqual(
    Array.from({ length: count }, (_, asked) => [`f${asked}`, "view_unknown"]),
  );
  owner.put("1");
  expect(await client.frame("delta")).toMatchObject({ id: "a", changes: [{ key: "1" }] });
});

test("a request that cannot be had ends what had its id, as one that can would", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  sub(client, { filter: { status: "gone" } });
  await client.frame("error");
  expect(gateway.hub.channel(site, "items")?.listeners()).toBe(0);
  owner.put("1");
  sub(client);
  await eventually("a second snapshot", () => of(client.frames, "snap").length === 2);
  expect(of(client.frames, "delta")).toEqual([]);
});

test("who keeps sending what nobody understands is shown out", async () => {
  for (let count = 0; count < malformedFramesMax + 3; count += 1) client.send("?");
  expect(await client.closed).toEqual({ code: 1008 });
  expect(of(client.frames, "error")).toHaveLength(malformedFramesMax);
});

test("a frame over the bound ends the connection", async () => {
  client.send("x".repeat(clientFrameBytesMax + 1));
  expect(await client.closed).toEqual({ code: 1009 });
});

const upgrade = (
  headers: Record<string, string>,
  { url = gateway.url, path = "/api/v1/live", method = "GET", sends = "" } = {},
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, {
      method,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": Buffer.from(newId().slice(0, 16)).toString("base64"),
        ...headers,
      },
    });
    asked.on("response", (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, body: "" });
    });
    asked.on("error", reject);
    asked.end(sends);
  });

test("the upgrade is for those who may, from our own pages", async () => {
  const key = { authorization: `Bearer ${adminKey}` };
  expect(await upgrade({})).toMatchObject({
    status: 401,
    body: expect.stringContaining('"unauthenticated"'),
  });
  expect((await upgrade({ authorization: "Bearer nobody" })).status).toBe(401);
  const foreign = await upgrade({ ...key, origin: "https://evil.example" });
  expect(foreign).toMatchObject({ status: 403, body: expect.stringContaining('"forbidden"') });
  expect((await upgrade({ ...key, origin: gateway.url })).status).toBe(101);
  const { status, headers } = await gateway.ask("POST", "/api/v1/session", { key: adminKey }, {});
  expect(status).toBe(200);
  const cookie = (headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
  expect((await upgrade({ cookie, origin: gateway.url })).status).toBe(101);
  expect((await upgrade({ cookie, origin: "http://127.0.0.1:1" })).status).toBe(403);
  expect(await gateway.ask("GET", "/api/v1/live")).toMatchObject({
    status: 426,
    body: { code: "upgrade_required" },
  });
});

const withKey = { authorization: `Bearer ${adminKey}` };

test.each([
  { what: "another protocol", path: "/api/v1/live", headers: { upgrade: "h2c" }, status: 426 },
  { what: "another protocol elsewhere", path: "/api/v1/keys", headers: { upgrade: "h2c" }, status: 200 },
  { what: "a WebSocket elsewhere", path: "/healthz", headers: {}, status: 200 },
  { what: "a WebSocket below", path: "/api/v1/live/other", headers: {}, status: 404 },
  {
    what: "a WebSocket elsewhere, from a foreign page",
    path: "/api/v1/keys",
    headers: { origin: "https://evil.example" },
    status: 200,
  },
])("an offer of $what is not taken up, and the request is answered", async ({ path, headers, status }) => {
  expect(await upgrade({ ...withKey, ...headers }, { path })).toMatchObject({ status });
});

test("what is sent with an offer of another protocol arrives whole", async () => {
  const { status, body } = await upgrade(
    { ...withKey, upgrade: "h2c", "http2-settings": "AAMAAABk", "content-type": "application/json" },
    { method: "POST", path: "/api/v1/keys", sends: JSON.stringify({ name: "java" }) },
  );
  expect({ status, body: JSON.parse(body) }).toMatchObject({ status: 201, body: { name: "java" } });
});

test.each([
  {
    what: "another version",
    headers: { "sec-websocket-version": "12" },
    is: { status: 426, code: "upgrade_required" },
  },
  {
    what: "no usable key",
    headers: { "sec-websocket-key": "short" },
    is: { status: 400, code: "malformed" },
  },
])("a handshake with $what is refused with a problem", async ({ headers, is }) => {
  const { status, body } = await upgrade({ ...withKey, ...headers });
  const { code, traceId } = JSON.parse(body);
  expect({ status, code }).toEqual(is);
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
});

test("a full gateway says so before the upgrade", async () => {
  await using small = await testGateway({}, { connectionsMax: 1 });
  const first = await openLive(small.url);
  const refused = await upgrade({ authorization: `Bearer ${adminKey}` }, { url: small.url });
  expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('"overloaded"') });
  await first.close();
  const status = await eventually("room again", async () => {
    const answered = await upgrade({ authorization: `Bearer ${adminKey}` }, { url: small.url });
    return answered.status === 101 && answered.status;
  });
  expect(status).toBe(101);
});
