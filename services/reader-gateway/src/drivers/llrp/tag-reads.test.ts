import { encodeMessage, message, type Parameter, parameter } from "@tagwire/llrp";
import { expect, test } from "vitest";
import { recordingHost } from "../recording-host.ts";
import { ReaderClock } from "./reader-clock.ts";
import { TagReads } from "./tag-reads.ts";

const connectionOf = (silentAntenna = 0) => {
  const host = recordingHost();
  return { host, reads: new TagReads(new ReaderClock(), host, silentAntenna) };
};
const report = (...entry: readonly Parameter[]): Buffer =>
  encodeMessage(
    message({ version: 1, id: 1 }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: [parameter("TagReportData", {}, entry)],
    }),
  );
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
