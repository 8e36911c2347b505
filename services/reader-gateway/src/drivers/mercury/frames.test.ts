import { readFileSync } from "node:fs";
import { sharedData } from "@tagwire/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { found, framingLaws } from "../line/test-framing.ts";
import { dataLengthMax, encodeFrame, mercuryCrc, mercuryFraming } from "./frames.ts";
import { heardOf } from "./stream.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** A frame as the module writes it, made apart from the framing but for the CRC, which documented frames prove. */
const frameOf = (opcode: number, status: number, data: Uint8Array): Buffer => {
  const frame = Buffer.from([0xff, data.length, opcode, status >> 8, status & 255, ...data, 0, 0]);
  frame.writeUInt16BE(mercuryCrc(frame, 1, frame.length - 2), frame.length - 2);
  return frame;
};

framingLaws({
  framing: mercuryFraming,
  frame: fc
    .tuple(
      fc.constantFrom(0x22, 0x2f, 0x03),
      fc.constantFrom(0, 0x400, 0x504),
      fc.uint8Array({ maxLength: 60 }),
    )
    .map(([opcode, status, data]) => frameOf(opcode, status, data)),
  awkward: [0xff, 0x00, 0x22, 0xf8],
  longest: dataLengthMax + 7,
});

test("a length beyond what a module sends is none", () => {
  const good = bytes("FF 00 22 04 00 84 E0");
  expect(found(mercuryFraming, [bytes("FF F9 22"), good]).frames).toEqual([good.toString("hex")]);
});

const temperature = bytes("FF 0A 22 00 00 00 03 1B 02 82 00 82 00 01 1D B7 71");
const hot = bytes("FF 00 22 05 04 85 E4");
const tag = bytes(
  "FF 28 22 00 00 10 00 1B 01 FF 01 01 C4 11 0E 16 40 00 00 01 27 00 00 05 00 00 0F 00 80 30 00 00 00 00 00 00 00 00 00 00 00 15 45 E9 4A 56 1D",
);
const read = (frame: Buffer) => heardOf(mercuryFraming.read(frame));

test("a tag, a temperature and a keep-alive are told apart", () => {
  expect(mercuryFraming.look(temperature, 0)).toBe(temperature.length);
  expect(mercuryFraming.look(hot, 0)).toBe(hot.length);
  expect(read(temperature)).toEqual({ kind: "temperature", celsius: 29 });
  expect(read(hot)).toEqual({ kind: "alive", status: 0x504 });
  expect(read(tag)).toMatchObject({
    kind: "tag",
    tag: {
      epc: "000000000000000000001545",
      rssiDbm: -60,
      antenna: 1,
      frequencyKhz: 923_200,
      phase: 0,
      count: 1,
    },
  });
});

test("whatever a stream frame holds, it is read or named", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(0, 0x400, 0x504, 0xffff),
      (data, status) => {
        const { kind } = read(frameOf(0x22, status, data));
        expect(["tag", "temperature", "alive", "unreadable"]).toContain(kind);
      },
    ),
    { numRuns: 500 },
  );
});

const documented = sharedData("serial", "frames.csv");
if (documented === undefined) console.log("documented frames are not here: their tests are skipped");
const rows = (documented === undefined ? "" : readFileSync(documented, "utf8"))
  .split("\n")
  .map((line) => /^thingmagic,(h2r|r2h),([0-9A-F ]+),("[^"]*"|[^,]*),yes,/.exec(line))
  .flatMap((row) =>
    row === null ? [] : [{ direction: row[1], frame: bytes(row[2] ?? ""), meaning: row[3] ?? "" }],
  );

describe.skipIf(rows.length === 0)("documented frames", () => {
  test.each(rows)("$meaning", ({ direction, frame, meaning }) => {
    if (direction === "h2r") {
      expect(encodeFrame(frame.readUInt8(2), [...frame.subarray(3, -2)])).toEqual(frame);
      return;
    }
    expect(found(mercuryFraming, [frame])).toMatchObject({ frames: [frame.toString("hex")], skipped: 0 });
    const [, epc, rssi, khz] = /EPC ([0-9A-F]+) rssi (-\d+) ant \S+ (\d+) kHz/.exec(meaning) ?? [];
    if (epc === undefined) return;
    expect(read(frame)).toMatchObject({
      kind: "tag",
      tag: { epc, rssiDbm: Number(rssi), frequencyKhz: Number(khz) },
    });
  });
});
