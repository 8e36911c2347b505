import { getEventListeners } from "node:events";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { encodeMessage, message, type Parameter, parameter } from "@tagwire/llrp";
import { Fault } from "@tagwire/messages";
import { eventually, quietLog } from "@tagwire/testing";
import { describe, expect, test } from "vitest";
import type { Driver, DriverHost } from "../drivers/driver.ts";
import { createLlrpDriver, llrpDriver } from "../drivers/llrp.ts";
import { recordingHost } from "../drivers/recording-host.ts";
import { holdConnection } from "./connection.ts";
import { everyDriver, scriptedDrivers, tagRead } from "./scripted-driver.ts";
import { lifeOf } from "./test-life.ts";

const settings = { address: "127.0.0.1", antennas: [] };
const log = quietLog();
const mistake = new TypeError("undefined is not a function");
const thrower = () => {
  throw mistake;
};

describe("a connection", () => {
  test.each([
    { what: "a phase", tell: (host: DriverHost) => host.phase("inventory") },
    { what: "a frame", tell: (host: DriverHost) => host.frame([tagRead("AA")]) },
    { what: "bytes that are no frame", tell: (host: DriverHost) => host.malformed("x", new Uint8Array(1)) },
    {
      what: "a notice",
      tell: (host: DriverHost) => host.notice({ kind: "warning", code: "x", message: "y" }),
    },
  ])("ends with the mistake that shows behind $what, and throws nothing at its driver", async ({ tell }) => {
    const { drivers, connections } = scriptedDrivers({ begin: () => {} });
    const host = { phase: thrower, frame: thrower, malformed: thrower, notice: thrower };
    const { signal } = new AbortController();
    const held = holdConnection({ drive: drivers.llrp, settings, host, log }, signal);
    const connection = connections[0];
    expect(() => connection && tell(connection.host)).not.toThrow();
    await expect(held).rejects.toBe(mistake);
    expect(connection?.signal.aborted).toBe(true);
    expect(signal.aborted).toBe(false);
  });

  test("ends with the mistake also when it shows before the driver has begun, or makes the driver fail", async () => {
    const drive: Driver = async (_settings, host, signal) => {
      host.phase("connecting");
      if (signal.aborted) throw new Fault("reader.closed", "");
    };
    const host = { ...recordingHost(), phase: thrower };
    await expect(holdConnection({ drive, settings, host, log }, new AbortController().signal)).rejects.toBe(
      mistake,
    );
  });

  test("leaves no listener behind, however it ends", async () => {
    const { signal } = new AbortController();
    const { drivers, connections } = scriptedDrivers({ deaf: true, begin: () => {} });
    const hold = () => holdConnection({ drive: drivers.llrp, settings, host: recordingHost(), log }, signal);
    for (let times = 0; times < 20; times += 1) {
      const held = hold();
      expect(getEventListeners(signal, "abort")).toHaveLength(1);
      if (times % 2 === 0) connections.at(-1)?.fail(new Fault("reader.closed", "cut"));
      else connections.at(-1)?.end();
      await expect(held).rejects.toMatchObject({ code: "reader.closed" });
    }
    const signals = [signal, ...connections.map((connection) => connection.signal)];
    expect(signals.flatMap((one) => getEventListeners(one, "abort"))).toEqual([]);
  });
});

test("a mistake behind a frame is this reader's fault until it is tried again, and no other's", async () => {
  const scripted = scriptedDrivers();
  let isBroken = true;
  const { life } = lifeOf(scripted.drivers, {
    backoff: { firstMs: 600_000, maxMs: 600_000, resetAfterMs: 1 },
    keep: () => {
      if (isBroken) throw mistake;
    },
  });
  const other = scriptedDrivers();
  const { life: bystander, kept } = lifeOf(other.drivers);
  life.start();
  bystander.start();
  scripted.connections[0]?.host.frame([tagRead("AA")]);
  await eventually("backoff", () => life.phase() === "backoff");
  expect(life.view(0).fault).toMatchObject({ code: "reader.error", message: "the driver failed" });
  other.connections[0]?.host.frame([tagRead("BB")]);
  expect(kept).toHaveLength(1);
  expect(other.connections).toHaveLength(1);
  isBroken = false;
  await life.restart();
  expect(life.view(0)).toMatchObject({ status: "inventory", fault: null });
  await life.stop();
  await bystander.stop();
});

test.each([Number.NaN, -1.8e16, 8.7e15, 0])(
  "a driver that says a tag was heard at %d ends nothing, and the tag was heard now",
  async (heardAtMs) => {
    const { drivers, connections } = scriptedDrivers();
    const { life, kept } = lifeOf(drivers);
    life.start();
    const beforeMs = Date.now();
    connections[0]?.host.frame([tagRead("AA", { heardAtMs }), tagRead("BB")]);
    expect(kept.map(({ tag: heard }) => heard)).toEqual(["AA", "BB"]);
    expect(Date.parse(kept[0]?.firstHeardAt ?? "")).toBeGreaterThanOrEqual(beforeMs);
    expect(Date.parse(kept[0]?.lastHeardAt ?? "")).toBeLessThanOrEqual(Date.now());
    expect(life.connections()).toBe(1);
    await life.stop();
  },
);

const tag = (last: number): Parameter =>
  parameter("EPC96", { epc: Uint8Array.from([0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]) });
const reportOf = (stamps: readonly bigint[]): Buffer =>
  encodeMessage(
    message({ version: 1, id: 1 }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: stamps.map((microseconds, index) =>
        parameter("TagReportData", {}, [tag(index), parameter("LastSeenTimestampUTC", { microseconds })]),
      ),
    }),
  );

describe("a real reader", () => {
  const emptyWorld: TagSource = { sees: () => [] };

  test("whose stamps are hostile is read on, and what it says is heard between then and now", async () => {
    const reader = await startLlrpReader({ world: emptyWorld });
    const { life, kept } = lifeOf(everyDriver(llrpDriver));
    await life.apply({ driver: "llrp", address: reader.address, antennas: [], station: null });
    const startedMs = Date.now();
    life.start();
    await eventually("it reads", () => life.phase() === "inventory");
    const now = BigInt(startedMs) * 1000n;
    reader.sendRaw(reportOf([0xffff_ffff_ffff_ffffn, 0n]));
    reader.sendRaw(reportOf([0n, now, 0xffff_ffff_ffff_ffffn, 1n << 63n, now + 31_536_000_000_000n]));
    reader.sendRaw(reportOf(Array.from({ length: 10 }, (_, tags) => now + BigInt(tags))));
    await eventually("all tags heard", () => kept.length === 10);
    expect(life.connections()).toBe(1);
    for (const { firstHeardAt, lastHeardAt } of kept) {
      expect(Date.parse(firstHeardAt)).toBeGreaterThanOrEqual(startedMs - 600_000);
      expect(Date.parse(lastHeardAt)).toBeLessThanOrEqual(Date.now());
    }
    await life.stop();
    await reader.stop();
  });

  test("that leaves the farewell unanswered is free again before the next connection comes", async () => {
    const reader = await startLlrpReader({ world: emptyWorld, flaky: { ignores: ["STOP_ROSPEC"] } });
    const drive = createLlrpDriver();
    const { life, phases } = lifeOf(everyDriver(drive));
    const where = { driver: "llrp", address: reader.address, antennas: [] } as const;
    await life.apply({ ...where, station: null });
    life.start();
    await eventually("it reads", () => life.phase() === "inventory");
    await life.apply({ ...where, antennas: [{ port: 1 }], station: null });
    await eventually("it reads again", () => life.phase() === "inventory");
    expect(reader.stats()).toMatchObject({ connections: 2, refused: 0 });
    expect(phases).not.toContain("backoff");
    await life.stop();
    await reader.stop();
  });
});
