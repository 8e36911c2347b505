import { type M100Reader, type M100ReaderOptions, startM100Reader, type TagSource } from "@tagwire/emulators";
import { expect, test } from "vitest";
import type { AntennaSettings, DriverSettings } from "./driver.ts";
import { type M100Limits, m100Limits } from "./m100/limits.ts";
import { createM100Driver, m100Driver } from "./m100.ts";
import { recordingHost } from "./recording-host.ts";
import { during, hasHeard, isStopped, runDriver } from "./test-driver.ts";

// One with 7E and BB inside, one with the tail of a frame in it, and one of 128 bits.
const tags = [
  { epc: "BB7E02220011C9340030757E", rssiDbm: -43 },
  { epc: "E28011606000020000007EBB", rssiDbm: -55 },
  { epc: "00112233445566778899AABBCCDDEEFF", rssiDbm: -64 },
];
const world: TagSource = { sees: (antenna) => (antenna === 3 ? tags : []) };
const emptyWorld: TagSource = { sees: () => [] };

const reader = (options: Partial<M100ReaderOptions> = {}): Promise<M100Reader> =>
  during(startM100Reader({ world, antenna: 3, roundMs: 5, ...options }));

const quick: M100Limits = { ...m100Limits, halfFrameMs: 20, roundsOverMs: 60 };
/** Rounds that are never over, however slow the machine is. */
const patient: M100Limits = { ...m100Limits, roundsOverMs: 60_000 };

/** Each frame that broke costs a silence, and a busy machine makes them longer. */
const flakyTimeoutMs = 60_000;

const run = (
  address: string,
  limits: M100Limits = quick,
  antennas: readonly AntennaSettings[] = [{ port: 1 }],
  radio: Pick<DriverSettings, "region" | "session"> = {},
) => runDriver(createM100Driver(limits), { address, antennas, ...radio });

const heardAll = hasHeard(tags);

const stop = 0x28;
const multiPoll = 0x27;

test("a module is asked, set, read and stopped", async () => {
  const startedMs = Date.now();
  const emulated = await reader();
  const { host, abort, done } = run(emulated.path, patient, [{ port: 2, powerDbm: 18.5 }]);
  await host.when(heardAll);
  abort();
  await done;
  expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
  expect(host.bareFrames()).toBe(0);
  expect(host.notices).toEqual([
    { kind: "identified", model: "M100 26dBm V1.0", firmware: "V2.3.5", antennas: 1 },
  ]);
  expect(emulated.powerCentiDbm()).toBe(1850);
  expect(emulated.commands()).toEqual([stop, 3, 3, 0xb6, multiPoll, stop]);
  for (const { epc, rssiDbm, antenna, count, heardAtMs } of host.reads) {
    expect(tags).toContainEqual({ epc, rssiDbm });
    expect({ antenna, count }).toEqual({ antenna: 2, count: 1 });
    expect(heardAtMs).toBeGreaterThanOrEqual(startedMs);
  }
  expect(host.malformedReasons).toEqual([]);
});

test("region and session are set where they are wanted", async () => {
  const emulated = await reader();
  const { host } = run(emulated.path, patient, [], { region: "eu", session: 2 });
  await host.when(heardAll);
  expect(emulated.radio()).toEqual({ region: 3, session: 2 });
});

test(
  "a line that splits, merges, breaks and cuts loses no good frame and invents none",
  async () => {
    let roundsLeft = 120;
    const ending: TagSource = {
      sees: () => {
        roundsLeft -= 1;
        return roundsLeft >= 0 ? tags : [];
      },
    };
    const emulated = await reader({
      world: ending,
      seed: 3,
      flaky: { splitFrames: true, mergeFrames: true, garbageShare: 0.3, brokenShare: 0.1, cutShare: 0.1 },
    });
    // Halves may be far apart on a busy machine; no silence here means that a frame is over.
    const { host } = run(emulated.path, { ...patient, halfFrameMs: 60_000 });
    await host.when(({ reads }) => roundsLeft < 0 && reads.length >= emulated.stats().wholeNotices);
    const { notices, wholeNotices } = emulated.stats();
    expect(notices).toBe(120 * tags.length);
    expect(wholeNotices).toBeLessThan(notices);
    expect(host.reads).toHaveLength(wholeNotices);
    expect(host.malformedReasons.length).toBeGreaterThan(20);
    for (const { epc, rssiDbm } of host.reads) expect(tags).toContainEqual({ epc, rssiDbm });
  },
  flakyTimeoutMs,
);

test.each([
  { what: "without an EPC", epc: "", code: "tag_blank" },
  { what: "of 272 bits", epc: "AB".repeat(34), code: "tag_too_long" },
])("a tag $what is told, and delivered for the ledger to count", async ({ epc, code }) => {
  const emulated = await reader({ world: { sees: () => [{ epc, rssiDbm: -50 }] } });
  const { host } = run(emulated.path, patient);
  await host.when(({ reads }) => reads.length > 3);
  expect(new Set(host.reads.map((read) => read.epc))).toEqual(new Set([epc]));
  const warnings = host.notices.filter(({ kind }) => kind === "warning");
  expect(warnings).toEqual([{ kind: "warning", code, message: expect.stringContaining("reads so far: 1") }]);
});

test("rounds without a tag are neither faults nor malformed, and keep the line alive", async () => {
  const emulated = await reader({ world: emptyWorld });
  const { host } = run(emulated.path, patient);
  await host.when(() => host.frames() > 40);
  expect(host.reads).toEqual([]);
  expect(host.malformedReasons).toEqual([]);
  expect(host.notices.map(({ kind }) => kind)).toEqual(["identified"]);
  expect(emulated.stats().polls).toBe(1);
});

test.each([
  { what: "when its count has run out", flaky: { roundsMax: 3 } },
  {
    what: "of a module that is quiet when nothing is there",
    flaky: { quietWhenEmpty: true },
    world: emptyWorld,
  },
])("the poll $what is started again", async ({ flaky, world: seen }) => {
  const emulated = await reader({ flaky, world: seen ?? world });
  const { host } = run(emulated.path);
  await host.when(() => emulated.stats().polls >= 3);
  expect(emulated.commands().filter((command) => command === multiPoll).length).toBeGreaterThanOrEqual(3);
});

test("a module that says nothing at all is silent", async () => {
  const emulated = await reader({ flaky: { silent: true } });
  expect(await run(emulated.path, { ...quick, answerTimeoutMs: 80 }).fault).toBe("reader.silent");
});

test("an error that comes with every round is told once", async () => {
  const emulated = await reader({ flaky: { roundError: 0x20 } });
  const { host } = run(emulated.path);
  await host.when(() => host.frames() > 40);
  expect(host.notices.filter(({ kind }) => kind === "warning")).toEqual([
    { kind: "warning", code: "m100_20", message: expect.stringContaining("no free channel") },
  ]);
});

test.each([
  { what: "more power than it has", antennas: [{ port: 1, powerDbm: 33 }] },
  { what: "two antennas", antennas: [{ port: 1 }, { port: 2 }] },
])("$what is a setting to correct", async ({ antennas }) => {
  const emulated = await reader();
  expect(await run(emulated.path, quick, antennas).fault).toBe("reader.settings");
});

test.each([
  { what: "region", refuses: { 7: 0x17 }, radio: { region: "us" as const }, code: "reader.region" },
  { what: "session", refuses: { 14: 0x17 }, radio: { session: 2 as const }, code: "reader.settings" },
])("a $what that the module does not take is $code", async ({ refuses, radio, code }) => {
  const emulated = await reader({ flaky: { refuses } });
  expect(await run(emulated.path, quick, [], radio).fault).toBe(code);
});

test("a clone that does not know a command says so, and is read all the same", async () => {
  const emulated = await reader({ flaky: { refuses: { 3: 0x17 } } });
  const { host } = run(emulated.path);
  await host.when(heardAll);
  expect(host.notices).toEqual([
    { kind: "warning", code: "m100_17", message: expect.stringContaining("command") },
  ]);
});

test("an unplugged module is told", async () => {
  const emulated = await reader();
  const { host, fault } = run(emulated.path);
  await host.when(heardAll);
  await emulated.unplug();
  isStopped(emulated);
  expect(await fault).toBe("reader.closed");
});

test("a port that another process holds is refused, a missing one unreachable", async () => {
  const emulated = await reader();
  const { host } = run(emulated.path);
  await host.when(heardAll);
  expect(await run(emulated.path).fault).toBe("reader.refused");
  expect(await run("/dev/no-such-port").fault).toBe("reader.unreachable");
});

test.each(["", "?baud=9600", "/dev/ttyX?baud=fast", "/dev/ttyX?speed=9600", "/dev/ttyX?baud=1"])(
  "the address %j is a setting to correct",
  async (address) => {
    expect(await run(address).fault).toBe("reader.settings");
  },
);

test("the baud rate in the address is taken", async () => {
  const emulated = await reader();
  await run(`${emulated.path}?baud=57600`).host.when(heardAll);
});

test.each([0, 1, 2, 3, 5, 8])("an abort after %i frames resolves and frees the port", async (frames) => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.path);
  await host.when(() => host.frames() >= frames);
  abort();
  await expect(done).resolves.toBeUndefined();
  await run(emulated.path).host.when(heardAll);
});

test("an abort before anything does nothing", async () => {
  const host = recordingHost();
  await m100Driver({ address: "/dev/no-such-port", antennas: [] }, host, AbortSignal.abort());
  expect(host.phases).toEqual([]);
});

test("a mistake behind a frame ends the line with it, and not the process", async () => {
  const emulated = await reader();
  const mistake = new TypeError("undefined is not a function");
  const host = recordingHost();
  const done = createM100Driver(quick)(
    { address: emulated.path, antennas: [{ port: 1 }] },
    {
      ...host,
      frame: (reads) => {
        if (reads.length > 0) throw mistake;
      },
    },
    new AbortController().signal,
  );
  await expect(done).rejects.toBe(mistake);
});
