import {
  type MercuryReader,
  type MercuryReaderOptions,
  startMercuryReader,
  type TagSource,
} from "@tagwire/emulators";
import { expect, test } from "vitest";
import type { DriverSettings } from "./driver.ts";
import { type MercuryLimits, mercuryLimits } from "./mercury/limits.ts";
import { createMercuryDriver, mercuryDriver } from "./mercury.ts";
import { type RecordingHost, recordingHost } from "./recording-host.ts";
import { during, hasHeard, isStopped, runDriver, warningsOf } from "./test-driver.ts";

// One that looks like the head of a frame all over, one like a stop, and one of 128 bits.
const tags = [
  { epc: "FF2822000010001B01FFFFFF", rssiDbm: -43 },
  { epc: "E28011606000FF032F000002", rssiDbm: -55 },
  { epc: "00112233445566778899AABBCCDDEEFF", rssiDbm: -64 },
];
const world: TagSource = { sees: (antenna) => (antenna <= 2 ? tags : []) };

const reader = (options: Partial<MercuryReaderOptions> = {}): Promise<MercuryReader> =>
  during(startMercuryReader({ world, antennas: [1, 2], roundMs: 5, beatMs: 20, ...options }));

const quick: MercuryLimits = {
  ...mercuryLimits,
  halfFrameMs: 20,
  heat: { ...mercuryLimits.heat, settleMs: 40, coolForMs: 200 },
};
/** Halves may be far apart on a busy machine; no silence here means that a frame or a read is over. */
const patient: MercuryLimits = { ...mercuryLimits, halfFrameMs: 60_000, silentMs: 60_000 };

/** Each frame that broke costs a silence, and a busy machine makes them longer. */
const flakyTimeoutMs = 60_000;

const run = (address: string, limits: MercuryLimits = quick, settings: Partial<DriverSettings> = {}) =>
  runDriver(createMercuryDriver(limits), { address, ...settings });

const heardAll = hasHeard(tags);
const codes = (host: RecordingHost) => warningsOf(host).map(({ code }) => code);

test("a module is asked, set, read and stopped", async () => {
  const startedMs = Date.now();
  const emulated = await reader({ region: 0 });
  const { host, abort, done } = run(emulated.path, patient, {
    antennas: [
      { port: 1, powerDbm: 18.5 },
      { port: 2, powerDbm: 24 },
    ],
    region: "eu",
    session: 2,
  });
  await host.when(heardAll);
  abort();
  await done;
  expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
  expect(host.bareFrames()).toBe(0);
  expect(host.notices).toContainEqual({
    kind: "identified",
    model: "M6e",
    firmware: "01.21.01.07 (2021-03-15)",
    antennas: 4,
  });
  expect(host.notices.filter(({ kind }) => kind === "antenna")).toEqual(
    [1, 2, 3, 4].map((antenna) => ({ kind: "antenna", antenna, connected: antenna <= 2 })),
  );
  expect(emulated.settings()).toMatchObject({
    region: 8,
    session: 2,
    ports: [1, 2],
    portPowers: { 1: 1850, 2: 2400 },
  });
  expect(emulated.opcodes().at(-1)).toBe(0x2f);
  expect(host.reads.some((read) => "isIso" in read)).toBe(false);
  for (const { epc, rssiDbm, antenna, count, heardAtMs } of host.reads) {
    expect(tags).toContainEqual({ epc, rssiDbm });
    expect([1, 2]).toContain(antenna);
    expect(count).toBe(1);
    expect(heardAtMs).toBeGreaterThanOrEqual(startedMs);
  }
  expect(host.malformedReasons).toEqual([]);
});

test(
  "a line that splits, merges, breaks and cuts loses no good record and invents none",
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
      antennas: [1],
      seed: 3,
      flaky: { splitFrames: true, mergeFrames: true, garbageShare: 0.3, brokenShare: 0.1, cutShare: 0.1 },
    });
    const { host } = run(emulated.path, { ...patient, answerTimeoutMs: 5_000 }, { antennas: [{ port: 1 }] });
    // What looks like the head of a long frame holds the last records back until later beats have filled it.
    await host.when(({ reads }) => roundsLeft < 0 && reads.length >= emulated.stats().wholeRecords);
    const { records, wholeRecords } = emulated.stats();
    expect(records).toBe(120 * tags.length);
    expect(wholeRecords).toBeLessThan(records);
    expect(host.reads).toHaveLength(wholeRecords);
    expect(host.malformedReasons.length).toBeGreaterThan(20);
    for (const { epc, rssiDbm } of host.reads) expect(tags).toContainEqual({ epc, rssiDbm });
  },
  flakyTimeoutMs,
);

test("a TID that is asked for comes with its tag, XPC words are not of the EPC, and a tag of ISO is told as one", async () => {
  const tid = "E2801160600002076A8B0A1C";
  // A bank that is longer than what is asked for.
  const emulated = await reader({ tidOf: () => `${tid}00FF`, flaky: { hasXpc: true, isIso: true } });
  const { host } = run(emulated.path, quick, { asksTid: true });
  await host.when(heardAll);
  for (const read of host.reads) expect(read).toMatchObject({ tid, isIso: true });
  expect(codes(host)).not.toContain("tid_unread");
});

test("a tag whose TID cannot be read is heard without one, and counted; nobody who does not ask is told one", async () => {
  const tidOf = (epc: string) => (epc === tags[0]?.epc ? "E2801160600002076A8B0A1C" : "E2801160");
  const emulated = await reader({ tidOf });
  const asking = run(emulated.path, quick, { asksTid: true });
  await asking.host.when(heardAll);
  await asking.host.when(({ reads }) => reads.length >= 30);
  asking.abort();
  await asking.done;
  for (const { epc, tid } of asking.host.reads)
    expect(tid).toBe(epc === tags[0]?.epc ? "E2801160600002076A8B0A1C" : undefined);
  expect(codes(asking.host).filter((code) => code === "tid_unread").length).toBeGreaterThanOrEqual(2);
  const quiet = run(emulated.path);
  await quiet.host.when(heardAll);
  for (const read of quiet.host.reads) expect(read).not.toHaveProperty("tid");
  expect(codes(quiet.host)).not.toContain("tid_unread");
});

test("without settings it reads where antennas are, and a module that cannot tell at the first port", async () => {
  const telling = await reader();
  await run(telling.path).host.when(heardAll);
  expect(telling.settings().ports).toEqual([1, 2]);
  const mute = await reader({ hardware: 0x30, flaky: { cannotDetect: true } });
  const { host } = run(mute.path);
  await host.when(heardAll);
  expect(mute.settings().ports).toEqual([1]);
  expect(host.notices.filter(({ kind }) => kind === "antenna")).toEqual([]);
});

test("a module that waits in its bootloader is booted", async () => {
  const emulated = await reader({ flaky: { inBootloader: true } });
  await run(emulated.path).host.when(heardAll);
  expect(emulated.opcodes()).toContain(0x04);
});

test("a hot module gets less power until it says no more that it is hot, and its power back when it is cool", async () => {
  const emulated = await reader({ flaky: { hotAboveCentiDbm: 2_500 } });
  const { host } = run(emulated.path, quick, { antennas: [{ port: 1, powerDbm: 30 }] });
  await host.when((told) => codes(told).includes("mercury_cooler"));
  const said = codes(host);
  expect(said[0]).toBe("mercury_0504");
  expect(said).toContain("mercury_hot");
  expect(warningsOf(host)).toContainEqual({
    kind: "warning",
    code: "mercury_hot",
    message: expect.stringMatching(
      /^too hot at 86 °C: .* it reads with (3|6|9|12) dB less power, and no less than \d+ dBm$/,
    ),
  });
  expect(emulated.stats().starts).toBeGreaterThanOrEqual(2);
});

test("an antenna that throws power back is told once, and stops a module that it would break", async () => {
  const protectedOne = await reader({ flaky: { status: 0x505 } });
  const { host } = run(protectedOne.path);
  await host.when(() => host.frames() > 60);
  expect(codes(host)).toEqual(["mercury_0505"]);
  const unprotected = await reader({ hardware: 0x00, flaky: { status: 0x505 } });
  expect(await run(unprotected.path).fault).toBe("reader.antenna");
  expect(unprotected.opcodes().at(-1)).toBe(0x2f);
});

test("a read that has ended by itself is started again", async () => {
  const emulated = await reader({ world: { sees: () => [] }, flaky: { stopsAfterBeats: 2 } });
  run(emulated.path, { ...quick, silentMs: 100 });
  await expect.poll(() => emulated.stats().starts, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
});

test("a module that says nothing at all is silent", async () => {
  const emulated = await reader({ flaky: { silent: true } });
  expect(await run(emulated.path, { ...quick, answerTimeoutMs: 80 }).fault).toBe("reader.silent");
});

test.each([
  {
    what: "more power than it has",
    settings: { antennas: [{ port: 1, powerDbm: 33 }] },
    code: "reader.settings",
  },
  { what: "a port beyond its last", settings: { antennas: [{ port: 5 }] }, code: "reader.settings" },
  { what: "no region at all", options: { region: 0 }, code: "reader.region" },
  {
    what: "a region that it was not made for",
    settings: { region: "us" as const },
    options: { flaky: { refuses: { 151: 0x010b } } },
    code: "reader.region",
  },
  {
    what: "a supply that is too weak",
    options: { flaky: { refuses: { 47: 0x0509 } } },
    code: "reader.voltage",
  },
  { what: "too much heat to start", options: { flaky: { refuses: { 47: 0x0504 } } }, code: "reader.hot" },
])("$what is $code", async ({ settings, options, code }) => {
  const emulated = await reader(options ?? {});
  expect(await run(emulated.path, quick, settings ?? {}).fault).toBe(code);
});

test("an older module that does not know a command is read all the same", async () => {
  const emulated = await reader({ flaky: { refuses: { 12: 0x101, 97: 0x102, 98: 0x105, 154: 0x101 } } });
  await run(emulated.path, quick, { antennas: [{ port: 1, powerDbm: 20 }] }).host.when(heardAll);
  expect(emulated.settings().powerCentiDbm).toBe(2000);
});

test("an unplugged module is told, and one that comes back is read again", async () => {
  const emulated = await reader();
  const { host, fault } = run(emulated.path);
  await host.when(heardAll);
  await emulated.unplug();
  isStopped(emulated);
  expect(await fault).toBe("reader.closed");
  expect(await run(emulated.path).fault).toBe("reader.unreachable");
});

test.each([0, 1, 2, 4, 8, 12])("an abort after %i frames resolves and frees the port", async (frames) => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.path);
  await host.when(() => host.frames() >= frames);
  abort();
  await expect(done).resolves.toBeUndefined();
  await run(emulated.path).host.when(heardAll);
});

test("an abort before anything does nothing", async () => {
  const host = recordingHost();
  await mercuryDriver({ address: "/dev/no-such-port", antennas: [] }, host, AbortSignal.abort());
  expect(host.phases).toEqual([]);
});
