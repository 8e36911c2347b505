import { lagBucketOf } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { unackedFramesMax } from "./connection.ts";
import { type LiveClient, type Owner, openLive, ownView } from "./test-live.ts";

/* Clients that acknowledge tell the gateway how far they are; clients that never do are left alone. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let site = "";
let sites = 0;
let client: LiveClient;
let owner: Owner;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  sites += 1;
  site = `acked-${sites}`;
  owner = ownView(gateway.bus, "dashboard", site);
  client = await openLive(gateway.url);
  client.send({ op: "sub", id: "a", site, view: "dashboard" });
  await client.frame("snap");
});
afterEach(async () => {
  await client.close();
  await owner.stop();
});

/** So many at once never fill the socket's buffer, which would put frames together. */
const burstMax = 500;
/** Says `count` deltas and waits until the client has each in a frame of its own. */
const putMany = async (count: number) => {
  for (let said = 0; said < count; ) {
    for (const end = Math.min(count, said + burstMax); said < end; said += 1) owner.put("totals", { said });
    await eventually(`position ${owner.position.pos}`, () => {
      const last = client.frames.findLast(({ op }) => op === "delta");
      return last?.op === "delta" && last.pos === owner.position.pos;
    });
  }
};
const isReset = () => client.frames.find(({ op }) => op === "reset");
/** What is sent after this was understood before its answer came. */
const settle = async () => {
  const start = client.frames.length;
  client.send({ op: "sub", id: "nowhere", site: "nowhere", view: "dashboard" });
  await client.frame("error", start);
};

test("who acknowledged once and then leaves too many frames open is reset as slow", async () => {
  await putMany(1);
  client.send({ op: "ack", pos: 1 });
  await settle();
  await putMany(unackedFramesMax);
  expect(isReset()).toBeUndefined();
  owner.put("totals");
  const reset = await eventually("the reset", isReset);
  expect(reset).toMatchObject({ id: "a", reason: "slow", retryMs: expect.any(Number) });
  owner.put("totals", { late: true });
  const start = client.frames.length;
  client.send({ op: "sub", id: "a", site, view: "dashboard" });
  expect(await client.frame("snap", start)).toMatchObject({ pos: owner.position.pos });
});

test("who acknowledges as it goes is never reset", async () => {
  client.send({ op: "ack", pos: 0, id: "a" });
  await settle();
  const half = Math.ceil(unackedFramesMax / 2) + 1;
  for (let round = 1; round <= 3; round += 1) {
    await putMany(half);
    client.send({ op: "ack", pos: round * half });
    await settle();
  }
  expect(isReset()).toBeUndefined();
});

test("an acknowledgement of less than was sent leaves the rest open", async () => {
  client.send({ op: "ack", pos: 0 });
  await settle();
  await putMany(unackedFramesMax);
  client.send({ op: "ack", pos: 10 });
  await settle();
  await putMany(10);
  expect(isReset()).toBeUndefined();
  owner.put("totals");
  expect(await eventually("the reset", isReset)).toMatchObject({ id: "a", reason: "slow" });
});

test("who acknowledges another view has not acknowledged this one", async () => {
  client.send({ op: "ack", pos: 0, id: "b" });
  await settle();
  await putMany(unackedFramesMax + 2);
  expect(isReset()).toBeUndefined();
});

test("a position of another epoch acknowledges nothing here, and one of this epoch does", async () => {
  client.send({ op: "ack", pos: "7:0" });
  await settle();
  await putMany(unackedFramesMax + 2);
  expect(isReset()).toBeUndefined();
  client.send({ op: "ack", pos: `1:${owner.position.pos}` });
  await settle();
  await putMany(unackedFramesMax);
  expect(isReset()).toBeUndefined();
  owner.put("totals");
  expect(await eventually("the reset", isReset)).toMatchObject({ id: "a", reason: "slow" });
});

test("a screen that says how long ago it showed the newest counts once, by the time that went by on its own watch", async () => {
  const lags = () => gateway.hub.screenLags.take().filter((minute) => minute.site === site);
  /** Says something that was recorded long ago, and gives its position once it has arrived. */
  const arrived = async (minutesAgo: number): Promise<number> => {
    const start = client.frames.length;
    const delta = owner.commit({ key: "totals", row: {} });
    owner.say({ ...delta, at: new Date(Date.now() - minutesAgo * 60_000).toISOString() });
    await client.frame("delta", start);
    return delta.pos;
  };
  const pos = await arrived(20);
  client.send({ op: "ack", pos: pos - 1, agoMs: 0 });
  client.send({ op: "ack", pos, id: "b", agoMs: 0 });
  await settle();
  expect(lags()).toEqual([]);
  client.send({ op: "ack", pos, agoMs: 10 * 60_000 });
  client.send({ op: "ack", pos, agoMs: 0 });
  await settle();
  const [minute] = lags();
  // Ten minutes: between five and a quarter of an hour, however slow all of this is.
  expect(minute?.counts.map((count, bucket) => [count, bucket]).filter(([count]) => count !== 0)).toEqual([
    [1, lagBucketOf(10 * 60_000)],
  ]);

  // What was missed while away is old news: it is no way to the screen.
  const missed = owner.commit({ key: "totals", row: {} });
  const start = client.frames.length;
  client.send({ op: "unsub", id: "a" });
  owner.say(missed);
  await settle();
  client.send({ op: "sub", id: "a", site, view: "dashboard", from: `1:${pos}` });
  await client.frame("delta", start);
  client.send({ op: "ack", pos: missed.pos, agoMs: 0 });
  await settle();
  expect(lags()).toEqual([]);
});
