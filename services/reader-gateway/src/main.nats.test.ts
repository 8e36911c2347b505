import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, type Bus, openBus } from "@tagwire/bus";
import { type LlrpReader, startLlrpReader, type TagSource } from "@tagwire/emulators";
import { AskCreateReader, AskPutStation, AskReader, AskTakeEvents, type Reader } from "@tagwire/messages";
import { eventually, plainEnvironment, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { addsUp, listen } from "./floor/test-floor.ts";

const site = "north";
const tags = ["30395DFA8109A98000000001", "30395DFA8109A98000000002", "30395DFA8109A98000000003"];

type Gateway = { readonly process: ChildProcess; readonly http: string };

const startGateway = async (env: Record<string, string>): Promise<Gateway> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-gateway-"));
  const file = join(folder, "endpoint.json");
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { ...plainEnvironment(), ...env, SERVICE_PORT: "0", ENDPOINT_FILE: file, LOG_LEVEL: "warn" },
    stdio: ["ignore", process.env.TAGWIRE_TEST_LOG === undefined ? "ignore" : "inherit", "inherit"],
  });
  const { http } = await eventually("the service says where it is", async () => {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
    return JSON.parse(await readFile(file, "utf8")) as { http: string };
  });
  await rm(folder, { recursive: true, force: true });
  await eventually("ready", async () => (await fetch(`${http}/readyz`)).ok);
  return { process: child, http };
};

const end = async ({ process: child }: Gateway, signal: NodeJS.Signals): Promise<number | null> => {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit") as Promise<[number | null]>;
  child.kill(signal);
  return (await ended)[0];
};

const readerIn = async (bus: Bus): Promise<Reader> => {
  const { reader } = await ask(bus, AskReader, { site, id: "dock" });
  if (reader === null) throw new Error("no reader");
  return reader;
};

const world: TagSource = {
  sees: (antenna) => (antenna === 1 ? tags.map((epc) => ({ epc, rssiDbm: -60 })) : []),
};

test("antenna to stream over a real reader's protocol, through a kill -9, to an orderly end", async () => {
  await using database = await testDatabase();
  await using nats = await testNats();
  const reader: LlrpReader = await startLlrpReader({ world, seed: 1, roundMs: 20 });
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const tallies = await mkdtemp(join(tmpdir(), "tagwire-tallies-"));
  const settings = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    READER_RE_REPORT_SECONDS: "0.5",
  };
  let gateway = await startGateway(settings);
  const lacks = async () =>
    ((await (await fetch(`${gateway.http}/readyz`)).json()) as { lacks: string[] }).lacks;
  try {
    expect(await lacks()).toEqual([expect.stringContaining("TALLIES_DIR")]);
    const dock = {
      id: "dock",
      driver: "llrp" as const,
      address: reader.address,
      antennas: [{ port: 1, place: "gate" }],
    };
    await ask(bus, AskCreateReader, { site, reader: dock });
    await eventually("it reads", async () => (await readerIn(bus)).status === "inventory");
    const listener = await listen(bus, () => "accepted");
    const heard = () => new Set(listener.batches.flatMap((one) => one.observations.map(({ tag }) => tag)));
    await eventually("every tag on the stream", () => heard().size === tags.length);
    expect([...heard()].sort()).toEqual(tags);
    await eventually("taken", async () => (await readerIn(bus)).counts.accepted >= tags.length);
    const metrics = await (await fetch(`${gateway.http}/metrics`)).text();
    expect(metrics).toMatch(/tagwire_reader_observations_total\{[^}]*reader="dock"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/tagwire_reader_observations_taken_total\{[^}]*outcome="accepted"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/tagwire_reader_phase\{[^}]*phase="inventory"[^}]*\} 1/);
    expect(metrics).toMatch(/tagwire_reader_antennas\{[^}]*state="up"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/tagwire_reader_clock_offset_seconds\{[^}]*reader="dock"[^}]*\} -?\d/);
    expect(metrics).toMatch(/tagwire_reader_reads_filtered_total\{[^}]*rule="impossible"[^}]*\} 0/);
    expect(metrics).not.toMatch(/tagwire_reader_ledger_broken\{[^}]*\} 1/);
    expect(metrics).toMatch(/tagwire_observations_parked(\{[^}]*\})? 0/);

    await end(gateway, "SIGKILL");
    const before = listener.batches.length;
    gateway = await startGateway({ ...settings, TALLIES_DIR: tallies });
    expect(await lacks()).toEqual([]);
    await eventually("it reads again", async () => (await readerIn(bus)).status === "inventory");
    await eventually("tags again", () => listener.batches.length > before);
    expect(addsUp((await readerIn(bus)).counts)).toBe(true);

    expect(await end(gateway, "SIGTERM")).toBe(0);
    expect(reader.stats().isServing).toBe(false);
    await listener.stop();
  } finally {
    await end(gateway, "SIGKILL");
    await bus.close();
    await reader.stop();
    await rm(tallies, { recursive: true, force: true });
  }
}, 120_000);

/** A reader that pushes without end the tags in its field, and some that walk through its gate, until its process is gone. */
const pushOn = (bus: Bus, run: number) => {
  let sent = 0;
  let answered = 0;
  let isOver = false;
  const present = tags.flatMap((tag) => [1, 2, 3].map((antenna) => ({ idHex: tag, antenna })));
  const passing = (push: number) =>
    Array.from({ length: 5 }, (_, index) => ({
      idHex: `${run}${String(push).padStart(6, "0")}${index}`.padStart(24, "A"),
      antenna: 4 + (push % 2),
    }));
  const push = async () => {
    for (let number = 0; !isOver; number += 1) {
      const timestamp = new Date().toISOString();
      const events = [...present, ...passing(number)].map((data, eventNum) => ({
        ...{ type: "SIMPLE", timestamp },
        data: { ...data, eventNum, userDefined: `${run}.${number}` },
      }));
      sent += events.length;
      const became = await ask(bus, AskTakeEvents, { site, id: "dock", key: null, events }).catch(
        () => undefined,
      );
      if (became === undefined) return;
      answered += became.taken;
    }
  };
  const pushing = push();
  return {
    answered: () => answered,
    ended: async () => {
      isOver = true;
      await pushing;
      return { sent, answered };
    },
  };
};

test("of what was answered to a reader that pushes no read is missing, however often the process is killed meanwhile", async () => {
  await using database = await testDatabase();
  await using nats = await testNats();
  const bus = await openBus({ url: nats.url, name: "test", log: quietLog() });
  const settings = { DATABASE_URL: database.url, NATS_URL: nats.url };
  let gateway = await startGateway(settings);
  try {
    const portal = { inside: "hall", outside: "yard", by: "antennas" as const };
    const station = { mode: "portal" as const, portal, rules: {} };
    await ask(bus, AskPutStation, { site, id: "gate", station });
    const antennas = [
      ...[1, 2, 3].map((port) => ({ port, place: `bay-${port}` })),
      { port: 4, side: "outside" as const, station: "gate" },
      { port: 5, side: "inside" as const, station: "gate" },
    ];
    await ask(bus, AskCreateReader, { site, reader: { id: "dock", driver: "zebra", antennas } });
    await eventually("it reads", async () => (await readerIn(bus)).status === "inventory");
    let [sent, answered] = [0, 0];
    for (let run = 0; run < 2; run += 1) {
      const pushing = pushOn(bus, run);
      await eventually("some is answered", () => pushing.answered() > 200);
      await end(gateway, "SIGKILL");
      const pushed = await pushing.ended();
      sent += pushed.sent;
      answered += pushed.answered;
      gateway = await startGateway(settings);
      await eventually("it reads again", async () => (await readerIn(bus)).status === "inventory");
      const { counts } = await readerIn(bus);
      expect(addsUp(counts)).toBe(true);
      expect(counts.reads).toBeGreaterThanOrEqual(answered);
      expect(counts.reads).toBeLessThanOrEqual(sent);
      expect(counts.filteredBy?.lost).toBeGreaterThan(0);
    }
    expect((await readerIn(bus)).faults).toMatchObject([{ code: "reads_lost" }]);
    expect(await end(gateway, "SIGTERM")).toBe(0);
  } finally {
    await end(gateway, "SIGKILL");
    await bus.close();
  }
}, 240_000);
