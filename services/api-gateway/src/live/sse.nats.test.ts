import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { LiveFrame } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { adminKey, type TestGateway, testGateway } from "../test-gateway.ts";
import { recheckIntervalMs } from "./admission.ts";
import { lifeIntervalMs } from "./life.ts";
import { farewellMsMax, sayFarewell } from "./sse.ts";
import { ownView } from "./test-live.ts";

/* The same frames as server-sent events. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let sites = 0;
beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());
afterEach(() => {
  vi.useRealTimers();
});

type Told = { readonly id: string | undefined; readonly frame: LiveFrame };

const openStream = async (query: string, headers: Record<string, string> = {}) => {
  const leave = new AbortController();
  const response = await fetch(`${gateway.url}/api/v1/live/events?${query}`, {
    headers: { authorization: `Bearer ${adminKey}`, ...headers },
    signal: leave.signal,
  });
  let text = "";
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  const ended = read();
  const done = ended.catch(() => {});
  const told = (): Told[] =>
    text
      .split("\n\n")
      .slice(0, -1)
      .filter((message) => message.includes("data: "))
      .map((message) => ({
        id: /^id: (.*)$/m.exec(message)?.[1],
        frame: JSON.parse(/^data: (.*)$/m.exec(message)?.[1] ?? ""),
      }));
  return {
    response,
    told,
    text: () => text,
    /** Resolves when the gateway has said all, rejects when it was cut off. */
    ended,
    close: () => {
      leave.abort();
      return done;
    },
  };
};

test("a stream begins with a snapshot, carries positions as ids, and goes on after the last one", async () => {
  const owner = ownView(gateway.bus, "items", "north");
  owner.commit({ key: "1", row: { status: "ready" } });
  const stream = await openStream("site=north&view=items&status=ready");
  expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
  await eventually("the snapshot", () => stream.told().length === 1);
  owner.put("1", { status: "wash" });
  await eventually("the delta", () => stream.told().length === 2);
  expect(stream.told()).toMatchObject([
    { id: "1:1", frame: { op: "snap", last: true, rows: [{ key: "1" }] } },
    { id: "1:2", frame: { op: "delta", prev: 1, pos: 2, changes: [{ key: "1", del: true }] } },
  ]);
  await stream.close();
  owner.put("2", { status: "ready" });
  const back = await openStream("site=north&view=items", { "last-event-id": "1:2" });
  await eventually("what was missed", () => back.told().length === 1);
  expect(back.told()).toMatchObject([{ id: "1:3", frame: { op: "delta", prev: 2, pos: 3 } }]);
  await back.close();
  const channel = gateway.hub.channel("north", "items");
  await eventually("nobody follows any more", () => channel?.listeners() === 0);
  await owner.stop();
});

test.each([
  { what: "its last event id", from: "", headers: { "last-event-id": "1:2" }, after: 2 },
  { what: "the position in its address", from: "&from=1:1", headers: {}, after: 1 },
  {
    what: "its last event id, though the address names an older position",
    from: "&from=1:1",
    headers: { "last-event-id": "1:3" },
    after: 3,
  },
  {
    what: "its address when the last event id cannot be read",
    from: "&from=1:2",
    headers: { "last-event-id": "tomorrow" },
    after: 2,
  },
])("a stream goes on after $what, without a gap or a repeat", async ({ from, headers, after }) => {
  sites += 1;
  const site = `resumed-${sites}`;
  const owner = ownView(gateway.bus, "items", site);
  const first = await openStream(`site=${site}&view=items`);
  await eventually("the snapshot", () => first.told().length === 1);
  for (const key of ["1", "2", "3", "4", "5"]) owner.put(key);
  await eventually("all", () => first.told().at(-1)?.id === "1:5");
  await first.close();
  owner.put("6");
  const back = await openStream(`site=${site}&view=items${from}`, headers);
  await eventually("what was missed", () => back.told().at(-1)?.id === "1:6");
  owner.put("7");
  await eventually("what is new", () => back.told().at(-1)?.id === "1:7");
  const chain = back.told().map(({ frame }) => (frame.op === "delta" ? [frame.prev, frame.pos] : [frame.op]));
  expect(chain).toEqual(Array.from({ length: 7 - after }, (_, index) => [after + index, after + index + 1]));
  await back.close();
  await owner.stop();
});

test.each([
  { what: "epoch", from: "7:1", heard: 3, forgets: true },
  { what: "too_old", from: "1:1", heard: 3, forgets: true },
  // Nobody answers for the view, so the browser may go on from where it is.
  { what: "gap", from: "1:3", heard: 0, forgets: false },
])(
  "a stream that is reset ($what) ends, so that the browser comes back, and not to where it was refused",
  async ({ what, from, heard, forgets }) => {
    sites += 1;
    const site = `reset-${sites}`;
    const owner = ownView(gateway.bus, "items", site);
    for (let count = 0; count < heard; count += 1) owner.commit({ key: "1", row: {} });
    if (what === "gap") {
      const known = await openStream(`site=${site}&view=items`);
      await eventually("the snapshot", () => known.told().length === 1);
      await known.close();
      gateway.hub.channel(site, "items")?.doubt();
      await owner.stop();
    }
    const stream = await openStream(`site=${site}&view=items`, { "last-event-id": from });
    await stream.ended;
    const last = stream.text().trim().split("\n\n").at(-1)?.split("\n") ?? [];
    expect(stream.told().at(-1)?.frame).toMatchObject({ op: "reset", reason: what });
    expect(last.includes("id:")).toBe(forgets);
    expect(last.some((line) => /^retry: \d+$/.test(line))).toBe(true);
    if (what !== "gap") await owner.stop();
  },
);

test("only the last part of a snapshot says where the browser is", async () => {
  sites += 1;
  const site = `parts-${sites}`;
  const owner = ownView(gateway.bus, "items", site, 1);
  for (const key of ["1", "2", "3"]) owner.commit({ key, row: {} });
  const stream = await openStream(`site=${site}&view=items`);
  await eventually("all parts", () => stream.told().length === 3);
  expect(stream.told().map(({ id }) => id)).toEqual([undefined, undefined, "1:3"]);
  await stream.close();
  await owner.stop();
});

test("a question for the headers alone is no stream, and takes nobody's place", async () => {
  await using small = await testGateway({}, { connectionsMax: 1 });
  const owner = ownView(small.bus, "items", "north");
  const ask = (method: string) => small.ask(method, "/api/v1/live/events?site=north&view=items");
  expect((await ask("HEAD")).status).toBe(405);
  expect((await ask("POST")).headers.get("allow")).toBe("GET");
  const url = `${small.url}/api/v1/live/events?site=north&view=items`;
  const leave = new AbortController();
  const { status } = await fetch(url, {
    headers: { authorization: `Bearer ${adminKey}` },
    signal: leave.signal,
  });
  expect(status).toBe(200);
  leave.abort();
  await owner.stop();
});

/** Asks for a stream and reads nothing of it until told to. */
const openUnread = async (path: string, key: string) => {
  const { hostname, port, host } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${key}\r\n\r\n`);
  await eventually("the stream", () => text.includes(" 200 "));
  socket.pause();
  return { socket, text: () => text };
};

test("a stream that nobody reads is ended with its credential, and nothing is said after the end", async () => {
  // Intervals are the test's, so that a minute passes at once; everything that waits for the world is real.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  sites += 1;
  const site = `unread-${sites}`;
  const owner = ownView(gateway.bus, "items", site, 1);
  const text = "x".repeat(500_000);
  for (let key = 100; key < 160; key += 1) owner.commit({ key: String(key), row: { text } });
  const { body } = await gateway.ask("POST", "/api/v1/keys", { name: "screen" });
  const unread = await openUnread(`/api/v1/live/events?site=${site}&view=items`, body.key);
  const channel = gateway.hub.channel(site, "items");
  await eventually("the stream follows", () => channel?.listeners() === 1);
  const pages: number[] = [];
  // However much the system's own buffers take, sooner or later they are full and no page is asked for any more.
  await eventually("it is stuck", () => {
    pages.push(owner.pages);
    return owner.pages > 1 && pages.filter((count) => count === owner.pages).length > 15;
  });
  await gateway.ask("DELETE", `/api/v1/keys/${body.id}`);
  await eventually("the credential is looked at again", async () => {
    await vi.advanceTimersByTimeAsync(recheckIntervalMs);
    return channel?.listeners() === 0;
  });
  expect(owner.pages).toBeLessThan(60);
  await vi.advanceTimersByTimeAsync(4 * lifeIntervalMs);
  unread.socket.resume();
  await eventually("the end", () => unread.text().endsWith("0\r\n\r\n"));
  const frames = unread.text().split("data: ");
  expect(frames.at(-1)).toContain('"reason":"auth"');
  unread.socket.destroy();
  await owner.stop();
});

test("who does not read the last word is cut off", async () => {
  const server = createServer((_request, response) => {
    response.write("x".repeat(30_000_000));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    sayFarewell(response);
    vi.advanceTimersByTime(farewellMsMax);
    vi.useRealTimers();
    response.once("close", () => closed.resolve());
  });
  const closed = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const reader = connect((server.address() as AddressInfo).port, "127.0.0.1");
  reader.pause();
  reader.on("error", () => {});
  reader.write("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
  await closed.promise;
  reader.destroy();
  server.close();
});

test.each([
  { what: "no site", query: "view=items", headers: {}, is: { status: 400, code: "malformed" } },
  {
    what: "an unknown view",
    query: "site=north&view=comets",
    headers: {},
    is: { status: 404, code: "view_unknown" },
  },
  {
    what: "an unknown status",
    query: "site=north&view=items&status=gone",
    headers: {},
    is: { status: 400, code: "malformed" },
  },
  {
    what: "a filter of another view",
    query: "site=north&view=dashboard&class=chair",
    headers: {},
    is: { status: 400, code: "malformed" },
  },
  {
    what: "an unknown site",
    query: "site=nowhere&view=items",
    headers: {},
    is: { status: 404, code: "site_unknown" },
  },
  {
    what: "a foreign origin",
    query: "site=north&view=items",
    headers: { origin: "https://evil.example" },
    is: { status: 403, code: "forbidden" },
  },
  {
    what: "no key",
    query: "site=north&view=items",
    headers: { authorization: "" },
    is: { status: 401, code: "unauthenticated" },
  },
])("a stream with $what is refused", async ({ query, headers, is }) => {
  const owner = ownView(gateway.bus, "items", "north");
  const answered = await gateway.ask("GET", `/api/v1/live/events?${query}`, undefined, {
    authorization: `Bearer ${adminKey}`,
    ...headers,
  });
  expect({ status: answered.status, code: answered.body.code }).toEqual(is);
  await owner.stop();
});
