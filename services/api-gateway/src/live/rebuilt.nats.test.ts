import { eventually, holdRows } from "@tagwire/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestGateway, testGateway } from "../test-gateway.ts";
import { unackedFramesMax } from "./connection.ts";
import { type LiveClient, type Owner, openLive, ownView } from "./test-live.ts";

/* The manager makes its rows anew within an epoch: positions begin again, and what was shown before may have been wrong. */

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
  site = `rebuilt-${sites}`;
  client = await openLive(gateway.url);
});
afterEach(async () => {
  await client.close();
  await owner.stop();
});

const own = (view: Parameters<typeof ownView>[1]) => {
  owner = ownView(gateway.bus, view, site);
  owner.position.generation = "first";
};
const follow = async (view: Parameters<typeof ownView>[1]) => {
  client.send({ op: "sub", id: "a", site, view });
  await client.frame("snap");
};
const reached = (pos: number, start = 0) =>
  eventually(`position ${pos}`, () =>
    client.frames.slice(start).find((frame) => frame.op === "delta" && frame.pos === pos),
  );

test("open screens get the new rows, and go on from there", async () => {
  own("items");
  await follow("items");
  for (let count = 1; count <= 10; count += 1) owner.put("1", { status: `wrong${count}` });
  owner.put("2", { status: "never was" });
  await reached(11);
  const before = client.frames.length;
  owner.rebuild("second");
  owner.put("1", { status: "right" });
  expect(await client.frame("snap", before)).toMatchObject({
    epoch: 1,
    generation: "second",
    pos: 1,
    rows: [{ key: "1", version: 1, status: "right" }],
  });
  owner.put("3", { status: "ready" });
  await reached(2, before);
  const { held, receive } = holdRows();
  for (const frame of client.frames) receive(frame);
  expect(Object.fromEntries(held.rows)).toMatchObject({ 1: { status: "right" }, 3: { status: "ready" } });
  expect(held.rows.size).toBe(2);
  expect(client.frames.some(({ op }) => op === "reset")).toBe(false);
});

test("events happened once, whoever makes rows of them again", async () => {
  own("events");
  await follow("events");
  for (let pos = 1; pos <= 5; pos += 1) owner.put(`1:${pos}`);
  await reached(5);
  owner.rebuild("second");
  for (let pos = 1; pos <= 7; pos += 1) owner.put(`1:${pos}`);
  await reached(7);
  const told = client.frames.flatMap((frame) =>
    frame.op === "delta" ? frame.changes.map(({ key }) => key) : [],
  );
  expect(told).toEqual(["1:1", "1:2", "1:3", "1:4", "1:5", "1:6", "1:7"]);
  expect(client.frames.filter(({ op }) => op === "snap")).toHaveLength(1);
});

test("who comes back goes on only from rows of the same generation", async () => {
  own("items");
  await follow("items");
  for (let count = 1; count <= 5; count += 1) owner.put("1", { count });
  await reached(5);
  owner.rebuild("second");
  const before = client.frames.length;
  for (let count = 1; count <= 8; count += 1) owner.put("1", { count });
  await eventually("the new rows", () =>
    client.frames.slice(before).some((frame) => "pos" in frame && frame.pos === 8),
  );
  const resume = async (id: string, from: string, generation?: string) => {
    const start = client.frames.length;
    const named = generation === undefined ? {} : { generation };
    client.send({ op: "sub", id, site, view: "items", from, ...named });
    owner.put("1", {});
    const frame = await eventually("what comes first", () =>
      client.frames.slice(start).find((one) => "id" in one && one.id === id),
    );
    return frame.op === "reset" ? frame.reason : frame.op;
  };
  expect(await resume("b", "1:7", "first")).toBe("too_old");
  expect(await resume("c", "1:8", "second")).toBe("delta");
  // The position was reached twice, so without a name nobody knows which rows these are.
  expect(await resume("d", "1:5")).toBe("too_old");
  expect(await resume("e", "1:8")).toBe("delta");
});

test("what was acknowledged before does not count against who goes on acknowledging", async () => {
  own("dashboard");
  await follow("dashboard");
  client.send({ op: "ack", pos: 0 });
  // Positions that the new rows are long in reaching.
  owner.position.pos = 1_000_000;
  for (let count = 1; count <= 100; count += 1) owner.put("totals", { count });
  await reached(1_000_100);
  owner.rebuild("second");
  const before = client.frames.length;
  owner.put("totals");
  await client.frame("snap", before);
  const half = unackedFramesMax / 2;
  for (let round = 1; round <= 3; round += 1) {
    for (let said = 0; said < half; said += 100) {
      for (let count = 0; count < 100; count += 1) owner.put("totals", { count });
      await reached(owner.position.pos, before);
    }
    client.send({ op: "ack", pos: owner.position.pos });
    client.send({ op: "sub", id: "nowhere", site: "nowhere", view: "dashboard" });
    await eventually("understood", () => client.frames.filter(({ op }) => op === "error").length === round);
  }
  expect(client.frames.some(({ op }) => op === "reset")).toBe(false);
});
