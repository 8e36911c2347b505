import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type R700Options, type R700Reader, startR700Reader, type TagSource } from "@tagwire/emulators";
import { expect, test } from "vitest";
import type { DriverSettings } from "./driver.ts";
import { type ImpinjLimits, impinjLimits } from "./impinj/limits.ts";
import { createImpinjDriver } from "./impinj.ts";
import { Inbox } from "./json/inbox.ts";
import type { RecordingHost } from "./recording-host.ts";
import { during, hasHeard, inputsTold, isStopped, runDriver, stopLater, warningsOf } from "./test-driver.ts";

const tags = [
  { epc: "330DE29525C0210005F5F8F2", rssiDbm: -43.5 },
  { epc: "00112233445566778899AABBCCDDEEFF", rssiDbm: -64 },
];
const world: TagSource = { sees: () => tags };
const login = { username: "root", password: "geheim-ä" };

const reader = (options: Partial<R700Options> = {}): Promise<R700Reader> =>
  during(startR700Reader({ world, roundMs: 5, ...options }));

const run = (address: string, settings: Partial<DriverSettings> = {}, limits: Partial<ImpinjLimits> = {}) =>
  runDriver(createImpinjDriver({ ...impinjLimits, ...limits }), { address, ...settings });

const heardAll = hasHeard(tags);
const codes = (host: RecordingHost) => warningsOf(host).map(({ code }) => code);
const isReading = ({ phases }: RecordingHost): boolean => phases.at(-1) === "inventory";

test("a reader is asked who it is, set, started, read and stopped", async () => {
  const startedMs = Date.now();
  const emulated = await reader({ login, flaky: { splits: true } });
  const { host, abort, done } = run(emulated.address, {
    login,
    antennas: [{ port: 2, powerDbm: 25.5 }, { port: 4 }],
    session: 3,
  });
  await host.when(heardAll);
  await host.when(({ reads }) => reads.length > 20);
  abort();
  await done;
  expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
  expect(host.notices.filter(({ kind }) => kind !== "clock")).toEqual([
    { kind: "identified", model: "Impinj R700", firmware: "8.4.1.240", antennas: 0 },
  ]);
  const { presets, activePreset, httpStream } = emulated.settings();
  const own = { rfMode: 1_110, inventorySearchMode: "single-target", estimatedTagPopulation: 64 };
  expect(presets.get("tagwire")).toMatchObject({
    antennaConfigs: [
      { antennaPort: 2, transmitPowerCdbm: 2_550, inventorySession: 3, ...own },
      { antennaPort: 4, transmitPowerCdbm: 2_700, inventorySession: 3, ...own },
    ],
  });
  expect(httpStream).toMatchObject({ keepAliveIntervalSeconds: impinjLimits.keepAliveSeconds });
  expect(activePreset).toBeUndefined();
  expect(emulated.asked().at(-1)).toBe("POST profiles/stop");
  for (const { epc, rssiDbm, antenna, count, heardAtMs } of host.reads) {
    expect(tags).toContainEqual({ epc, rssiDbm });
    expect([2, 4]).toContain(antenna);
    expect(count).toBe(1);
    expect(heardAtMs).toBeGreaterThanOrEqual(startedMs);
    expect(heardAtMs).toBeLessThanOrEqual(Date.now());
  }
  expect(host.malformedReasons).toEqual([]);
});

test("an abort between the order to start and its answer stops what was started", async () => {
  const emulated = await reader();
  const started = Promise.withResolvers<void>();
  const between = createServer((request, response) => {
    const url = new URL(request.url ?? "/", emulated.address);
    const onward = ask(url, { method: request.method, headers: request.headers }, (answer) => {
      if (url.pathname.endsWith("/presets/tagwire/start")) return started.resolve();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((listening) => between.listen(0, "127.0.0.1", listening));
  stopLater(() => {
    between.closeAllConnections();
    between.close();
  });
  const { port } = between.address() as AddressInfo;
  const { abort, done } = run(`http://127.0.0.1:${port}`);
  await started.promise;
  expect(emulated.settings().activePreset).toBe("tagwire");
  abort();
  await done;
  expect(emulated.asked().at(-1)).toBe("POST profiles/stop");
  expect(emulated.settings().activePreset).toBeUndefined();
});

test.each(["hex", "base64", "base64url", "both"] as const)("EPCs in %s are read", async (spelling) => {
  const emulated = await reader({ flaky: { spelling, withoutDefault: true } });
  const { host } = run(emulated.address);
  await host.when(heardAll);
  expect(emulated.settings().presets.get("tagwire")).toMatchObject({
    antennaConfigs: [1, 2, 3, 4].map((antennaPort) => ({ antennaPort, transmitPowerCdbm: 3_000 })),
  });
});

test("a tag of ISO is told as such, since its protocol control word is asked for; its EPC is asked for once", async () => {
  const [ofGs1, ofIso] = tags;
  const sees = () => tags.map((tag) => (tag === ofIso ? { ...tag, isIso: true } : tag));
  const emulated = await reader({ world: { sees } });
  const { host } = run(emulated.address);
  await host.when(heardAll);
  for (const { epc, isIso = false } of host.reads) expect([epc, isIso]).toEqual([epc, epc === ofIso?.epc]);
  expect(host.reads.some(({ epc }) => epc === ofGs1?.epc)).toBe(true);
  const { eventConfig } = emulated.settings().presets.get("tagwire") ?? {};
  expect(eventConfig).toMatchObject({
    tagInventory: { epc: "disabled", epcHex: "enabled", tid: "disabled" },
  });
});

test("an input that somebody listens to is told of when it is broken, and no other", async () => {
  const emulated = await reader({ flaky: { splits: true } });
  const { host, abort, done } = run(emulated.address, { inputs: [2, 3] });
  await host.when(heardAll);
  const beforeMs = Date.now();
  for (const port of [3, 1, 2]) emulated.breakInput(port);
  await host.when((one) => inputsTold(one).length >= 2);
  const soFar = emulated.told();
  await host.when(({ reads }) => reads.length > soFar);
  abort();
  await done;
  expect(inputsTold(host).map(({ port }) => port)).toEqual([3, 2]);
  for (const { atMs } of inputsTold(host)) expect(Math.abs(atMs - beforeMs)).toBeLessThan(1_000);
  expect(warningsOf(host)).toEqual([]);
  expect(host.malformedReasons).toEqual([]);
});

test("lines that nobody can read are told, and every other event is heard", async () => {
  const emulated = await reader({ seed: 7, flaky: { splits: true, garbledPercent: 20 } });
  const { host, abort, done } = run(emulated.address);
  await host.when(({ malformedReasons }) => malformedReasons.length >= 10);
  emulated.say(`${"x".repeat(impinjLimits.lineBytesMax + 1)}\n`);
  await host.when(({ malformedReasons }) => malformedReasons.some((reason) => reason.includes("more than")));
  const soFar = emulated.told();
  await host.when(({ reads }) => reads.length >= soFar);
  abort();
  await done;
});

test("a stream of another protocol ends the connection", async () => {
  const emulated = await reader({ world: { sees: () => [] } });
  const { host, fault } = run(emulated.address, {}, { unreadableMax: 10 });
  await host.when(isReading);
  emulated.say("hello\n".repeat(10));
  expect(await fault).toBe("reader.garbled");
});

test("a stream that is one line without end ends the connection, and nothing of it is kept", async () => {
  const emulated = await reader({ world: { sees: () => [] } });
  const { host, fault } = run(emulated.address, {}, { endlessBytesMax: 256 * 1_024 });
  await host.when(isReading);
  for (let at = 0; at < 8; at += 1) emulated.say("x".repeat(64 * 1_024));
  expect(await fault).toBe("reader.garbled");
});

test.each([
  { what: "no password", settings: {}, code: "reader.login" },
  {
    what: "a wrong password",
    settings: { login: { username: "root", password: "x" } },
    code: "reader.login",
  },
])("$what is told as such", async ({ settings, code }) => {
  const emulated = await reader({ login });
  const { fault } = run(emulated.address, settings);
  expect(await fault).toBe(code);
});

test("no fault, notice or reason holds the password", async () => {
  const emulated = await reader({ login: { ...login, password: "another" } });
  const { host, done } = run(emulated.address, { login });
  const error: unknown = await done.catch((fault: unknown) => fault);
  const basic = Buffer.from(`${login.username}:${login.password}`).toString("base64");
  const shown = [
    String(error),
    String((error as Error).stack),
    JSON.stringify([host.notices, host.malformedReasons]),
  ].join();
  expect(shown).not.toContain(login.password);
  expect(shown).not.toContain(basic);
});

test.each([
  { status: 409, code: "reader.refused" },
  { status: 400, code: "reader.settings" },
  { status: 404, code: "reader.error" },
  { status: 500, code: "reader.error" },
  { status: 301, code: "reader.settings" },
])("an answer of $status is $code", async ({ status, code }) => {
  const emulated = await reader({ flaky: { answers: status } });
  const { fault } = run(emulated.address);
  expect(await fault).toBe(code);
});

test("a power that the reader does not take is told with the reader's words", async () => {
  const emulated = await reader();
  const { done } = run(emulated.address, { antennas: [{ port: 1, powerDbm: 36 }] });
  await expect(done).rejects.toMatchObject({
    code: "reader.settings",
    message: expect.stringContaining("/antennaConfigs/0/transmitPowerCdbm"),
  });
});

test("a region is chosen among those that the reader has", async () => {
  const emulated = await reader({ region: "FCC Part 15.247" });
  const { host } = run(emulated.address, { region: "eu" });
  await host.when(isReading);
  expect(emulated.settings().region).toBe("ETSI EN 302 208 v3.1.1");
  expect(codes(host)).toEqual(["region_changed"]);
});

test("a region that it keeps already is left alone, and one that it lacks is refused", async () => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.address, { region: "eu" });
  await host.when(isReading);
  expect(codes(host)).toEqual([]);
  abort();
  await done;
  expect(emulated.asked()).not.toContain("PUT system/region");
  expect(await run(emulated.address, { region: "cn" }).fault).toBe("reader.region");
});

test("a reader that was set to LLRP is set to this interface", async () => {
  const emulated = await reader({ rfidInterface: "llrp" });
  const { host } = run(emulated.address);
  await host.when(heardAll);
  expect(codes(host)).toEqual(["interface_changed"]);
});

test("a field that stays empty is no fault while the reader says that it lives", async () => {
  let keepAlives = 0;
  const emulated = await reader({ world: { sees: () => [] } });
  const { host } = run(emulated.address, {}, { silenceMs: 5_000 });
  await host.when((told) => {
    keepAlives = told.frames();
    return keepAlives >= 3;
  });
  expect(host.reads).toEqual([]);
});

test("a reader that says nothing any more is silent", async () => {
  const emulated = await reader({ flaky: { silent: true } });
  const { fault } = run(emulated.address, {}, { silenceMs: 50 });
  expect(await fault).toBe("reader.silent");
});

test("older firmware that takes no settings of the stream is read all the same", async () => {
  const emulated = await reader({ flaky: { refusesStreamSettings: true } });
  const { host } = run(emulated.address);
  await host.when(heardAll);
  expect(codes(host)).toEqual(["stream_settings_refused"]);
});

test("an inventory that somebody else stops is a fault, one that was idle before ours is none", async () => {
  const emulated = await reader({ flaky: { keptIdle: true } });
  const { host, fault } = run(emulated.address);
  await host.when(heardAll);
  emulated.stopInventory();
  expect(await fault).toBe("reader.error");
});

test("a connection that is cut is closed, and what the reader tells twice is heard once", async () => {
  let isEmpty = false;
  const emulated = await reader({ world: { sees: () => (isEmpty ? [] : tags) } });
  const inbox = new Inbox();
  const first = run(emulated.address, { inbox });
  await first.host.when(heardAll);
  isEmpty = true;
  emulated.cut();
  expect(await first.fault).toBe("reader.closed");
  const second = run(emulated.address, { inbox });
  await second.host.when(isReading);
  const event = (epcHex: string) =>
    `${JSON.stringify({ timestamp: "2026-05-17T16:03:13.9Z", eventType: "tagInventory", tagInventoryEvent: { epcHex } })}\n`;
  emulated.say(event("AA".repeat(12)));
  emulated.say(event("AA".repeat(12)));
  emulated.say(event("BB".repeat(12)));
  await second.host.when(({ reads }) => reads.some(({ epc }) => epc === "BB".repeat(12)));
  expect(second.host.reads.map(({ epc }) => epc)).toEqual(["AA".repeat(12), "BB".repeat(12)]);
});

test("nobody at the address is unreachable", async () => {
  const emulated = await reader();
  await emulated.stop();
  isStopped(emulated);
  expect(await run(emulated.address).fault).toBe("reader.unreachable");
});

test("an answer without an end is not read to its end", async () => {
  const server = createServer((_request, response) => {
    const more = (): void =>
      void (response.write("x".repeat(64 * 1_024)) ? setImmediate(more) : response.once("drain", more));
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stopLater(() => {
    server.closeAllConnections();
    server.close();
  });
  const { fault } = run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(await fault).toBe("reader.garbled");
});

test("a reader without an address is heard by what it brings", async () => {
  const inbox = new Inbox();
  const { host, abort, done } = run("", { inbox, antennas: [{ port: 3 }] });
  await host.when(isReading);
  const events = [
    {
      timestamp: "2026-05-17T16:03:13.9Z",
      eventType: "tagInventory",
      tagInventoryEvent: { epcHex: "AA".repeat(12) },
    },
    { eventType: "tagInventory", tagInventoryEvent: { epcHex: "A" } },
    {
      timestamp: "2026-05-17T16:03:14Z",
      eventType: "tagInventory",
      tagInventoryEvent: { epcHex: "BB".repeat(12), antennaPort: 1 },
    },
  ];
  expect(await inbox.bring(events)).toEqual({ taken: 2, malformed: 1, repeated: 0 });
  expect(await inbox.bring(events)).toEqual({ taken: 0, malformed: 1, repeated: 2 });
  expect(await inbox.bring([])).toEqual({ taken: 0, malformed: 0, repeated: 0 });
  expect(host.reads.map(({ epc, antenna }) => [epc, antenna])).toEqual([
    ["AA".repeat(12), 3],
    ["BB".repeat(12), 1],
  ]);
  abort();
  await done;
  await expect(inbox.bring(events)).rejects.toMatchObject({ code: "reader.deaf" });
});
