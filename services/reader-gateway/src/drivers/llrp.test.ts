import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type LlrpReader, type LlrpReaderOptions, startLlrpReader, type TagSource } from "@tagwire/emulators";
import { Fault } from "@tagwire/messages";
import { afterEach, describe, expect, test } from "vitest";
import type { DriverSettings, ReaderNotice } from "./driver.ts";
import { type LlrpLimits, llrpLimits } from "./llrp/limits.ts";
import { createLlrpDriver, llrpDriver } from "./llrp.ts";
import { type RecordingHost, recordingHost } from "./recording-host.ts";

const epcs = [
  "30751FEB705C5904E3D50D70",
  "E28011606000020000000001",
  "00112233445566778899AABBCCDDEEFF",
  "ABCDE",
];

/** Each tag has a strength of its own on each antenna, so that a value carried over wrongly is seen. */
const strength = (epc: string, antenna: number): number => -40 - antenna - 5 * epcs.indexOf(epc);
const world: TagSource = {
  sees: (antenna) => (antenna > 2 ? [] : epcs.map((epc) => ({ epc, rssiDbm: strength(epc, antenna) }))),
};

const stops: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const reader = async (options: Partial<LlrpReaderOptions> = {}): Promise<LlrpReader> => {
  const started = await startLlrpReader({ world, roundMs: 5, ...options });
  stops.push(started.stop);
  return started;
};

const bothAntennas: Pick<DriverSettings, "antennas"> = {
  antennas: [{ port: 1, powerDbm: 27.1 }, { port: 2 }],
};

type Run = {
  readonly host: RecordingHost;
  readonly abort: () => void;
  readonly done: Promise<void>;
  /** The code of the fault it ended with. */
  readonly fault: Promise<string>;
};

const run = (address: string, limits: Partial<LlrpLimits> = {}, settings = bothAntennas): Run => {
  const host = recordingHost();
  const controller = new AbortController();
  const driver = createLlrpDriver({ ...llrpLimits, ...limits });
  const done = driver({ address, ...settings }, host, controller.signal);
  const fault = done.then(
    () => "no fault",
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );
  stops.push(async () => {
    controller.abort();
    await fault;
  });
  return { host, abort: () => controller.abort(), done, fault };
};

/** A reader may need a moment to see that its client has gone; until then it refuses the next one. */
const servedAgain = async (address: string): Promise<void> => {
  const { host, fault } = run(address);
  const outcome = await Promise.race([host.when(heardAll), fault]);
  if (outcome === undefined) return;
  expect(outcome).toBe("reader.refused");
  await servedAgain(address);
};

const heardAll = (host: RecordingHost): boolean =>
  new Set(host.reads.map(({ epc, antenna }) => `${epc}/${antenna}`)).size === 2 * epcs.length;

const warnings = (notices: readonly ReaderNotice[]): string[] =>
  notices.flatMap((notice) => (notice.kind === "warning" ? [notice.code] : []));

test("a reader is greeted, set up, read and left as it was found", async () => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.address);
  await host.when((heard) => heardAll(heard) && emulated.requests().includes("GET_ROSPECS"));
  abort();
  await done;

  expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
  expect(host.notices).toContainEqual({
    kind: "identified",
    firmware: "emulator 1.0",
    model: "maker 4242 1001",
    antennas: 4,
  });
  expect(host.notices).toContainEqual({ kind: "antenna", antenna: 2, connected: true });
  for (const { epc, antenna, rssiDbm, count } of host.reads) {
    expect({ epc, antenna, rssiDbm }).toEqual({ epc, antenna, rssiDbm: strength(epc, antenna) });
    expect(count).toBeGreaterThan(0);
  }
  expect(emulated.requests()).toEqual([
    "GET_READER_CAPABILITIES",
    "GET_SUPPORTED_VERSION",
    "SET_PROTOCOL_VERSION",
    "GET_READER_CONFIG",
    "ENABLE_EVENTS_AND_REPORTS",
    "SET_READER_CONFIG",
    "DELETE_ACCESSSPEC",
    "DELETE_ROSPEC",
    "ADD_ROSPEC",
    "ENABLE_ROSPEC",
    "GET_ROSPECS",
    "STOP_ROSPEC",
    "DELETE_ROSPEC",
    "CLOSE_CONNECTION",
  ]);
  expect(host.malformedReasons).toEqual([]);
});

test("a line that splits, merges and spoils, and a reader that leaves out and adds, change no read", async () => {
  const emulated = await reader({
    seed: 7,
    flaky: {
      splitFrames: true,
      mergeFrames: true,
      garbageShare: 0.2,
      omitOptional: true,
      customEverywhere: true,
    },
  });
  const { host } = run(emulated.address);
  await host.when(() => host.reads.length > 400 && heardAll(host) && host.malformedReasons.length > 0);
  for (const { epc, antenna, rssiDbm } of host.reads) {
    expect(epcs).toContain(epc);
    expect(rssiDbm).toBe(strength(epc, antenna));
  }
});

test.each([
  { what: "an hour ahead", flaky: { clockSkewMs: 3_600_000 } },
  { what: "a day behind", flaky: { clockSkewMs: -86_400_000 } },
  { what: "only counting since power-up", flaky: { uptimeOnly: true } },
])("a reader's clock $what is corrected by when its messages arrive", async ({ flaky }) => {
  const startedMs = Date.now();
  const emulated = await reader({ flaky });
  const { host } = run(emulated.address);
  await host.when(heardAll);
  const endedMs = Date.now();
  for (const { heardAtMs } of host.reads) {
    expect(heardAtMs).toBeGreaterThanOrEqual(startedMs - 1);
    expect(heardAtMs).toBeLessThanOrEqual(endedMs);
  }
});

describe("a reader that does not serve", () => {
  test("nothing listens there", async () => {
    const emulated = await reader();
    await emulated.stop();
    stops.pop();
    expect(await run(emulated.address).fault).toBe("reader.unreachable");
  });

  test("it accepts and says nothing", async () => {
    const emulated = await reader({ flaky: { silent: true } });
    expect(await run(emulated.address, { greetingTimeoutMs: 50 }).fault).toBe("reader.silent");
  });

  test("it serves another client, who is told", async () => {
    const emulated = await reader();
    const first = run(emulated.address);
    await first.host.when(heardAll);
    expect(await run(emulated.address).fault).toBe("reader.refused");
    await first.host.when(({ notices }) => warnings(notices).includes("another_client"));
  });

  test.each([1, 2, 3])("it refuses with status %i", async (refuses) => {
    const emulated = await reader({ flaky: { refuses } });
    expect(await run(emulated.address).fault).toBe("reader.refused");
  });

  test.each([
    {
      what: "a greeting of another protocol",
      says: "SSH-2.0-OpenSSH_9.6\r\n",
      limits: { greetingTimeoutMs: 100 },
      code: "reader.garbled",
    },
    { what: "endless garbage", says: "~".repeat(300_000), limits: {}, code: "reader.garbled" },
    { what: "an end at once", says: "", limits: {}, code: "reader.closed" },
  ])("$what", async ({ says, limits, code }) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on("error", () => {}));
      if (says === "") socket.end();
      else socket.write(says);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    stops.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    expect(await run(`127.0.0.1:${port}`, limits).fault).toBe(code);
  });
});

describe("a reader that says no", () => {
  test.each([
    { name: "ADD_ROSPEC", status: 100, code: "reader.settings" },
    { name: "ADD_ROSPEC", status: 401, code: "reader.error" },
    { name: "SET_READER_CONFIG", status: 101, code: "reader.settings" },
    { name: "GET_READER_CAPABILITIES", status: 401, code: "reader.error" },
    { name: "DELETE_ROSPEC", status: 401, code: "reader.error" },
    { name: "ENABLE_ROSPEC", status: 101, code: "reader.error" },
  ] as const)("$name with status $status ends in $code", async ({ name, status, code }) => {
    const emulated = await reader({ flaky: { answers: { [name]: status } } });
    const { fault, done } = run(emulated.address);
    expect(await fault).toBe(code);
    await expect(done).rejects.toThrow(`${name}: ${status === 401 ? "R_DeviceError" : "M_"}`);
    expect(emulated.requests().at(-1)).toBe("CLOSE_CONNECTION");
  });

  test("no AccessSpecs to delete is only worth a warning", async () => {
    const emulated = await reader({ flaky: { answers: { DELETE_ACCESSSPEC: 109 } } });
    const { host } = run(emulated.address);
    await host.when(heardAll);
    expect(warnings(host.notices)).toEqual(["access_specs_kept"]);
  });

  test("no answer at all is silence", async () => {
    const emulated = await reader({ flaky: { ignores: ["SET_READER_CONFIG"] } });
    expect(await run(emulated.address, { answerTimeoutMs: 50 }).fault).toBe("reader.silent");
  });

  test("a reader that does not tell what it is, or what it does, is read all the same", async () => {
    const emulated = await reader({ flaky: { ignores: ["GET_READER_CAPABILITIES", "GET_ROSPECS"] } });
    const { host } = run(
      emulated.address,
      { answerTimeoutMs: 300 },
      { antennas: [{ port: 1 }, { port: 2 }] },
    );
    await host.when(heardAll);
    expect(warnings(host.notices)).toEqual(["capabilities_unknown"]);
  });

  test("a reader that numbers its answers by itself is understood", async () => {
    const emulated = await reader({ flaky: { ownIds: true } });
    await run(emulated.address).host.when(heardAll);
  });

  test("1.0.1 readers are not asked for more", async () => {
    const old = await reader({ flaky: { onlyVersion1: true } });
    await run(old.address).host.when(heardAll);
    expect(old.requests()).not.toContain("GET_SUPPORTED_VERSION");
  });

  test.each([
    { what: "refuses to speak of versions", flaky: { answers: { GET_SUPPORTED_VERSION: 109 } } },
    { what: "does not answer to it", flaky: { ignores: ["GET_SUPPORTED_VERSION"] } },
    { what: "refuses the version it has", flaky: { answers: { SET_PROTOCOL_VERSION: 110 } } },
  ] as const)("a reader of 1.1 that $what is spoken to in 1.0.1", async ({ flaky }) => {
    const emulated = await reader({ flaky });
    await run(emulated.address, { questionTimeoutMs: 500 }).host.when(heardAll);
    expect(emulated.requests()).toContain("GET_SUPPORTED_VERSION");
  });

  test.each([
    { what: "an antenna it does not have", antennas: [{ port: 5 }] },
    { what: "less power than it can", antennas: [{ port: 1, powerDbm: 5 }] },
  ])("$what is a setting to correct", async ({ antennas }) => {
    const emulated = await reader();
    expect(await run(emulated.address, {}, { antennas }).fault).toBe("reader.settings");
  });

  test.each(["", "host:0", "host:99999", "a b", "[::1"])(
    "the address %j is a setting to correct",
    async (address) => {
      expect(await run(address).fault).toBe("reader.settings");
    },
  );
});

describe("while reading", () => {
  test("a cut connection is told", async () => {
    const emulated = await reader();
    const { host, fault } = run(emulated.address);
    await host.when(heardAll);
    emulated.dropConnections();
    expect(await fault).toBe("reader.closed");
  });

  test("silence beyond the keepalives is told", async () => {
    const emulated = await reader();
    const { host, fault } = run(emulated.address, { keepaliveMs: 100 });
    await host.when(heardAll);
    emulated.stall();
    expect(await fault).toBe("reader.silent");
  });

  test("keepalives alone keep a connection with an empty field", async () => {
    const emulated = await reader({ world: { sees: () => [] } });
    const { host } = run(emulated.address, { keepaliveMs: 30 });
    await host.when(({ phases }) => phases.includes("inventory"));
    const before = host.frames();
    await host.when(() => host.frames() >= before + 8);
    expect(emulated.stats()).toMatchObject({ isServing: true, keepalivesMissed: 0 });
  });

  test("an ROSpec that ends by itself is started again", async () => {
    const emulated = await reader();
    const { host } = run(emulated.address);
    await host.when(heardAll);
    emulated.endRoSpecs();
    const before = host.reads.length;
    await host.when(({ reads }) => reads.length > before + 20);
    expect(emulated.requests()).toContain("START_ROSPEC");
  });

  test("an ROSpec that keeps ending is an error", async () => {
    const emulated = await reader();
    const { host, fault } = run(emulated.address, { restartsMax: 2 });
    await host.when(heardAll);
    for (let times = 0; times < 3; times += 1) {
      const before = host.reads.length;
      emulated.endRoSpecs();
      if (times < 2) await host.when(({ reads }) => reads.length > before + 20);
    }
    expect(await fault).toBe("reader.error");
  });

  test("antennas, exceptions and full buffers are told", async () => {
    const emulated = await reader();
    const { host } = run(emulated.address);
    await host.when(heardAll);
    emulated.plugAntenna(2, false);
    emulated.raiseException("too hot");
    emulated.warnBuffer(85);
    await host.when(({ notices }) => warnings(notices).includes("buffer_filling"));
    expect(host.notices).toContainEqual({ kind: "antenna", antenna: 2, connected: false });
    expect(host.notices).toContainEqual({ kind: "warning", code: "reader_exception", message: "too hot" });
  });

  test("a message of 0xFFFFFFFF bytes costs itself and nothing else", async () => {
    const emulated = await reader();
    const { host } = run(emulated.address);
    await host.when(heardAll);
    emulated.sendRaw(Buffer.from("043dffffffff00000001", "hex"));
    const before = host.reads.length;
    await host.when(
      ({ reads, malformedReasons }) => malformedReasons.length > 0 && reads.length > before + 20,
    );
    expect(host.malformedReasons[0]).toContain("length 4294967295");
  });

  test("tags without an EPC are told once and not delivered", async () => {
    const emulated = await reader({ world: { sees: () => [{ epc: "", rssiDbm: -50 }] } });
    const { host } = run(emulated.address);
    await host.when(() => emulated.stats().tags > 20);
    expect(host.reads).toEqual([]);
    expect(warnings(host.notices)).toEqual(["tag_blank"]);
  });
});

describe("an abort", () => {
  test("before anything does nothing", async () => {
    const host = recordingHost();
    await llrpDriver({ address: "127.0.0.1", antennas: [] }, host, AbortSignal.abort());
    expect(host.phases).toEqual([]);
  });

  test.each(Array.from({ length: 16 }, (_, frames) => frames))(
    "after %i frames resolves and frees the reader",
    async (frames) => {
      const emulated = await reader();
      const { host, abort, done } = run(emulated.address);
      await host.when(() => host.frames() >= frames);
      abort();
      await expect(done).resolves.toBeUndefined();
      await servedAgain(emulated.address);
    },
  );

  test("of a reader that no longer answers is bounded", async () => {
    const emulated = await reader();
    const { host, abort, done } = run(emulated.address, { goodbyeTimeoutMs: 50 });
    await host.when(heardAll);
    emulated.stall();
    abort();
    await expect(done).resolves.toBeUndefined();
  });
});
