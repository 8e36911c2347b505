import { answer, say } from "@tagwire/bus";
import { AskReaders, type LiveFrame, liveSubject, type Reader } from "@tagwire/messages";
import { eventually, holdRows } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { type LiveClient, type Owner, openLive, ownView } from "./test-live.ts";

/* The live protocol. The tests own the view, so that they can say things late, twice or not at all. */

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
const connect = async (): Promise<LiveClient> => {
  const another = await openLive(gateway.url);
  opened.push(another);
  return another;
};
const sub = (to: LiveClient, more: object = {}) =>
  to.send({ op: "sub", id: "a", site, view: "items", ...more });
const of = <O extends LiveFrame["op"]>(frames: LiveFrame[], op: O) =>
  frames.filter((frame): frame is Extract<LiveFrame, { op: O }> => frame.op === op);
const deltas = (count: number, from = client) =>
  eventually(`${count} deltas`, () => of(from.frames, "delta").length >= count && of(from.frames, "delta"));

test("a snapshot comes in parts, then each delta follows the frame before it", async () => {
  const owner = own("items", 2);
  for (const key of ["1", "2", "3"]) owner.commit({ key, row: { status: "ready" } });
  sub(client);
  await eventually("the last part", () => of(client.frames, "snap").some(({ last }) => last));
  expect(of(client.frames, "snap")).toMatchObject([
    {
      id: "a",
      epoch: 1,
      pos: 3,
      part: 1,
      last: false,
      rows: [{ key: "1", version: 1, status: "ready" }, { key: "2" }],
    },
    { id: "a", epoch: 1, pos: 3, part: 2, last: true, rows: [{ key: "3" }] },
  ]);
  owner.put("1", { status: "wash" });
  owner.say(owner.commit({ key: "2" }, { key: "4", row: {} }));
  expect(await deltas(2)).toMatchObject([
    { id: "a", epoch: 1, prev: 3, pos: 4, changes: [{ key: "1", version: 4, put: { status: "wash" } }] },
    { id: "a", epoch: 1, prev: 4, pos: 5, changes: [{ key: "2", version: 5, del: true }, { key: "4" }] },
  ]);
});

test("what is said while a snapshot is read comes after it", async () => {
  const owner = own("items", 1);
  owner.commit({ key: "1", row: {} });
  owner.commit({ key: "2", row: {} });
  owner.whileReading = () => owner.put(`late-${owner.position.pos}`);
  sub(client);
  await eventually("the end of the snapshot", () => of(client.frames, "snap").some(({ last }) => last));
  owner.whileReading = undefined;
  owner.put("5");
  const { held, receive } = holdRows();
  await eventually("all", () => of(client.frames, "delta").some(({ pos }) => pos === owner.position.pos));
  for (const frame of client.frames) receive(frame);
  expect([...held.rows.keys()].sort()).toEqual([...owner.rows.keys()].sort());
});

test("a repeated delta is passed on once", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  const delta = owner.put("1");
  owner.say(delta);
  owner.put("2");
  expect((await deltas(2)).map(({ prev, pos }) => [prev, pos])).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test("a gap is healed by a fresh snapshot, never by silence", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  owner.put("1");
  owner.commit({ key: "2", row: {} });
  owner.put("3");
  await eventually("a second snapshot", () => of(client.frames, "snap").length === 2);
  owner.put("4");
  await eventually("the newest", () =>
    client.frames.some((frame) => frame.op === "delta" && frame.pos === 4),
  );
  const { held, receive } = holdRows();
  for (const frame of client.frames) receive(frame);
  expect([...held.rows.keys()]).toEqual(["1", "2", "3", "4"]);
});

test("a gap in the events is filled from the log", async () => {
  const owner = own("events");
  sub(client, { view: "events" });
  await client.frame("snap");
  owner.put("1:1", { tag: "a" });
  owner.commit({ key: "1:2", row: { tag: "a" } });
  owner.put("1:3", { tag: "a" });
  await eventually("all events", () => of(client.frames, "delta").at(-1)?.pos === 3);
  expect(of(client.frames, "snap")).toHaveLength(1);
  const keys = of(client.frames, "delta").flatMap(({ changes }) => changes.map(({ key }) => key));
  expect(keys).toEqual(["1:1", "1:2", "1:3"]);
  const { receive } = holdRows();
  for (const frame of client.frames) receive(frame);
});

test("after a lost bus connection what may have been missed is read again", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  owner.put("1");
  await deltas(1);
  owner.commit({ key: "2", row: {} });
  gateway.hub.channel(site, "items")?.doubt();
  const snap = await client.frame("snap", 2);
  expect(snap).toMatchObject({ pos: 2, rows: [{ key: "1" }, { key: "2" }] });
});

test("a last message that was never said is found by the heads", async () => {
  const owner = own("dashboard");
  sub(client, { view: "dashboard" });
  await client.frame("snap");
  owner.put("totals");
  await deltas(1);
  owner.commit({ key: "totals", row: { total: 7 } });
  const heads = setInterval(() => owner.sayHead(), 100);
  const snap = await client.frame("snap", 2);
  clearInterval(heads);
  expect(snap).toMatchObject({ pos: 2, rows: [{ key: "totals", total: 7 }] });
});

test("who comes back in time gets exactly what was missed", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  owner.put("1");
  const [{ pos } = { pos: 0 }] = await deltas(1);
  await client.close();
  owner.put("2");
  owner.put("3");
  const back = await connect();
  sub(back, { from: `1:${pos}` });
  expect((await deltas(2, back)).map(({ prev, pos }) => [prev, pos])).toEqual([
    [1, 2],
    [2, 3],
  ]);
  expect(of(back.frames, "snap")).toEqual([]);
  expect(owner.snapshots).toBe(1);
});

test("who comes back to where nothing has changed just goes on", async () => {
  const owner = own();
  owner.commit({ key: "1", row: {} });
  sub(client, { from: "1:1" });
  await eventually("the position was looked up", () => owner.snapshots === 1);
  owner.put("2");
  expect(await deltas(1)).toMatchObject([{ prev: 1, pos: 2 }]);
  expect(of(client.frames, "snap")).toEqual([]);
});

test.each([
  { what: "behind what is kept", view: "items", from: "1:1", reason: "too_old" },
  { what: "ahead of all there is", view: "items", from: "1:99", reason: "too_old" },
  { what: "ahead of the log", view: "events", from: "1:99", reason: "too_old" },
  { what: "in another epoch", view: "items", from: "7:1", reason: "epoch" },
  { what: "in another epoch of the log", view: "events", from: "7:1", reason: "epoch" },
] as const)("a resume $what is reset: $reason", async ({ view, from, reason }) => {
  const owner = own(view);
  for (const key of ["1", "2", "3"]) owner.commit({ key, row: {} });
  sub(client, { view, from });
  expect(await client.frame("reset")).toMatchObject({ id: "a", reason, retryMs: expect.any(Number) });
  owner.put("4");
  // The reset has ended the subscription; asking again without a position works.
  sub(client, { view });
  expect(await client.frame("snap")).toMatchObject({ pos: 4, last: true });
  expect(of(client.frames, "delta")).toEqual([]);
});

test("events that are no longer kept in memory come from the log", async () => {
  const owner = own("events");
  for (let pos = 1; pos <= 1_200; pos += 1) owner.commit({ key: `1:${pos}`, row: { tag: "a" } });
  sub(client, { view: "events", from: "1:7" });
  await eventually("the newest", () => of(client.frames, "delta").at(-1)?.pos === 1_200);
  const positions = of(client.frames, "delta").flatMap(({ changes }) =>
    changes.map(({ version }) => version),
  );
  expect(positions).toEqual(Array.from({ length: 1_193 }, (_, index) => index + 8));
  owner.put("1:1201", { tag: "a" });
  await eventually("live again", () => of(client.frames, "delta").at(-1)?.pos === 1_201);
});

test("more events than are worth reading again are a reset", async () => {
  const owner = own("events");
  for (let pos = 1; pos <= 5_002; pos += 1) owner.commit({ key: `1:${pos}`, row: {} });
  sub(client, { view: "events", from: "1:1" });
  expect(await client.frame("reset")).toMatchObject({ reason: "too_old" });
});

test("restored history is told at once", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  owner.put("1");
  await deltas(1);
  owner.position.epoch = 2;
  owner.put("2");
  expect(await client.frame("reset")).toMatchObject({ id: "a", reason: "epoch" });
});

test("items outside the filter are told as gone, and the chain of positions stays whole", async () => {
  const owner = own();
  owner.commit({ key: "1", row: { tag: "1", status: "ready", class: "chair" } });
  sub(client, { filter: { status: "ready,wash", class: "chair" } });
  await client.frame("snap");
  owner.put("1", { tag: "1", status: "on_rent", class: "chair" });
  owner.put("2", { tag: "2", status: "wash", class: "chair" });
  owner.put("3", { tag: "3", status: "ready", class: "table" });
  expect((await deltas(3)).map(({ prev, pos, changes }) => [prev, pos, changes])).toMatchObject([
    [1, 2, [{ key: "1", version: 2, del: true }]],
    [2, 3, [{ key: "2", version: 3, put: { status: "wash" } }]],
    [3, 4, [{ key: "3", version: 4, del: true }]],
  ]);
});

test("events of one tag follow each other without a hole, whatever lies between", async () => {
  const owner = own("events");
  owner.commit({ key: "1:1", row: { tag: "A" } }, { key: "1:1b", row: { tag: "B" } });
  sub(client, { view: "events", filter: { tag: "a" } });
  expect(await client.frame("snap")).toMatchObject({ rows: [{ key: "1:1", tag: "A" }] });
  owner.put("1:2", { tag: "B" });
  owner.put("1:3", { tag: "A" });
  owner.put("1:4", { tag: "B" });
  owner.put("1:5", { tag: "A" });
  expect((await deltas(2)).map(({ prev, pos }) => [prev, pos])).toEqual([
    [1, 3],
    [3, 5],
  ]);
});

test("a filter means what it means over HTTP: nothing without text, and tags in the form that is known", async () => {
  const owner = own("events");
  const row = { tag: "AB12", contract: "C-1", type: "item.returned.v1" };
  owner.commit({ key: "1:1", row }, { key: "1:1b", row: { ...row, tag: "CD34" } });
  sub(client, { view: "events", filter: { tag: " ab12", contract: "", type: "item.returned" } });
  expect(await client.frame("snap")).toMatchObject({ rows: [{ key: "1:1" }] });
  owner.put("1:2", { ...row, type: "item.rented.v1" });
  owner.put("1:3", row);
  expect(await deltas(1)).toMatchObject([{ prev: 1, pos: 3, changes: [{ key: "1:3" }] }]);
});

test("readers are picked by their phase in what is read and in what is said", async () => {
  const reader = (id: string, status: string) => ({ id, status, version: 1 }) as unknown as Reader;
  own();
  const readers = answer(gateway.bus, AskReaders, async () => ({
    epoch: 4,
    pos: 9,
    readers: [reader("gate", "inventory"), reader("dock", "backoff")],
  }));
  opened.push(readers);
  sub(client, { view: "readers", filter: { status: "inventory" } });
  expect(await client.frame("snap")).toMatchObject({ epoch: 4, pos: 9, rows: [{ key: "gate" }] });
  const said = { site, epoch: 4, at: new Date().toISOString(), traces: [] };
  const change = { key: "dock", version: 10, put: reader("dock", "inventory") };
  say(gateway.bus, liveSubject(site, "readers"), { ...said, prev: 9, pos: 10, changes: [change] });
  expect(await deltas(1)).toMatchObject([
    { prev: 9, pos: 10, changes: [{ key: "dock", put: { status: "inventory" } }] },
  ]);
});

test("readers of several pages are one snapshot, as of the first of them", async () => {
  own();
  const readers = answer(gateway.bus, AskReaders, async ({ cursor }) => {
    const id = cursor === "dock" ? "gate" : "dock";
    const row = { id, status: "inventory", version: 1 } as unknown as Reader;
    return {
      epoch: 4,
      pos: cursor === "dock" ? 10 : 9,
      readers: [row],
      next: cursor === "dock" ? null : "dock",
    };
  });
  opened.push(readers);
  sub(client, { view: "readers" });
  await eventually("both parts", () => of(client.frames, "snap").length === 2);
  expect(of(client.frames, "snap")).toMatchObject([
    { epoch: 4, pos: 9, part: 1, last: false, rows: [{ key: "dock" }] },
    { epoch: 4, pos: 9, part: 2, last: true, rows: [{ key: "gate" }] },
  ]);
});

test("one connection follows several views, each under its own id, until it says stop", async () => {
  const owner = own();
  const readers = answer(gateway.bus, AskReaders, async () => ({ epoch: 4, pos: 9, readers: [] }));
  opened.push(readers);
  sub(client);
  sub(client, { id: "b", view: "readers" });
  await eventually("both", () => of(client.frames, "snap").length === 2);
  expect(of(client.frames, "snap").find(({ id }) => id === "b")).toMatchObject({
    epoch: 4,
    pos: 9,
    rows: [],
  });
  sub(client, { id: "c" });
  await eventually("the third", () => of(client.frames, "snap").length === 3);
  client.send({ op: "unsub", id: "a" });
  client.send({ op: "ack", pos: 1 });
  owner.put("1");
  expect(await deltas(1)).toMatchObject([{ id: "c" }]);
});

test("a view that nobody can answer is told as a gap, to be tried again", async () => {
  sub(client);
  expect(await client.frame("reset")).toMatchObject({ reason: "gap", retryMs: expect.any(Number) });
});

test("a tick proves that the line is alive and names the newest positions", async () => {
  const owner = own();
  sub(client);
  await client.frame("snap");
  owner.put("1");
  owner.sayHead();
  await eventually("the head was heard", () => gateway.hub.headOf(site)?.pos === 1);
  const tick = await client.frame("tick");
  expect(tick).toMatchObject({ now: expect.stringMatching(/Z$/), heads: { [site]: "1:1" } });
});

test("whose owner lags is told at once to be stale, and fresh again once it caught up", async () => {
  const owner = own("events");
  const beginning = Date.now();
  sub(client, { view: "events" });
  await client.frame("snap");
  const heads = setInterval(owner.sayHead, 200);
  owner.put("1");
  const unsaid = owner.commit({ key: "2" });
  const ticks = () => of(client.frames, "tick");
  const stale = await eventually("it is told", () => ticks().find((tick) => tick.stale !== undefined));
  expect(Object.keys(stale.stale ?? {})).toEqual(["a"]);
  expect(Date.parse(stale.stale?.a ?? "")).toBeGreaterThanOrEqual(beginning - 1_000);
  expect(Date.parse(stale.stale?.a ?? "")).toBeLessThan(Date.parse(stale.now));
  owner.say(unsaid);
  await eventually("it is fresh again", () => ticks().at(-1)?.stale === undefined);
  clearInterval(heads);
});
