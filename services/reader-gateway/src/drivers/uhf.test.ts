import { startUhfReader, type TagSource, type UhfReader, type UhfReaderOptions } from "@tagwire/emulators";
import { describe, expect, test } from "vitest";
import type { DriverSettings } from "./driver.ts";
import { recordingHost } from "./recording-host.ts";
import { during, hasHeard, isStopped, runDriver, warningsOf } from "./test-driver.ts";
import { type UhfLimits, uhfLimits } from "./uhf/limits.ts";
import { uhf18, uhf288 } from "./uhf/setup.ts";
import { createUhfDriver, uhf288Driver } from "./uhf.ts";

// One that looks like the beginning of an answer, one of 128 bits, and one more than a frame takes.
const tags = [
  { epc: "15000103010105000103EE00", rssiDbm: -43 },
  { epc: "00112233445566778899AABBCCDDEEFF", rssiDbm: -64 },
  { epc: "E28011606000020000007EBB", rssiDbm: -55 },
  { epc: "3034257BF7194E4000001A85", rssiDbm: -60 },
];
const world: TagSource = { sees: (antenna) => (antenna <= 2 ? tags : []) };

const reader = (options: Partial<UhfReaderOptions> = {}): Promise<UhfReader> =>
  during(startUhfReader({ family: 288, world, antennas: [1, 2], roundMs: 5, ...options }));

const quick: UhfLimits = { ...uhfLimits, halfFrameMs: 20, roundGraceMs: 0, antennaRetryMs: 60_000 };
/** Halves may be far apart on a busy machine; no silence here means that a frame or a round is over. */
const patient: UhfLimits = {
  ...uhfLimits,
  halfFrameMs: 60_000,
  roundGraceMs: 60_000,
  antennaRetryMs: 60_000,
};

type Run = {
  readonly family?: 18 | 288;
  readonly limits?: UhfLimits;
  readonly settings?: Partial<DriverSettings>;
};

/** Each frame that broke costs a silence, and a busy machine makes them longer. */
const flakyTimeoutMs = 60_000;

const run = (address: string, { family = 288, limits = quick, settings = {} }: Run = {}) =>
  runDriver(createUhfDriver(family === 18 ? uhf18 : uhf288, limits), { address, ...settings });

const heardAll = hasHeard(tags);

describe.each([
  { family: 18 as const, plug: "serial" as const },
  { family: 288 as const, plug: "serial" as const },
  { family: 288 as const, plug: "tcp" as const },
])("a UHFReader$family over $plug", ({ family, plug }) => {
  test("is asked, set and read", async () => {
    const startedMs = Date.now();
    const emulated = await reader({ family, plug });
    const settings = { antennas: [{ port: 1, powerDbm: 22 }], region: "us" as const };
    const { host, abort, done } = run(emulated.address, { family, limits: patient, settings });
    await host.when(heardAll);
    abort();
    await done;
    expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
    expect(host.notices[0]).toEqual({
      kind: "identified",
      model: `UHFReader${family}`,
      firmware: "3.22",
      antennas: family === 18 ? 1 : 4,
    });
    expect(emulated.settings()).toMatchObject({ powerDbm: 22, channels: [0x31, 0x80] });
    for (const { epc, rssiDbm, rssiRaw, antenna, count, heardAtMs } of host.reads) {
      const tag = tags.find((one) => one.epc === epc);
      expect(rssiRaw).toBe(family === 18 ? undefined : ((tag?.rssiDbm ?? 0) + 200) & 255);
      expect({ rssiDbm, antenna, count }).toEqual({ rssiDbm: null, antenna: 1, count: 1 });
      expect(heardAtMs).toBeGreaterThanOrEqual(startedMs);
    }
    expect(host.malformedReasons).toEqual([]);
  });

  test("that goes away is told", async () => {
    const emulated = await reader({ family, plug });
    const { host, fault } = run(emulated.address, { family });
    await host.when(heardAll);
    await emulated.unplug();
    isStopped(emulated);
    expect(await fault).toBe("reader.closed");
    expect(await run(emulated.address, { family }).fault).toBe("reader.unreachable");
  });

  test.each([0, 1, 3, 6])("is let go after %i frames", async (frames) => {
    const emulated = await reader({ family, plug });
    const { host, abort, done } = run(emulated.address, { family });
    await host.when(() => host.frames() >= frames);
    abort();
    await expect(done).resolves.toBeUndefined();
    await run(emulated.address, { family }).host.when(heardAll);
  });
});

test(
  "a line that splits, merges, breaks and cuts loses no good frame and invents none",
  async () => {
    let roundsLeft = 25;
    const ending: TagSource = {
      sees: () => {
        roundsLeft -= 1;
        return roundsLeft >= 0 ? tags : [];
      },
    };
    const emulated = await reader({
      world: ending,
      seed: 5,
      flaky: { splitFrames: true, mergeFrames: true, brokenShare: 0.1, cutShare: 0.1, garbageShare: 0.3 },
    });
    const limits = { ...patient, halfFrameMs: 500, roundGraceMs: 700 };
    const { host } = run(emulated.address, { limits, settings: { antennas: [{ port: 1 }] } });
    await host.when(({ reads }) => roundsLeft < 0 && reads.length >= emulated.stats().wholeTags);
    const { tags: said, wholeTags } = emulated.stats();
    expect(said).toBe(25 * tags.length);
    expect(wholeTags).toBeLessThan(said);
    expect(host.reads).toHaveLength(wholeTags);
    expect(host.malformedReasons.length).toBeGreaterThan(5);
    for (const { epc } of host.reads) expect(tags.map((tag) => tag.epc)).toContain(epc);
  },
  flakyTimeoutMs,
);

test("antennas are read in turn, and one that is not there is told", async () => {
  const emulated = await reader();
  const { host } = run(emulated.address);
  await host.when(({ notices }) => notices.filter(({ kind }) => kind === "antenna").length > 8);
  expect(host.bareFrames()).toBe(0);
  const connected = new Map(
    host.notices.flatMap((notice) => (notice.kind === "antenna" ? [[notice.antenna, notice.connected]] : [])),
  );
  expect(connected).toEqual(
    new Map([
      [1, true],
      [2, true],
      [3, false],
      [4, false],
    ]),
  );
  expect(new Set(host.reads.map(({ antenna }) => antenna))).toEqual(new Set([1, 2]));
});

test.each([18, 288] as const)(
  "when there is no antenna at all, a UHFReader%d says so too, whether any was set or not",
  async (family) => {
    const emulated = await reader({ family, antennas: [] });
    const { host, fault } = run(emulated.address, { family });
    expect(await fault).toBe("reader.antenna");
    expect(host.reads).toEqual([]);
  },
);

test("when none of the antennas that were set is there, the reader says so", async () => {
  const emulated = await reader({ antennas: [1] });
  expect(await run(emulated.address, { settings: { antennas: [{ port: 4 }] } }).fault).toBe("reader.antenna");
});

const tid = "E2801160600002076A8B0A1C";

test("the session goes with each round, and tags are asked for their TID where it is wanted, and only there", async () => {
  const emulated = await reader({ tidOf: () => tid });
  const asking = run(emulated.address, { settings: { session: 2, asksTid: true } });
  await asking.host.when(heardAll);
  expect(emulated.settings().session).toBe(2);
  for (const read of asking.host.reads) expect(read).toMatchObject({ tid });
  expect(warningsOf(asking.host)).toEqual([]);
  asking.abort();
  await asking.done;
  const quiet = run(emulated.address);
  await quiet.host.when(heardAll);
  for (const read of quiet.host.reads) expect(read).not.toHaveProperty("tid");
  expect(warningsOf(quiet.host)).toEqual([]);
});

test("chips that tell no TID are counted, and a reader that does not take the order goes on without it", async () => {
  const mixed = await reader({ tidOf: (epc) => (epc === tags[0]?.epc ? tid : undefined) });
  const some = run(mixed.address, { settings: { asksTid: true } });
  await some.host.when(heardAll);
  expect(warningsOf(some.host)[0]).toMatchObject({ code: "tid_unread" });
  const refusing = await reader({ tidOf: () => tid, flaky: { refusesFastId: true } });
  const { host } = run(refusing.address, { settings: { asksTid: true } });
  await host.when(heardAll);
  const refused = warningsOf(host).filter(({ code }) => code === "tid_refused");
  expect(refused).toHaveLength(1);
  for (const read of host.reads) expect(read).not.toHaveProperty("tid");
});

test.each([
  { what: "never says that a round is over", flaky: { neverDone: true } },
  { what: "tells statistics", flaky: { statistics: true } },
  { what: "was left in its active mode", flaky: { active: true } },
  { what: "stays in its active mode", flaky: { staysActive: true } },
  { what: "knows no modes and no scan time", flaky: { refuses: { 118: 0xfe, 37: 0xff } } },
])("a reader that $what is read", async ({ flaky }) => {
  const emulated = await reader({ flaky });
  const { host } = run(emulated.address);
  await host.when(heardAll);
  await host.when(({ reads }) => reads.length > 6 * tags.length);
  expect(host.malformedReasons).toEqual([]);
});

test("an active reader is taken out of its mode", async () => {
  const emulated = await reader({ flaky: { active: true } });
  await run(emulated.address).host.when(heardAll);
  await expect.poll(() => emulated.stats().rounds, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(emulated.settings().isActive).toBe(false);
});

test("an empty field is no fault and no warning", async () => {
  for (const family of [18, 288] as const) {
    const emulated = await reader({ family, world: { sees: () => [] } });
    const { host } = run(emulated.address, { family });
    await expect.poll(() => emulated.stats().rounds, { timeout: 30_000 }).toBeGreaterThan(5);
    expect(warningsOf(host)).toEqual([]);
    expect(host.reads).toEqual([]);
  }
});

test("a reader that fails round after round is told once", async () => {
  const emulated = await reader({ flaky: { refuses: { 1: 0xf9 } } });
  const { host } = run(emulated.address);
  await host.when(() => host.frames() > 20);
  expect(warningsOf(host)).toEqual([
    { kind: "warning", code: "uhf_F9", message: expect.stringContaining("could not run") },
  ]);
});

test("a reader that says nothing at all is silent", async () => {
  const emulated = await reader({ flaky: { silent: true } });
  expect(await run(emulated.address, { limits: { ...quick, answerTimeoutMs: 80 } }).fault).toBe(
    "reader.silent",
  );
});

test.each([
  { what: "more power than there is", antennas: [{ port: 1, powerDbm: 34 }] },
  { what: "more power than the reader has", antennas: [{ port: 1, powerDbm: 32 }] },
  { what: "half a dBm", antennas: [{ port: 1, powerDbm: 20.5 }] },
  {
    what: "two powers",
    antennas: [
      { port: 1, powerDbm: 20 },
      { port: 2, powerDbm: 21 },
    ],
  },
  { what: "a fifth antenna", antennas: [{ port: 5 }] },
])("$what is a setting to correct", async ({ antennas }) => {
  const emulated = await reader();
  expect(await run(emulated.address, { settings: { antennas } }).fault).toBe("reader.settings");
});

test("a region that the reader does not take is told as such", async () => {
  const emulated = await reader({ flaky: { refuses: { 34: 0xff } } });
  expect(await run(emulated.address, { settings: { region: "us" } }).fault).toBe("reader.region");
});

test("a reader of the other family is not read with this one's eyes", async () => {
  const emulated = await reader({ family: 288 });
  expect(await run(emulated.address, { family: 18 }).fault).toBe("reader.settings");
});

test("nobody at the network address is unreachable", async () => {
  const emulated = await reader({ plug: "tcp" });
  await emulated.stop();
  isStopped(emulated);
  expect(await run(emulated.address).fault).toBe("reader.unreachable");
});

test("an abort before anything does nothing", async () => {
  const host = recordingHost();
  await uhf288Driver({ address: "/dev/no-such-port", antennas: [] }, host, AbortSignal.abort());
  expect(host.phases).toEqual([]);
});
