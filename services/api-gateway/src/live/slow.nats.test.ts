import { connect, type Socket } from "node:net";
import type { LiveFrame } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, type TestGateway, testGateway } from "../test-gateway.ts";
import { hardBytesMax, openConnection, softBytesMax, unackedFramesMax } from "./connection.ts";
import type { Wanted } from "./following.ts";
import { subscribe } from "./subscription.ts";
import { openLive, ownView } from "./test-live.ts";

/* Readers that are slower than what they follow. Each must cost bounded memory, and nobody else anything. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = stack.use(await testGateway());
});
afterAll(() => stack.disposeAsync());

/** A client whose network the test controls. */
const follower = (site: string, view: Wanted["view"]) => {
  const frames: LiveFrame[] = [];
  let bufferedBytes = 0;
  const { hub } = gateway;
  const connection = openConnection(
    {
      send: (frame) => frames.push(JSON.parse(String(frame))),
      sendEnding: (frame) => frames.push(JSON.parse(String(frame))),
      bufferedBytes: () => bufferedBytes,
    },
    hub,
  );
  const channel = hub.channel(site, view);
  if (channel === undefined) throw new Error("no channel");
  const wanted = { id: "a", site, view, filter: {}, from: undefined, generation: undefined };
  const subscription = subscribe(hub, { channel, connection }, wanted, () => {});
  return {
    frames,
    channel,
    subscription,
    stall: () => {
      bufferedBytes = softBytesMax + 1;
    },
    release: () => {
      bufferedBytes = 0;
    },
    close: () => {
      subscription.stop();
      connection.close();
    },
  };
};

const heardUpTo = (one: ReturnType<typeof follower>, pos: number) =>
  eventually(`position ${pos} was heard`, () => one.channel.head()?.pos === pos);

test("rows that wait are put together: the newest version of each key, once there is room", async () => {
  const owner = ownView(gateway.bus, "items", "merge");
  const slow = follower("merge", "items");
  await eventually("the snapshot", () => slow.frames.length === 1);
  slow.stall();
  for (let round = 1; round <= 50; round += 1) owner.put(round % 2 === 0 ? "even" : "odd", { round });
  await heardUpTo(slow, 50);
  expect(slow.frames).toHaveLength(1);
  slow.release();
  await eventually("the delta", () => slow.frames.length === 2);
  expect(slow.frames[1]).toMatchObject({
    op: "delta",
    prev: 0,
    pos: 50,
    changes: [
      { key: "odd", version: 49, put: { round: 49 } },
      { key: "even", version: 50, put: { round: 50 } },
    ],
  });
  owner.put("odd", { round: 51 });
  await eventually("live again", () => slow.frames.length === 3);
  expect(slow.frames[2]).toMatchObject({ prev: 50, pos: 51 });
  slow.close();
  await owner.stop();
});

test("events that wait are all kept, in their order", async () => {
  const owner = ownView(gateway.bus, "events", "keep");
  const slow = follower("keep", "events");
  await eventually("the snapshot", () => slow.frames.length === 1);
  slow.stall();
  for (let pos = 1; pos <= 50; pos += 1) owner.put(`1:${pos}`);
  await heardUpTo(slow, 50);
  slow.release();
  await eventually("the delta", () => slow.frames.length === 2);
  const [, delta] = slow.frames;
  const versions = delta?.op === "delta" ? delta.changes.map(({ version }) => version) : [];
  expect(versions).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  slow.close();
  await owner.stop();
});

test("who is too far behind has to start again, and nothing is kept for them", async () => {
  const owner = ownView(gateway.bus, "events", "behind");
  const slow = follower("behind", "events");
  await eventually("the snapshot", () => slow.frames.length === 1);
  slow.stall();
  const text = "x".repeat(100_000);
  const count = Math.ceil(hardBytesMax / text.length) + 1;
  for (let pos = 1; pos <= count; pos += 1) owner.put(`1:${pos}`, { text });
  await eventually("the reset", () => slow.frames.length === 2);
  expect(slow.frames[1]).toMatchObject({ op: "reset", id: "a", reason: "slow", retryMs: expect.any(Number) });
  expect(slow.channel.listeners()).toBe(0);
  slow.close();
  await owner.stop();
});

test("a client that acknowledges may not fall too far behind with it", async () => {
  const owner = ownView(gateway.bus, "dashboard", "unacked");
  const slow = follower("unacked", "dashboard");
  await eventually("the snapshot", () => slow.frames.length === 1);
  owner.put("totals");
  await eventually("the first delta", () => slow.frames.length === 2);
  slow.subscription.ack({ epoch: undefined, pos: 1 });
  for (let count = 0; count <= unackedFramesMax; count += 1) owner.put("totals", { count });
  await eventually("the reset", () => slow.frames.at(-1)?.op === "reset");
  expect(slow.frames).toHaveLength(2 + unackedFramesMax + 1 + 1);
  expect(slow.frames.at(-1)).toMatchObject({ reason: "slow" });
  slow.close();
  await owner.stop();
});

test("a client that stopped reading is let go, while others get everything", async () => {
  const owner = ownView(gateway.bus, "events", "stalled");
  const fast = await openLive(gateway.url);
  const want = { op: "sub", id: "a", site: "stalled", view: "events" } as const;
  fast.send(want);
  await fast.frame("snap");
  const slow = await openRaw(gateway.url);
  slow.send(JSON.stringify(want));
  const channel = gateway.hub.channel("stalled", "events");
  await eventually("both follow", () => channel?.listeners() === 2 && slow.text().includes('"snap"'));
  slow.socket.pause();

  const text = "x".repeat(200_000);
  let pos = 0;
  // However much the system's own buffers take, sooner or later they are full.
  await eventually("the stalled client is let go", async () => {
    for (let count = 0; count < 5; count += 1) {
      pos += 1;
      owner.put(`1:${pos}`, { text });
    }
    await eventually(
      "the fast one has it",
      () => fast.frames.at(-1)?.op === "delta" && received(fast.frames) === pos,
    );
    return channel?.listeners() === 1;
  });
  slow.socket.resume();
  await eventually("the reset", () => slow.text().includes('"reason":"slow"'));
  expect(fast.frames.some(({ op }) => op === "reset")).toBe(false);
  slow.socket.destroy();
  await fast.close();
  await owner.stop();
});

const received = (frames: readonly LiveFrame[]): number =>
  frames.reduce((count, frame) => count + (frame.op === "delta" ? frame.changes.length : 0), 0);

type Raw = { readonly socket: Socket; readonly send: (text: string) => void; readonly text: () => string };

/** A WebSocket by hand, whose reading can be stopped: RFC 6455, one masked text frame at a time. */
const openRaw = async (url: string): Promise<Raw> => {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.on("data", (chunk) => {
    // The end is all that the tests look at.
    text = (text + chunk.toString("latin1")).slice(-1_000_000);
  });
  socket.write(
    [
      "GET /api/v1/live HTTP/1.1",
      `host: ${host}`,
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
      "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
      `authorization: Bearer ${adminKey}`,
      "\r\n",
    ].join("\r\n"),
  );
  await eventually("the upgrade", () => text.includes(" 101 "));
  return {
    socket,
    text: () => text,
    send: (said) => {
      const body = Buffer.from(said);
      socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]));
    },
  };
};
