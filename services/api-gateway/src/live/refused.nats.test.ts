import { request } from "node:http";
import { type LiveFrame, newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { adminKey, type TestGateway, testGateway } from "../test-gateway.ts";
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

test.each([
  { what: "no JSON", frame: "hello" },
  { what: "no request", frame: "[]" },
  { what: "an unknown verb", frame: '{"op":"drop"}' },
  { what: "no site", frame: '{"op":"sub","id":"a","view":"items"}' },
  { what: "an unknown view", frame: '{"op":"sub","id":"a","site":"north","view":"secrets"}' },
  {
    what: "an unknown filter",
    frame: '{"op":"sub","id":"a","site":"north","view":"items","filter":{"__proto__":1}}',
  },
  {
    what: "a filter that no database takes",
    frame: '{"op":"sub","id":"a","site":"north","view":"items","filter":{"q":"\\u0000"}}',
  },
  { what: "a subject as site", frame: '{"op":"sub","id":"a","site":"north.items.>","view":"items"}' },
  { what: "a bad position", frame: '{"op":"sub","id":"a","site":"north","view":"items","from":"now"}' },
])("$what is answered with an error, and the line stays open", async ({ frame }) => {
  client.send(frame);
  expect(await client.frame("error")).toMatchObject({ code: "malformed" });
  const owner = own();
  sub(client);
  expect(await client.frame("snap")).toMatchObject({ pos: owner.position.pos });
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
  url = gateway.url,
): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = request(`${url}/api/v1/live`, {
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
    asked.end();
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

test("a full gateway says so before the upgrade", async () => {
  await using small = await testGateway({}, { connectionsMax: 1 });
  const first = await openLive(small.url);
  const refused = await upgrade({ authorization: `Bearer ${adminKey}` }, small.url);
  expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('"overloaded"') });
  await first.close();
  const status = await eventually("room again", async () => {
    const answered = await upgrade({ authorization: `Bearer ${adminKey}` }, small.url);
    return answered.status === 101 && answered.status;
  });
  expect(status).toBe(101);
});
