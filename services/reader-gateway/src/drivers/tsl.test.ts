import { startTslReader, type TagSource, type TslReader, type TslReaderOptions } from "@tagwire/emulators";
import { expect, test } from "vitest";
import type { DriverSettings } from "./driver.ts";
import { type RecordingHost, recordingHost } from "./recording-host.ts";
import { during, hasHeard, isStopped, runDriver, warningsOf } from "./test-driver.ts";
import { type TslLimits, tslLimits } from "./tsl/limits.ts";
import { createTslDriver, tslDriver } from "./tsl.ts";

const tags = [
  { epc: "330DE29525C0210005F5F8F2", rssiDbm: -43 },
  { epc: "00112233445566778899AABBCCDDEEFF", rssiDbm: -64 },
];
const world: TagSource = { sees: () => tags };

const reader = (options: Partial<TslReaderOptions> = {}): Promise<TslReader> =>
  during(startTslReader({ world, antenna: 1, roundMs: 5, ...options }));

const run = (address: string, settings: Partial<DriverSettings> = {}, limits: Partial<TslLimits> = {}) =>
  runDriver(createTslDriver({ ...tslLimits, roundEveryMs: 1, ...limits }), { address, ...settings });

const heardAll = hasHeard(tags);
const codes = (host: RecordingHost) => warningsOf(host).map(({ code }) => code);

test.each(["serial", "tcp"] as const)("a reader over %s is asked, set, read and stopped", async (plug) => {
  const startedMs = Date.now();
  const emulated = await reader({ plug, flaky: { splitFrames: true, mergeFrames: true, talkative: true } });
  const { host, abort, done } = run(emulated.address, { antennas: [{ port: 2, powerDbm: 20 }], session: 1 });
  await host.when(heardAll);
  await host.when(({ reads }) => reads.length > 10);
  abort();
  await done;
  expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
  expect(host.bareFrames()).toBe(0);
  expect(host.notices).toEqual([
    { kind: "identified", model: "TSL 1128", firmware: "2.10.3 / 2.4.1", antennas: 1 },
  ]);
  expect(emulated.settings()).toEqual({ powerDbm: 20, session: "s1" });
  expect(emulated.commands().at(-1)).toBe(".ab");
  for (const { epc, rssiDbm, antenna, count, heardAtMs } of host.reads) {
    expect(tags).toContainEqual({ epc, rssiDbm });
    expect({ antenna, count }).toEqual({ antenna: 2, count: 1 });
    expect(heardAtMs).toBeGreaterThanOrEqual(startedMs);
  }
  expect(host.malformedReasons).toEqual([]);
});

test("what the trigger reads is heard too", async () => {
  let isEmpty = true;
  const emulated = await reader({ world: { sees: () => (isEmpty ? [] : tags) }, roundMs: 60_000 });
  const { host } = run(emulated.address, {}, { roundTimeoutMs: 120_000 });
  await host.when(({ phases }) => phases.at(-1) === "inventory");
  isEmpty = false;
  emulated.trigger();
  await host.when(heardAll);
});

test("an empty field is no fault", async () => {
  const emulated = await reader({ world: { sees: () => [] } });
  const { host } = run(emulated.address);
  await expect.poll(emulated.rounds, { timeout: 30_000 }).toBeGreaterThan(5);
  expect({ codes: codes(host), reads: host.reads }).toEqual({ codes: [], reads: [] });
});

test("lines that nobody can read cost only themselves", async () => {
  const emulated = await reader();
  const { host } = run(emulated.address);
  await host.when(heardAll);
  emulated.say("\u0000\u00ffnonsense\r\nEP: 330DE29\r\nOK:\r\n");
  await host.when(({ malformedReasons }) => malformedReasons.length >= 2);
  const before = host.reads.length;
  await host.when(({ reads }) => reads.length > before + 10);
  for (const { epc } of host.reads) expect(tags.map((tag) => tag.epc)).toContain(epc);
});

test("what noise has cut off its beginning gives nothing to the tag before it", async () => {
  const emulated = await reader({ world: { sees: () => [] } });
  const { host } = run(emulated.address);
  await host.when(({ phases }) => phases.at(-1) === "inventory");
  emulated.say(
    "CS: .iv\r\nEP: 330DE29525C0210005F5F8F2\r\n\u00ffP: 00112233445566778899AABB\r\nRI: -20\r\nOK:\r\n\r\n",
  );
  await host.when(({ reads }) => reads.length > 0);
  expect(host.reads).toMatchObject([{ epc: "330DE29525C0210005F5F8F2", rssiDbm: null }]);
});

test("a battery that runs low is told", async () => {
  const emulated = await reader({ batteryPercent: 9 });
  const { host } = run(emulated.address);
  await host.when((told) => codes(told).includes("tsl_battery"));
});

test("an older reader that does not know an option is read all the same", async () => {
  const emulated = await reader({ flaky: { refuses: { ".iv -x": "001", ".bl": "001" } } });
  const { host } = run(emulated.address);
  await host.when(heardAll);
  expect(codes(host)).toEqual(["tsl_options"]);
  expect(host.reads[0]?.rssiDbm).toBeNull();
});

test.each([
  {
    what: "more power than the reader has",
    settings: { antennas: [{ port: 1, powerDbm: 30 }] },
    code: "reader.settings",
  },
  { what: "half a dBm", settings: { antennas: [{ port: 1, powerDbm: 20.5 }] }, code: "reader.settings" },
  { what: "two antennas", settings: { antennas: [{ port: 1 }, { port: 2 }] }, code: "reader.settings" },
  {
    what: "a session on firmware without",
    settings: { session: 3 },
    flaky: { refuses: { ".iv -qs": "001" } },
    code: "reader.settings",
  },
  { what: "an antenna that is not fitted", flaky: { refuses: { ".iv": "008" } }, code: "reader.antenna" },
])("$what is $code", async ({ settings = {}, flaky = {}, code }) => {
  const emulated = await reader({ flaky });
  expect(await run(emulated.address, settings).fault).toBe(code);
});

test("a reader that says nothing at all is silent, and one that ends no round is in error", async () => {
  const mute = await reader({ flaky: { silent: true } });
  expect(await run(mute.address, {}, { answerTimeoutMs: 80 }).fault).toBe("reader.silent");
  const endless = await reader({ flaky: { neverEnds: true } });
  expect(await run(endless.address, {}, { roundTimeoutMs: 300 }).fault).toBe("reader.error");
});

test("a reader that goes away is told", async () => {
  const emulated = await reader();
  const { host, fault } = run(emulated.address);
  await host.when(heardAll);
  await emulated.unplug();
  isStopped(emulated);
  expect(await fault).toBe("reader.closed");
});

test.each([0, 2, 10, 25])("an abort after %i lines resolves and frees the port", async (frames) => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.address);
  await host.when(() => host.frames() >= frames);
  abort();
  await expect(done).resolves.toBeUndefined();
  await run(emulated.address).host.when(heardAll);
});

test("an abort before anything does nothing", async () => {
  const host = recordingHost();
  await tslDriver({ address: "/dev/no-such-port", antennas: [] }, host, AbortSignal.abort());
  expect(host.phases).toEqual([]);
});
