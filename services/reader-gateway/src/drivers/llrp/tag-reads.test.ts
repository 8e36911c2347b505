import { encodeMessage, message, type Parameter, parameter } from "@tagwire/llrp";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ReaderClock, readAgeMsMax } from "../reader-clock.ts";
import { recordingHost } from "../recording-host.ts";
import { TagReads } from "./tag-reads.ts";

const connectionOf = (silentAntenna = 0, asksTid = false) => {
  const host = recordingHost();
  return { host, reads: new TagReads(new ReaderClock(), host, { silentAntenna, asksTid }) };
};
const reportOf = (...entries: readonly (readonly Parameter[])[]): Buffer =>
  encodeMessage(
    message({ version: 1, id: 1 }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: entries.map((entry) => parameter("TagReportData", {}, entry)),
    }),
  );
const report = (...entry: readonly Parameter[]): Buffer => reportOf(entry);
const seenAt = (microseconds: bigint): Parameter[] => [
  epc,
  parameter("LastSeenTimestampUTC", { microseconds }),
];
const epc = parameter("EPC96", { epc: Uint8Array.from([0x30, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) });
const arrivedAtMs = 1_000_000;

test("what one connection said before is filled in, and a new connection knows nothing of it", () => {
  const first = connectionOf();
  const told = [
    epc,
    parameter("AntennaID", { antennaId: 3 }),
    parameter("PeakRSSI", { dbm: -61 }),
    parameter("TagSeenCount", { tagCount: 7 }),
  ];
  const known = {
    epc: "300102030405060708090A0B",
    antenna: 3,
    rssiDbm: -61,
    count: 7,
    heardAtMs: arrivedAtMs,
  };
  expect(first.reads.read(report(...told), arrivedAtMs)).toEqual([known]);
  expect(first.reads.read(report(epc), arrivedAtMs)).toEqual([known]);

  const second = connectionOf(2);
  expect(second.reads.read(report(epc), arrivedAtMs)).toEqual([
    { ...known, antenna: 2, rssiDbm: null, count: 1 },
  ]);
});

test("a custom parameter that nobody knows costs nothing of its entry", () => {
  const custom = parameter("Custom", { vendor: 25_882, subtype: 9_999, data: Uint8Array.of(1, 2, 3) });
  const { host, reads } = connectionOf();
  const heard = reads.read(
    report(custom, epc, custom, parameter("AntennaID", { antennaId: 4 })),
    arrivedAtMs,
  );
  expect(heard).toMatchObject([{ epc: "300102030405060708090A0B", antenna: 4 }]);
  expect(host.malformedReasons).toEqual([]);
});

const nowMs = Date.UTC(2026, 4, 4);
const microsecondsOf = (ms: number): bigint => BigInt(ms) * 1000n;

test("one stamp a year ahead counts as heard when it came, spoils no other read, and is told", () => {
  const { host, reads } = connectionOf();
  const heardAt = (stampMs: number, arrivedMs: number) =>
    reads.read(report(...seenAt(microsecondsOf(stampMs))), arrivedMs).map(({ heardAtMs }) => heardAtMs);
  for (let second = 0; second < 5; second += 1) heardAt(nowMs + second * 1000, nowMs + second * 1000 + 10);

  const yearMs = 365 * 86_400_000;
  const both = reportOf(
    seenAt(microsecondsOf(nowMs + 5_000 + yearMs)),
    seenAt(microsecondsOf(nowMs + 4_000)),
  );
  expect(reads.read(both, nowMs + 5_010).map(({ heardAtMs }) => heardAtMs)).toEqual([
    nowMs + 5_010,
    nowMs + 4_010,
  ]);
  for (let second = 6; second < 90; second += 1) {
    expect(heardAt(nowMs + second * 1000, nowMs + second * 1000 + 30)).toEqual([
      expect.toSatisfy((ms: number) => Math.abs(ms - (nowMs + second * 1000)) <= 30),
    ]);
  }
  expect(host.notices).toEqual([expect.objectContaining({ code: "clock_unbelievable" })]);
});

test("whatever stamps a reader sends, each read has a time that can be kept", () => {
  const stamp = fc.oneof(
    fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    fc.constantFrom(0n, 1n, 0xffff_ffff_ffff_ffffn),
    fc.integer({ min: -600_000, max: 600_000 }).map((ms) => microsecondsOf(nowMs + ms)),
  );
  const frames = fc.array(
    fc.record({ stamps: fc.array(stamp, { minLength: 1, maxLength: 4 }), waitMs: fc.nat(40_000) }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(frames, (all) => {
      const { reads } = connectionOf();
      let arrivedMs = nowMs;
      for (const { stamps, waitMs } of all) {
        arrivedMs += waitMs;
        const heard = reads.read(reportOf(...stamps.map(seenAt)), arrivedMs);
        expect(heard).toHaveLength(stamps.length);
        for (const { heardAtMs } of heard) {
          expect(heardAtMs).toBeGreaterThanOrEqual(arrivedMs - readAgeMsMax);
          expect(heardAtMs).toBeLessThanOrEqual(arrivedMs);
          expect(Number.isInteger(heardAtMs)).toBe(true);
        }
      }
    }),
  );
});

test("tags that no item can have are delivered for the ledger to count, and told", () => {
  const { host, reads } = connectionOf();
  const blank = parameter("EPCData", { epc: { bitCount: 0, bytes: new Uint8Array() } });
  const long = parameter("EPCData", { epc: { bitCount: 264, bytes: new Uint8Array(33) } });
  const heard = reads.read(
    reportOf([blank], [long, parameter("TagSeenCount", { tagCount: 3 })]),
    arrivedAtMs,
  );
  expect(heard.map(({ epc, count }) => [epc.length, count])).toEqual([
    [0, 1],
    [66, 3],
  ]);
  expect(host.notices).toEqual([
    expect.objectContaining({ code: "tag_blank" }),
    expect.objectContaining({ code: "tag_too_long" }),
  ]);
});

test("a tag whose PC says so is of ISO", () => {
  const epc = parameter("EPC96", { epc: new Uint8Array(12).fill(0x30) });
  const pc = (pcBits: number) => parameter("C1G2PC", { pcBits });
  const heard = connectionOf(1).reads.read(reportOf([epc, pc(0x3100)], [epc, pc(0x3000)], [epc]), Date.now());
  expect(heard.map(({ isIso }) => isIso)).toEqual([true, undefined, undefined]);
});

test("a TID is of the entry that brings it alone, and one that was asked for and not read is counted", () => {
  const epc = (last: number) =>
    parameter("EPC96", { epc: Uint8Array.from({ length: 12 }, (_, index) => (index === 11 ? last : 0x30)) });
  const found = (result: number, words: readonly number[]) =>
    parameter("C1G2ReadOpSpecResult", { result, opSpecId: 1, words: [...words] });
  const words = [0xe280, 0x1160, 0x2000, 0x4d9b, 0x5a08, 0xec01];
  const report = () => reportOf([epc(1), found(0, words)], [epc(2), found(2, [])], [epc(3)]);
  const { host, reads } = connectionOf(1, true);
  expect(reads.read(report(), Date.now()).map(({ tid }) => tid)).toEqual([
    "E280116020004D9B5A08EC01",
    undefined,
    undefined,
  ]);
  expect(host.notices).toMatchObject([{ kind: "warning", code: "tid_unread" }]);
  expect(host.malformedReasons).toEqual([]);
  const unasked = connectionOf(1);
  expect(unasked.reads.read(report(), Date.now()).every(({ tid }) => tid === undefined)).toBe(true);
  expect(unasked.host.notices).toEqual([]);
});
