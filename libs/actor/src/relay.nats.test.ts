import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, batchFrom, ensureStream, openBus, publishInOrder } from "@tagwire/bus";
import { findNatsServer, startNats } from "@tagwire/embedded";
import { Events, type LoggedEvent, newId, type Position } from "@tagwire/messages";
import { eventually, quietLog, testNats } from "@tagwire/testing";
import { describe, expect, test } from "vitest";
import { createRelay, outgoing, type Relay } from "./relay.ts";

const log = quietLog();
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const longAgo = "2026-05-04T10:00:00.001Z";
const eventAt = (site: string, pos: number, recordedAt = longAgo): LoggedEvent => ({
  epoch: 1,
  pos,
  id: newId(),
  type: "item.sighted.v1",
  site,
  tag: `Ä ${pos}`,
  receivedAt: "2026-05-04T10:00:00.000Z",
  recordedAt,
  by: { reader: "gate" },
  traceId: traceparent.slice(3, 35),
  traceparent,
  data: { version: pos },
  prevHash: "",
  hash: "",
});

/** The log of some sites as the store would keep it: appended before it is offered. */
const testLog = () => {
  const events = new Map<string, LoggedEvent[]>();
  const marks = new Map<string, Position>();
  const reads: { site: string; after: number }[] = [];
  return {
    events,
    marks,
    reads,
    append: (site: string, count: number, recordedAt = longAgo): LoggedEvent[] => {
      const before = events.get(site) ?? [];
      const more = Array.from({ length: count }, (_, index) =>
        eventAt(site, before.length + index + 1, recordedAt),
      );
      events.set(site, [...before, ...more]);
      return more;
    },
    readLog: async (site: string, after: Position, limit: number) => {
      reads.push({ site, after: after.pos });
      return (events.get(site) ?? []).slice(after.pos, after.pos + limit);
    },
    saveMarks: async (all: ReadonlyMap<string, Position>) => {
      for (const [site, mark] of all) marks.set(site, mark);
    },
  };
};
type TestLog = ReturnType<typeof testLog>;

const relayOf = (bus: Bus, { readLog, saveMarks }: Pick<TestLog, "readLog" | "saveMarks">): Relay =>
  createRelay({ bus, stream: Events, readLog, saveMarks, log, streamLookIntervalMs: 100 });

/** Everything in the stream, in its order. */
const streamed = async (bus: Bus) => {
  const { state } = await bus.manager.streams.info(Events.name);
  const found: { subject: string; event: LoggedEvent; header: (name: string) => string }[] = [];
  if (state.messages === 0) return found;
  const consumer = await bus.jetStream.consumers.get(Events.name);
  const messages = await consumer.fetch({ max_messages: state.messages, expires: 5_000 });
  for await (const message of messages) {
    found.push({
      subject: message.subject,
      event: message.json(),
      header: (name) => message.headers?.get(name) ?? "",
    });
  }
  return found;
};

const positionsIn = async (bus: Bus, site: string): Promise<number[]> =>
  (await streamed(bus)).filter(({ event }) => event.site === site).map(({ event }) => event.pos);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const carried = (relay: Relay) => eventually("everything in the stream", () => relay.lag() === 0);

/** A relay on a NATS server of its own. */
const testRelay = async (given: Partial<TestLog> = {}) => {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await testNats());
  const bus = await openBus({ url: nats.url, name: "relay", log });
  stack.defer(bus.close);
  await ensureStream(bus, Events);
  const kept = { ...testLog(), ...given };
  const relay = relayOf(bus, kept);
  stack.defer(relay.stop);
  const opened = stack.move();
  return { bus, relay, kept, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};

test("events arrive in each site's order, one by one and in atomic batches, with the headers of a CloudEvent", async () => {
  await using site = await testRelay();
  const { relay, kept, bus } = site;
  for (const name of ["north", "south"]) relay.adopt(name, { epoch: 1, pos: 0 }, 0);
  const sizes = [1, 3, batchFrom, batchFrom - 1, 700, 1];
  for (const size of sizes) for (const name of ["north", "south"]) relay.offer(name, kept.append(name, size));
  await carried(relay);

  const total = sizes.reduce((sum, size) => sum + size);
  const all = await streamed(bus);
  for (const name of ["north", "south"])
    expect(all.filter(({ event }) => event.site === name).map(({ event }) => event)).toEqual(
      kept.events.get(name),
    );
  expect(all).toHaveLength(2 * total);
  const [first] = all.filter(({ event }) => event.site === "north");
  expect(first?.subject).toMatch(/^events\.\d+\.north\.item\.sighted$/);
  const named = ["traceparent", "ce-specversion", "ce-id", "ce-type", "ce-source", "ce-time", "ce-subject"];
  expect(
    [...named, "tw-site", "tw-epoch", "tw-pos", "Nats-Msg-Id"].map((name) => first?.header(name)),
  ).toEqual([
    ...[traceparent, "1.0", first?.event.id, "item.sighted.v1", "/sites/north"],
    ...["2026-05-04T10:00:00.001Z", encodeURIComponent("Ä 1"), "north", "1", "1", "north:1:1"],
  ]);
  // The first went alone and at once; what gathered meanwhile went in atomic batches, and none of these was refused.
  for (const name of ["north", "south"]) {
    const batches = all
      .filter(({ event }) => event.site === name)
      .map(({ header }) => header("Nats-Batch-Id"));
    expect([batches[0], batches.slice(1).includes("")]).toEqual(["", false]);
  }
  // All of it came from memory.
  expect(kept.reads).toEqual([]);
  await relay.stop();
  expect(kept.marks).toEqual(new Map(["north", "south"].map((name) => [name, { epoch: 1, pos: total }])));
});

describe("after a restart", () => {
  test("the log is read from the mark on", async () => {
    await using site = await testRelay();
    const { relay, kept, bus } = site;
    await publishInOrder(bus, kept.append("north", 1_203).slice(0, 3).map(outgoing));
    relay.adopt("north", { epoch: 1, pos: 3 }, 1_203);
    await carried(relay);
    expect(await positionsIn(bus, "north")).toEqual(upTo(1_203));
    expect(kept.reads.map(({ after }) => after)).toEqual([3, 503, 1_003]);
    relay.offer("north", kept.append("north", 2));
    await carried(relay);
    expect((await positionsIn(bus, "north")).at(-1)).toBe(1_205);
  });

  test.each([5, 200])("%i events that were published and not marked are not there twice", async (count) => {
    await using site = await testRelay();
    const { relay, kept, bus } = site;
    const events = kept.append("north", count + 100);
    await publishInOrder(bus, events.slice(0, count).map(outgoing));
    relay.adopt("north", { epoch: 1, pos: 0 }, count + 100);
    await carried(relay);
    expect(await positionsIn(bus, "north")).toEqual(upTo(count + 100));
  });

  test("an epoch that nothing was relayed of begins at its first event", async () => {
    await using site = await testRelay();
    const { relay, kept, bus } = site;
    kept.events.set(
      "north",
      upTo(3).map((pos) => ({ ...eventAt("north", pos), epoch: 2 })),
    );
    relay.adopt("north", { epoch: 2, pos: 0 }, 3);
    await carried(relay);
    expect((await streamed(bus)).map(({ header }) => header("Nats-Msg-Id"))).toEqual([
      "north:2:1",
      "north:2:2",
      "north:2:3",
    ]);
  });
});

describe("a stream that was lost", () => {
  const now = () => new Date().toISOString();
  const filled = (bus: Bus, count: number) =>
    eventually("the stream holds as much as the log", async () => {
      const { state } = await bus.manager.streams.info(Events.name);
      return state.messages >= count;
    });

  test("is made anew and holds again every event that it would have kept, of every site, and no older one", async () => {
    await using site = await testRelay();
    const { relay, kept, bus } = site;
    const names = ["north", "south"];
    for (const name of names) {
      relay.adopt(name, { epoch: 1, pos: 0 }, 0);
      relay.offer(name, kept.append(name, 7));
      relay.offer(name, kept.append(name, 700, now()));
    }
    await carried(relay);
    await bus.manager.streams.delete(Events.name);
    relay.offer("north", kept.append("north", 40, now()));
    await filled(bus, 2 * 700 + 40);
    await carried(relay);
    expect(await positionsIn(bus, "north")).toEqual(upTo(747).slice(7));
    expect(await positionsIn(bus, "south")).toEqual(upTo(707).slice(7));
  });

  test("is filled in order also where something is committed before it is known to be another one", async () => {
    await using site = await testRelay();
    const { relay, kept, bus } = site;
    relay.adopt("north", { epoch: 1, pos: 0 }, 0);
    relay.offer("north", kept.append("north", 60, now()));
    await carried(relay);
    // It is there again some time before the answer that says so.
    const { streams } = bus.manager;
    const askNow = streams.info.bind(streams);
    streams.info = async (name: string) => {
      const info = await askNow(name);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return info;
    };
    await bus.manager.streams.delete(Events.name);
    await eventually("it is there again", () => askNow(Events.name));
    relay.offer("north", kept.append("north", 5, now()));
    await filled(bus, 65);
    expect(await positionsIn(bus, "north")).toEqual(upTo(65));
  });

  test("is filled while nothing happens, whoever made it anew", async () => {
    await using site = await testRelay();
    const { relay, kept, bus } = site;
    relay.adopt("north", { epoch: 1, pos: 0 }, 0);
    relay.offer("north", kept.append("north", 60, now()));
    await carried(relay);
    await bus.manager.streams.delete(Events.name);
    await ensureStream(bus, Events);
    await filled(bus, 60);
    expect(await positionsIn(bus, "north")).toEqual(upTo(60));
  });

  test.each([
    { what: "while nobody was there", there: 0 },
    { what: "and was being filled when its owner ended", there: 35 },
  ])("$what is filled by the next owner", async ({ there }) => {
    await using site = await testRelay();
    const { relay, kept, bus } = site;
    await publishInOrder(bus, kept.append("north", 60, now()).slice(0, there).map(outgoing));
    relay.adopt("north", { epoch: 1, pos: 60 }, 60);
    await filled(bus, 60);
    expect(await positionsIn(bus, "north")).toEqual(upTo(60));
  });
});

test("more than memory may hold is read from the log", async () => {
  await using site = await testRelay();
  const { relay, kept, bus } = site;
  relay.adopt("north", { epoch: 1, pos: 0 }, 0);
  for (let part = 0; part < 24; part += 1) relay.offer("north", kept.append("north", 500));
  expect(relay.lag()).toBe(12_000);
  await carried(relay);
  expect(await positionsIn(bus, "north")).toEqual(upTo(12_000));
  expect(kept.reads.length).toBeGreaterThan(0);
});

test("a site that was given up is carried no further", async () => {
  await using site = await testRelay();
  const { relay, kept, bus } = site;
  for (const name of ["north", "south"]) relay.adopt(name, { epoch: 1, pos: 0 }, 0);
  relay.forget("north");
  relay.offer("north", kept.append("north", 5));
  relay.offer("south", kept.append("south", 5));
  await carried(relay);
  expect(await positionsIn(bus, "north")).toEqual([]);
  expect(await positionsIn(bus, "south")).toEqual(upTo(5));
});

describe("of many sites", () => {
  test("one whose log is slow holds up no other", async () => {
    const kept = testLog();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    await using site = await testRelay({
      ...kept,
      readLog: async (name, after, limit) => {
        if (name === "slow") await gate;
        return kept.readLog(name, after, limit);
      },
    });
    const { relay, bus } = site;
    kept.append("slow", 5);
    relay.adopt("slow", { epoch: 1, pos: 0 }, 5);
    relay.adopt("north", { epoch: 1, pos: 0 }, 0);
    for (let round = 1; round <= 3; round += 1) {
      relay.offer("north", kept.append("north", 2));
      await eventually("all but the slow one in the stream", () => relay.lag() === 5);
    }
    open();
    await carried(relay);
    expect(await positionsIn(bus, "slow")).toEqual(upTo(5));
    expect(await positionsIn(bus, "north")).toEqual(upTo(6));
  });

  test("that are all behind only a few are read from the log at once", async () => {
    const kept = testLog();
    const names = upTo(20).map((number) => `site-${number}`);
    let reading = 0;
    let most = 0;
    await using site = await testRelay({
      ...kept,
      readLog: async (name, after, limit) => {
        reading += 1;
        most = Math.max(most, reading);
        await new Promise((resolve) => setImmediate(resolve));
        reading -= 1;
        return kept.readLog(name, after, limit);
      },
    });
    const { relay, bus } = site;
    for (const name of names) {
      kept.append(name, 30);
      relay.adopt(name, { epoch: 1, pos: 0 }, 30);
    }
    await carried(relay);
    expect(most).toBe(4);
    for (const name of names) expect(await positionsIn(bus, name)).toEqual(upTo(30));
  });
});

test("a log or a mark that cannot be read or saved is tried again", async () => {
  const kept = testLog();
  let failures = 0;
  const failing = async () => {
    failures += 1;
    throw new Error("the store was away");
  };
  await using site = await testRelay({
    ...kept,
    readLog: (name, after, limit) => (failures < 2 ? failing() : kept.readLog(name, after, limit)),
  });
  const { relay, bus } = site;
  kept.append("north", 3);
  relay.adopt("north", { epoch: 1, pos: 0 }, 3);
  await carried(relay);
  expect(failures).toBe(2);
  expect(await positionsIn(bus, "north")).toEqual(upTo(3));
});

test("while the server is away nothing is lost and the order is kept", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-relay-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const { path: bin } = await findNatsServer({
    cacheDir: join(import.meta.dirname, "../../../.tagwire/bin"),
  });
  const first = await startNats({ bin, dir: folder });
  stack.defer(first.stop);
  const bus = await openBus({ url: first.url, name: "relay", log });
  stack.defer(bus.close);
  await ensureStream(bus, Events);
  const kept = testLog();
  const relay = relayOf(bus, kept);
  stack.defer(relay.stop);

  relay.adopt("north", { epoch: 1, pos: 0 }, 0);
  relay.offer("north", kept.append("north", 50));
  await carried(relay);
  await first.stop();
  await eventually("noticed", () => !bus.isConnected());
  for (const size of [1, 2, 40, 5, 300]) relay.offer("north", kept.append("north", size));
  expect(relay.lag()).toBe(348);

  const second = await startNats({ bin, dir: folder, port: Number(new URL(first.url).port) });
  stack.defer(second.stop);
  await carried(relay);
  relay.offer("north", kept.append("north", 2));
  await carried(relay);
  expect(await positionsIn(bus, "north")).toEqual(upTo(400));
});
