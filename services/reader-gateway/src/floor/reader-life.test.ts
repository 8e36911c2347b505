import type { Station } from "@tagwire/messages";
import { Fault } from "@tagwire/messages";
import { eventually, keptLog } from "@tagwire/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bindingsOf } from "../actors/binding.ts";
import { defaultRule } from "../actors/read-rule.ts";
import { scriptedDrivers, tagRead } from "./scripted-driver.ts";
import { lifeOf } from "./test-life.ts";

test("a reader connects, configures, reads, and stops when it is told", async () => {
  const { drivers, connections } = scriptedDrivers();
  const { life, phases } = lifeOf(drivers);
  life.start();
  expect(phases).toEqual(["connecting", "configuring", "inventory"]);
  expect(connections[0]?.settings).toMatchObject({
    address: "127.0.0.1",
    antennas: [{ port: 1, powerDbm: 27 }],
  });
  await life.stop();
  expect(phases.at(-1)).toBe("stopped");
  expect(connections[0]?.signal.aborted).toBe(true);
  expect(life.view(0)).toMatchObject({ enabled: false, fault: null, retryAt: null });
});

test("a connection that ended is tried again after a pause, with its fault and advice in sight until it reads again", async () => {
  const { drivers, connections } = scriptedDrivers({
    begin: ({ host, fail }, nth) => {
      if (nth < 3) fail(new Fault("reader.refused", "one client only"));
      else host.phase("inventory");
    },
  });
  const seen: unknown[] = [];
  const { life, phases } = lifeOf(drivers, {
    changed: () => {
      const view = life.view(0);
      if (phases.at(-1) !== view.status) phases.push(view.status);
      if (view.status === "backoff") seen.push(view);
    },
  });
  life.start();
  await eventually("third connection", () => life.phase() === "inventory");
  expect(phases).toEqual(["connecting", "backoff", "connecting", "backoff", "connecting", "inventory"]);
  expect(seen[0]).toMatchObject({
    fault: { code: "reader.refused", message: "one client only", advice: expect.stringContaining("client") },
    retryAt: expect.stringMatching(/^\d{4}-/),
  });
  expect(life.view(0)).toMatchObject({ fault: null, retryAt: null });
  expect(connections).toHaveLength(3);
  expect(life.connections()).toBe(3);
  expect(life.reconnects()).toBe(2);
  await life.stop();
  life.start();
  expect({ connections: life.connections(), reconnects: life.reconnects() }).toEqual({
    connections: 4,
    reconnects: 2,
  });
  await life.stop();
});

test.each([
  {
    what: "a mistake in a driver",
    begin: () => {
      throw new TypeError("undefined is not a function");
    },
    code: "reader.error",
  },
  {
    what: "a driver that ends by itself",
    begin: ({ end }: { end: () => void }) => end(),
    code: "reader.closed",
  },
])("$what becomes the fault $code", async ({ begin, code }) => {
  const { drivers } = scriptedDrivers({ begin });
  const { life } = lifeOf(drivers, { backoff: { firstMs: 60_000, maxMs: 60_000, resetAfterMs: 1 } });
  life.start();
  await eventually("backoff", () => life.phase() === "backoff");
  expect(life.view(0).fault).toMatchObject({ code });
  await life.stop();
  expect(life.phase()).toBe("stopped");
});

test("a reader that cannot be reached is logged once, without a stack, however often it is tried", async () => {
  const { log, lines } = keptLog();
  const { drivers } = scriptedDrivers({ begin: ({ fail }) => fail(new Fault("reader.unreachable", "away")) });
  const { life } = lifeOf(drivers, { log });
  life.start();
  await eventually("several attempts", () => life.connections() > 4);
  await life.stop();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ site: "north", reader: "dock", code: "reader.unreachable" });
  expect(JSON.stringify(lines)).not.toContain("stack");
});

describe("a pause", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("grows while connections end before they read, however long that takes, and begins anew after one that read", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { drivers, connections } = scriptedDrivers({ begin: ({ host }) => host.phase("configuring") });
    const { life } = lifeOf(drivers, { backoff: { firstMs: 100, maxMs: 1_000, resetAfterMs: 10_000 } });
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    const pausesMs: number[] = [];
    const endAfter = async (ms: number) => {
      vi.advanceTimersByTime(ms);
      connections.at(-1)?.fail(new Fault("reader.silent", "no answer"));
      await settle();
      const pauseMs = Date.parse(life.view(0).retryAt ?? "") - Date.now();
      pausesMs.push(pauseMs);
      vi.advanceTimersByTime(pauseMs);
      await settle();
    };
    life.start();
    for (let times = 0; times < 3; times += 1) await endAfter(60_000);
    connections.at(-1)?.host.phase("inventory");
    await endAfter(10_001);
    await endAfter(60_000);
    expect(pausesMs).toEqual([100, 200, 400, 100, 200]);
    await life.stop();
  });
});

test("one failing reader does not disturb another", async () => {
  const broken = lifeOf(
    scriptedDrivers({
      begin: () => {
        throw new Error("always");
      },
    }).drivers,
  );
  const fine = scriptedDrivers();
  const { life, kept } = lifeOf(fine.drivers);
  broken.life.start();
  life.start();
  await eventually("several attempts", () => broken.life.connections() > 3);
  fine.connections[0]?.host.frame([tagRead("AA")]);
  expect(kept).toHaveLength(1);
  expect(life.phase()).toBe("inventory");
  await broken.life.stop();
  await life.stop();
});

test("a driver that does not stop is left to itself, and not listened to", async () => {
  const { drivers, connections } = scriptedDrivers({ deaf: true });
  const { life, kept } = lifeOf(drivers);
  life.start();
  await life.stop();
  connections[0]?.host.frame([tagRead("AA")]);
  connections[0]?.host.phase("inventory");
  expect(kept).toEqual([]);
  expect(life.phase()).toBe("stopped");
  expect(life.view(0).counts.frames).toBe(0);
});

test("new settings restart the connection and hold nothing back", async () => {
  const { drivers, connections } = scriptedDrivers();
  const { life, kept } = lifeOf(drivers);
  life.start();
  connections[0]?.host.frame([tagRead("AA")]);
  connections[0]?.host.frame([tagRead("AA"), tagRead("AA")]);
  await life.apply({
    driver: "llrp",
    address: "127.0.0.2",
    antennas: [{ port: 1, place: "wash" }],
    station: null,
  });
  connections[1]?.host.frame([tagRead("AA")]);
  expect(kept.map(({ place, reads }) => ({ place, reads }))).toEqual([
    { place: "gate", reads: 1 },
    { place: "gate", reads: 2 },
    { place: "wash", reads: 1 },
  ]);
  expect(connections[1]?.settings.address).toBe("127.0.0.2");
  await life.stop();
});

test("what is decided without the reader takes effect while it goes on", async () => {
  const { drivers, connections } = scriptedDrivers();
  const { life, kept } = lifeOf(drivers);
  life.start();
  connections[0]?.host.frame([tagRead("AA")]);
  connections[0]?.host.frame([tagRead("AA"), tagRead("AA")]);
  await life.apply({ ...life.settings(), antennas: [{ port: 1, place: "wash", powerDbm: 27 }] });
  connections[0]?.host.frame([tagRead("AA")]);
  await life.apply({ ...life.settings(), rules: { tags: ["BB"] } });
  connections[0]?.host.frame([tagRead("AA", { count: 3 }), tagRead("BB")]);
  expect(kept.map(({ tag, place, reads }) => [tag, place, reads])).toEqual([
    ["AA", "gate", 1],
    ["AA", "gate", 2],
    ["AA", "wash", 1],
    ["BB", "wash", 1],
  ]);
  expect(life.view(0)).toMatchObject({ rules: { tags: ["BB"] }, counts: { filtered: 3 } });
  expect(connections).toHaveLength(1);
  await life.stop();
});

test("a light barrier at its inputs decides which way a tag has passed", async () => {
  const { drivers, connections } = scriptedDrivers();
  const portal = {
    inside: "hall",
    outside: "yard",
    by: "triggers",
    triggers: { inside: 1, outside: 2 },
  } as const;
  const stations = new Map<string, Station>();
  const { life, kept } = lifeOf(drivers, {
    bindingsOf: (settings) => bindingsOf(settings, stations, defaultRule),
  });
  await life.apply({ ...life.settings(), station: "door" });
  life.start();
  expect(connections[0]?.settings.inputs).toBeUndefined();
  stations.set("door", { id: "door", mode: "portal", portal, rules: {} });
  await life.rebind();
  expect(connections[1]?.settings.inputs).toEqual([1, 2]);
  const nowMs = Date.now();
  const host = connections[1]?.host;
  host?.notice({ kind: "input", port: 2, atMs: nowMs - 300 });
  host?.frame([tagRead("AA", { antenna: 9, heardAtMs: nowMs - 100 })]);
  host?.notice({ kind: "input", port: 1, atMs: nowMs + 60_000 });
  await life.stop();
  expect(kept).toMatchObject([{ tag: "AA", place: "hall", station: { id: "door", mode: "portal" } }]);
});

describe("what a reader says", () => {
  test("is counted: frames, reads, filtered, malformed, and its health", async () => {
    const { drivers, connections } = scriptedDrivers();
    const { life, kept } = lifeOf(drivers);
    life.start();
    const host = connections[0]?.host;
    host?.notice({ kind: "identified", firmware: "5.12", model: "R420", antennas: 4 });
    host?.notice({ kind: "antenna", antenna: 2, connected: false });
    host?.notice({ kind: "warning", code: "x", message: "y" });
    host?.frame([]);
    host?.frame([tagRead("AA", { count: 5 }), tagRead("", { count: 2 })]);
    host?.frame([tagRead("AA", { count: 3 })]);
    host?.malformed("bad length", new Uint8Array([1, 2, 3]));
    const view = life.view(7);
    expect(view).toMatchObject({
      firmware: "5.12",
      model: "R420",
      antennasConnected: { "2": false },
      version: 7,
    });
    // The second frame's reads of the tag wait for its re-report; nothing is kept by Postgres in this test.
    expect(view.counts).toMatchObject({
      frames: 3,
      malformed: 1,
      reads: 10,
      filtered: 2,
      held: 3,
      observed: 0,
    });
    expect(kept.map(({ reads }) => reads)).toEqual([5]);
    expect(view.rate).toBe(1);
    await life.stop();
  });

  test("is shown when it is news, and never at once: it may be said without end", async () => {
    const { drivers, connections } = scriptedDrivers();
    let changes = 0;
    let counted = 0;
    const { life } = lifeOf(drivers, {
      changed: () => {
        changes += 1;
      },
      counted: () => {
        counted += 1;
      },
    });
    life.start();
    const before = { changes, counted };
    const host = connections[0]?.host;
    host?.notice({ kind: "identified", firmware: "5.12", model: "R420", antennas: 4 });
    for (let antenna = 0; antenna <= 65_535; antenna += 1)
      host?.notice({ kind: "antenna", antenna, connected: true });
    for (let times = 0; times < 1_000; times += 1) {
      host?.notice({ kind: "antenna", antenna: 1, connected: true });
      host?.notice({ kind: "identified", firmware: "5.12", model: "R420", antennas: 4 });
    }
    expect(life.view(0).antennasConnected).toEqual({ "1": true, "2": true, "3": true, "4": true });
    expect({ changes, counted }).toEqual({ changes: before.changes, counted: before.counted + 5 });
    await life.stop();
  });

  test("carries one trace per frame", async () => {
    const { drivers, connections } = scriptedDrivers();
    const { life, kept } = lifeOf(drivers);
    life.start();
    connections[0]?.host.frame([tagRead("AA"), tagRead("BB")]);
    connections[0]?.host.frame([tagRead("CC")]);
    expect(kept).toHaveLength(3);
    expect(kept[0]?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
    expect(kept[1]?.traceparent).toBe(kept[0]?.traceparent);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(3);
    await life.stop();
  });
});
