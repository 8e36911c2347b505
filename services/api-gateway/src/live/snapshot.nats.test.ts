import { answer } from "@tagwire/bus";
import { AskSites, AskSnapshot, type LiveFrame } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { openConnection, snapshotRoomBytes } from "./connection.ts";
import { openSnapshots, partLengthMax } from "./snapshots.ts";
import { subscribe } from "./subscription.ts";
import { type LiveClient, type Owner, openLive, ownView } from "./test-live.ts";

/* Snapshots of any size, taken at any pace, by any number of readers. */

const rowsMax = 40;
const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let site = "";
let sites = 0;
let client: LiveClient;
const opened: { stop: () => Promise<void> }[] = [];

beforeAll(async () => {
  gateway = stack.use(await testGateway({}, { limits: { channelsMax: 100, snapshotRowsMax: rowsMax } }));
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  sites += 1;
  site = `large-${sites}`;
  client = await openLive(gateway.url);
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
  await client.close();
});

const own = (pageRows: number, rows: number, text = ""): Owner => {
  const owner = ownView(gateway.bus, "items", site, pageRows);
  opened.push(owner);
  for (let key = 10; key < 10 + rows; key += 1) owner.commit({ key: String(key), row: { text } });
  return owner;
};
const snapsOf = (frames: readonly LiveFrame[]) => frames.filter((frame) => frame.op === "snap");
const keysOf = (frames: readonly LiveFrame[]) =>
  snapsOf(frames).flatMap(({ rows }) => rows.map(({ key }) => key));

test("a page is read only once the one before it has left", async () => {
  const owner = own(1, 10, "x".repeat(snapshotRoomBytes));
  const frames: LiveFrame[] = [];
  let bufferedBytes = 0;
  const send = (frame: Buffer) => {
    bufferedBytes += frame.length;
    frames.push(JSON.parse(String(frame)));
  };
  const wire = { send, sendEnding: send, bufferedBytes: () => bufferedBytes };
  const connection = openConnection(wire, gateway.hub);
  const channel = gateway.hub.channel(site, "items");
  if (channel === undefined) throw new Error("no channel");
  const wanted = {
    id: "a",
    site,
    view: "items",
    filter: {},
    from: undefined,
    generation: undefined,
  } as const;
  const subscription = subscribe(gateway.hub, { channel, connection }, wanted, () => {});
  for (let part = 1; part <= 10; part += 1) {
    await eventually(`part ${part}`, () => frames.length === part);
    expect(owner.pages).toBe(part);
    bufferedBytes = 0;
  }
  expect(keysOf(frames)).toEqual([...owner.rows.keys()]);
  expect(snapsOf(frames).map(({ last }) => last)).toEqual([...Array(9).fill(false), true]);
  subscription.stop();
  connection.close();
});

test("a page of large rows comes in parts that slow lines can take", async () => {
  const owner = own(20, 9, "x".repeat(partLengthMax / 2 - 100));
  client.send({ op: "sub", id: "a", site, view: "items" });
  await eventually("the last part", () => snapsOf(client.frames).some(({ last }) => last));
  expect(keysOf(client.frames)).toEqual([...owner.rows.keys()]);
  expect(snapsOf(client.frames).map(({ part, rows }) => [part, rows.length])).toEqual([
    [1, 2],
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 1],
  ]);
});

test("a view of more rows than anybody is sent is refused with a code, and goes with a filter", async () => {
  own(7, rowsMax + 1);
  client.send({ op: "sub", id: "a", site, view: "items" });
  expect(await client.frame("error")).toMatchObject({ id: "a", code: "too_large" });
  expect(snapsOf(client.frames).some(({ last }) => last)).toBe(false);
  await eventually("nobody follows", () => gateway.hub.channel(site, "items")?.listeners() === 0);
});

/** An owner that answers when it is told to. */
const heldOwner = () => {
  const asked: string[] = [];
  const held: (() => void)[] = [];
  const answering = answer(gateway.bus, AskSnapshot, async ({ q = "" }) => {
    asked.push(q);
    await new Promise<void>((resolve) => held.push(resolve));
    return { known: true, epoch: 1, pos: 1, rows: [], next: null };
  });
  const createdAt = new Date().toISOString();
  const known = {
    id: site,
    name: site,
    timeZone: "UTC",
    createdAt,
    epoch: 1,
    pos: 1,
    stage: "parallel" as const,
  };
  opened.push(
    answering,
    answer(gateway.bus, AskSites, async () => ({ sites: [known] })),
  );
  return {
    asked,
    release: () => {
      for (const go of held.splice(0)) go();
    },
  };
};

test("a view that is replaced or left is not read any more", async () => {
  const { asked, release } = heldOwner();
  const channel = gateway.hub.channel(site, "items");
  const ask = (q: string) => client.send({ op: "sub", id: "a", site, view: "items", filter: { q } });
  ask("q1");
  await eventually("the first is asked for", () => asked.length === 1);
  for (let count = 2; count <= 100; count += 1) ask(`q${count}`);
  await eventually("the last one follows", () => channel?.listeners() === 1);
  client.send({ op: "sub", id: "nowhere", site: "nowhere", view: "items" });
  await client.frame("error");
  release();
  await eventually("the last is asked for", () => asked.length === 2);
  expect(asked).toEqual(["q1", "q100"]);
  client.send({ op: "sub", id: "b", site, view: "items", filter: { q: "left" } });
  await eventually("it waits behind", () => channel?.listeners() === 2);
  await client.close();
  await eventually("all have left", () => channel?.listeners() === 0);
  release();
  await gateway.bus.connection.flush();
  expect(asked).toEqual(["q1", "q100"]);
});

test("a page is read once for all who ask for it meanwhile, but not for who comes after the chain broke", async () => {
  const { asked, release } = heldOwner();
  const snapshots = openSnapshots(gateway.bus);
  const { signal } = new AbortController();
  const view = { site, view: "items", filter: {} } as const;
  const first = snapshots.page(view, { cursor: null, breaks: 0 }, signal);
  const same = snapshots.page(view, { cursor: null, breaks: 0 }, signal);
  const later = snapshots.page(view, { cursor: null, breaks: 1 }, signal);
  await eventually("both are asked for", () => asked.length === 2);
  release();
  expect(await first).toBe(await same);
  expect(await later).not.toBe(await first);
  expect(asked).toHaveLength(2);
});

test("who wants a page that somebody else gave up gets it all the same", async () => {
  const { asked, release } = heldOwner();
  const snapshots = openSnapshots(gateway.bus);
  const busy = Array.from({ length: 6 }, (_, index) =>
    snapshots.page(
      { site, view: "items", filter: { q: [`busy${index}`] } },
      { cursor: null, breaks: 0 },
      new AbortController().signal,
    ),
  );
  await eventually("no turn is left", () => asked.length === busy.length);
  const view = { site, view: "items", filter: { q: ["wanted"] } } as const;
  const gone = new AbortController();
  const given = snapshots.page(view, { cursor: null, breaks: 0 }, gone.signal);
  gone.abort(new Error("gone"));
  const wanted = snapshots.page(view, { cursor: null, breaks: 0 }, new AbortController().signal);
  await expect(given).rejects.toThrow("gone");
  release();
  await Promise.all(busy);
  await eventually("it is asked for", () => asked.includes("wanted"));
  release();
  expect(await wanted).toMatchObject({ known: true, parts: ["[]"] });
});
