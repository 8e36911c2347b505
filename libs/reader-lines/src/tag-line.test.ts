import fc from "fast-check";
import { expect, test } from "vitest";
import { readTagLine } from "./tag-line.ts";

const epc = "999908290000000000000004";
const tid = "E28011002000564500000002";
const tag = (more: object = {}) => ({
  kind: "tag",
  epc,
  antenna: undefined,
  rssiDbm: null,
  tid: undefined,
  ...more,
});

test.each([
  { line: epc, said: tag() },
  { line: "9999 0829 0000 0000 0000 0004", said: tag() },
  { line: `EPC: ${epc}`, said: tag() },
  { line: `0x${epc}`, said: tag() },
  {
    line: `{"antennaPort":7,"epc":"${epc}","tid":"${tid}","firstSeenTimestamp":"2018-06-14T00:15:54.36879Z","peakRssi":-51,"isHeartBeat":false}`,
    said: tag({ antenna: 7, rssiDbm: -51, tid }),
  },
  { line: `{"epc":"${epc}"},`, said: tag() },
  {
    line: `antennaPort=7,epc=${epc},firstSeenTimestamp=2018-06-14T00:15:54.36879Z,peakRssi=-51.5,isHeartBeat=false`,
    said: tag({ antenna: 7, rssiDbm: -51.5 }),
  },
  { line: `44,${epc},${tid},2018-06-14T00:15:54.36879Z,-48`, said: tag({ antenna: 44, tid, rssiDbm: -48 }) },
  { line: `${epc}\t6/24/2014 1:55:03 PM\t-22\t1`, said: tag({ rssiDbm: -22 }) },
  { line: `ID:${epc}|Antenna:2|Timestamp:1400000000000`, said: tag({ antenna: 2 }) },
  { line: `{"antennaPort":0,"epc":"","isHeartBeat":true}`, said: { kind: "alive" } },
  { line: "antennaPort=0,epc=*,isHeartBeat=true", said: { kind: "alive" } },
  { line: "", said: { kind: "alive" } },
])("$line is read", ({ line, said }) => {
  expect(readTagLine(line)).toEqual(said);
});

test.each([
  "hello",
  "30342",
  "99990829000000000000000",
  "{",
  "[1]",
  `{"epc":${epc}}`,
  "{}",
  "1,2,3",
  "antenna=1,tid=E280",
])("%j is named", (line) => {
  expect(readTagLine(line)).toEqual({ kind: "unreadable", no: expect.any(String) });
});

test("strengths and TIDs that cannot be are left out, and the tag stays", () => {
  expect(readTagLine(`epc=${epc},rssi=-9000,tid=zz`)).toEqual(tag());
});

test.each(["0", "65", "900", "left", "-1", "1.5"])(
  "antenna %s is nobody's, and not the first one",
  (antenna) => {
    expect(readTagLine(`antenna=${antenna},epc=${epc}`)).toEqual(tag({ antenna: 0 }));
    expect(readTagLine(JSON.stringify({ antennaPort: antenna, epc }))).toEqual(tag({ antenna: 0 }));
  },
);

test.each([`antenna=,epc=${epc}`, `{"antennaPort":null,"epc":"${epc}"}`, `dock door,${epc}`])(
  "%j tells of no antenna",
  (line) => {
    expect(readTagLine(line)).toEqual(tag());
  },
);

test("an antenna that no reader has is nobody's in a line of values, too", () => {
  expect(readTagLine(`65,${epc}`)).toEqual(tag({ antenna: 0 }));
});

test("any line is read or named, and quickly", () => {
  const pieces = fc.array(
    fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom(epc, "{", '"', ",", "=", ":", "|", "epc", "   ")),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const line = parts.join("").slice(0, 1_024);
      expect(["tag", "alive", "unreadable"]).toContain(readTagLine(line).kind);
    }),
    { numRuns: 1_000 },
  );
});
