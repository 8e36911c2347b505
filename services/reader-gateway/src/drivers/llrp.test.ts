import { encodeMessage, message, parameter } from "@tagwire/llrp";
import { describe, expect, test } from "vitest";
import {
  bothAntennas,
  countedWorld,
  epcs,
  heardAll,
  reader,
  run,
  sessionsOf,
  strength,
  tallyOf,
  totalOf,
  warnings,
} from "./test-llrp.ts";

const oddEpc = "300102030405060708090A0B";
const reportAt = (microseconds: bigint): Buffer =>
  encodeMessage(
    message({ version: 1, id: 1 }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: [
        parameter("TagReportData", {}, [
          parameter("EPC96", { epc: Uint8Array.from(Buffer.from(oddEpc, "hex")) }),
          parameter("LastSeenTimestampUTC", { microseconds }),
        ]),
      ],
    }),
  );

test("a reader is greeted, set up, read and left as it was found", async () => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.address);
  await host.when((heard) => heardAll(heard) && emulated.requests().includes("GET_ROSPECS"));
  abort();
  await done;

  expect(host.phases).toEqual(["connecting", "configuring", "inventory"]);
  expect(host.bareFrames()).toBe(0);
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

test.each([
  {
    what: "some antennas",
    settings: { ...bothAntennas, session: 2 },
    told: [
      [1, 2],
      [2, 2],
    ],
  },
  { what: "whatever antennas there are", settings: { antennas: [], session: 0 }, told: [[0, 0]] },
  { what: "no antenna, being absent,", settings: bothAntennas, told: [[1]] },
])("a session for $what is what the reader has then, and it reads", async ({ settings, told }) => {
  const emulated = await reader();
  const { host } = run(emulated.address, {}, settings);
  await host.when(heardAll);
  expect(sessionsOf(emulated.roSpecs()[0])).toEqual(told);
});

test("an input that somebody listens to is told of when it is broken, and no other", async () => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.address, {}, { ...bothAntennas, inputs: [2] });
  await host.when(({ phases }) => phases.includes("inventory"));
  const beforeMs = Date.now();
  emulated.breakInput(1);
  emulated.breakInput(2);
  await host.when(({ notices }) => notices.some(({ kind }) => kind === "input"));
  abort();
  await done;
  const inputs = host.notices.flatMap((notice) => (notice.kind === "input" ? [notice] : []));
  expect(inputs.map(({ port }) => port)).toEqual([2]);
  expect(inputs[0]?.atMs).toBeGreaterThan(beforeMs - 1_000);
  expect(warnings(host.notices)).toEqual([]);
});

test("a reader without such an input is read all the same", async () => {
  const emulated = await reader();
  const { host, abort, done } = run(emulated.address, {}, { ...bothAntennas, inputs: [9] });
  await host.when(heardAll);
  abort();
  await done;
  expect(warnings(host.notices)).toEqual(["inputs_refused"]);
});

test("a reader that is asked for TIDs brings them with the tags, and is left without an AccessSpec", async () => {
  const world = countedWorld(200);
  const [unread] = epcs;
  const tidOf = (epc: string) => (epc === unread ? undefined : `E2801160${epc.slice(-16).padStart(16, "0")}`);
  const emulated = await reader({ world, tidOf });
  const { host, abort, done } = run(emulated.address, {}, { ...bothAntennas, asksTid: true });
  await host.when(({ reads }) => new Set(reads.map(({ epc }) => epc)).size > 2);
  abort();
  await done;
  for (const { epc, tid } of host.reads) expect(tid).toBe(tidOf(epc));
  expect(new Set(warnings(host.notices))).toEqual(new Set(["tid_unread"]));
  expect(emulated.requests().filter((name) => name.includes("ACCESSSPEC"))).toEqual([
    "DELETE_ACCESSSPEC",
    "ADD_ACCESSSPEC",
    "ENABLE_ACCESSSPEC",
    "DELETE_ACCESSSPEC",
  ]);
});

test("a reader that reads no memory is read all the same, and one that is not asked brings no TID", async () => {
  const tidOf = () => "E280116020004D9B5A08EC01";
  const unable = await reader({ tidOf, maxAccessSpecs: 0 });
  const asking = run(unable.address, {}, { ...bothAntennas, asksTid: true });
  await asking.host.when(heardAll);
  asking.abort();
  await asking.done;
  expect(warnings(asking.host.notices).slice(0, 1)).toEqual(["tid_refused"]);
  const able = await reader({ tidOf });
  const plain = run(able.address, {}, bothAntennas);
  await plain.host.when(heardAll);
  plain.abort();
  await plain.done;
  expect(able.requests()).not.toContain("ADD_ACCESSSPEC");
  expect([...asking.host.reads, ...plain.host.reads].every(({ tid }) => tid === undefined)).toBe(true);
});

test("a line that splits, merges and spoils, and a reader that leaves out and adds, cost no read and change none", async () => {
  const world = countedWorld(200);
  const emulated = await reader({
    world,
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
  await host.when(() => world.isOver() && totalOf(tallyOf(host)) >= totalOf(world.seen));
  expect(tallyOf(host)).toEqual(world.seen);
  for (const { epc, antenna, rssiDbm } of host.reads) expect(rssiDbm).toBe(strength(epc, antenna));
  expect(host.malformedReasons.length).toBeGreaterThan(10);
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
    const { host } = run(emulated.address, { keepaliveMs: 100 });
    await host.when(({ phases }) => phases.includes("inventory"));
    const before = host.frames();
    await host.when(() => host.frames() >= before + 8);
    // One that is answered late, by a machine that is busy elsewhere, ends nothing: three in a row would.
    expect(emulated.stats()).toMatchObject({ isServing: true, connections: 1 });
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

  test("tags without an EPC are told, and delivered for the ledger to count", async () => {
    const emulated = await reader({ world: { sees: () => [{ epc: "", rssiDbm: -50 }] } });
    const { host } = run(emulated.address);
    await host.when(({ reads }) => reads.length > 9);
    expect(new Set(host.reads.map(({ epc }) => epc))).toEqual(new Set([""]));
    expect(warnings(host.notices)).toEqual(["tag_blank", "tag_blank"]);
  });

  test("impossible times cost nothing but themselves", async () => {
    const startedMs = Date.now();
    const emulated = await reader();
    const { host } = run(emulated.address);
    await host.when(heardAll);
    for (const microseconds of [0n, 0xffff_ffff_ffff_ffffn, 1n << 63n])
      emulated.sendRaw(reportAt(microseconds));
    const odd = () => host.reads.filter(({ epc }) => epc === oddEpc);
    await host.when(() => odd().length === 3);
    const before = host.reads.length;
    await host.when(({ reads }) => reads.length > before + 20);
    for (const { heardAtMs } of host.reads) {
      expect(heardAtMs).toBeGreaterThanOrEqual(startedMs - 1);
      expect(heardAtMs).toBeLessThanOrEqual(Date.now());
    }
    expect(warnings(host.notices)).toEqual(["clock_unbelievable"]);
  });
});
