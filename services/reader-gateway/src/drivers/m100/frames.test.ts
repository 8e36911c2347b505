import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameSearch } from "../line/frame-search.ts";
import { encodeFrame, m100Framing, parameterLengthMax, tagOf } from "./frames.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** A frame as the documents write it, made apart from the parser. */
const frameOf = (type: number, command: number, parameters: Uint8Array): Buffer => {
  const body = Buffer.from([type, command, parameters.length >> 8, parameters.length & 255, ...parameters]);
  return Buffer.from([0xbb, ...body, body.reduce((sum, byte) => sum + byte, 0) & 255, 0x7e]);
};

const parse = (chunks: readonly Uint8Array[]) => {
  const frames: string[] = [];
  let skipped = 0;
  const parser = new FrameSearch(m100Framing, {
    frame: ({ type, command, parameters }) => frames.push(frameOf(type, command, parameters).toString("hex")),
    malformed: (_reason, _bytes, count) => {
      skipped += count;
    },
  });
  for (const chunk of chunks) parser.push(chunk);
  parser.silence();
  return { frames, skipped };
};

const awkward = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.array(fc.constantFrom(0xbb, 0x7e, 0, 2), { maxLength: 40 }),
);
const notice = bytes("BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EF 7E");

/** Any frame, and of a tag's notices one that a tag has sent: others are none. */
const aFrame = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.nat(255), awkward)
  .map(([type, command, parameters]) =>
    type === 2 && command === 0x22 ? notice : frameOf(type, command, Uint8Array.from(parameters)),
  );
const manyFrames = fc.array(aFrame, { minLength: 1, maxLength: 6 });
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
const cut = (stream: Buffer, at: readonly number[]): Buffer[] => {
  const places = at.map((share) => Math.floor(share * stream.length)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => stream.subarray(from, places[index] ?? stream.length));
};
const hex = (frames: readonly Buffer[]): string[] => frames.map((frame) => frame.toString("hex"));

test("frames are the same however the line cuts them, with 7E and BB inside", () => {
  fc.assert(
    fc.property(manyFrames, shares, (frames, places) => {
      expect(parse(cut(Buffer.concat(frames), places))).toEqual({ frames: hex(frames), skipped: 0 });
    }),
  );
});

test("any bytes at all give the same frames however they are cut", () => {
  fc.assert(
    fc.property(awkward, manyFrames, awkward, shares, (before, frames, after, places) => {
      const stream = Buffer.concat([Uint8Array.from(before), ...frames, Uint8Array.from(after)]);
      expect(parse(cut(stream, places))).toEqual(parse([stream]));
    }),
  );
});

test("garbage without a beginning costs only itself", () => {
  const garbage = fc.uint8Array({ maxLength: 60 }).map((all) => all.filter((byte) => byte !== 0xbb));
  fc.assert(
    fc.property(garbage, manyFrames, shares, (before, frames, places) => {
      const stream = Buffer.concat([before, ...frames]);
      expect(parse(cut(stream, places))).toEqual({ frames: hex(frames), skipped: before.length });
    }),
  );
});

test.each([
  { what: "cut off", broken: notice.subarray(0, 11) },
  {
    what: "with a wrong checksum",
    broken: Buffer.from(notice.toString("hex").replace(/ef7e$/, "ee7e"), "hex"),
  },
  { what: "with a length that reaches into the next", broken: bytes("BB 02 22 00 20 C9 34") },
  { what: "with a length beyond all measure", broken: bytes("BB 02 22 FF FF C9 34") },
])("a frame $what costs only itself", ({ broken }) => {
  expect(parse([broken, notice, notice])).toEqual({
    frames: [notice.toString("hex"), notice.toString("hex")],
    skipped: broken.length,
  });
});

test("half a frame waits, and silence drops it", () => {
  const reasons: string[] = [];
  const parser = new FrameSearch(m100Framing, {
    frame: () => expect.unreachable(),
    malformed: (reason) => reasons.push(reason),
  });
  parser.push(notice.subarray(0, 12));
  expect(parser.isWaiting).toBe(true);
  expect(reasons).toEqual([]);
  parser.silence();
  expect(parser.isWaiting).toBe(false);
  expect(reasons).toEqual(["half a frame, then silence"]);
});

test("what is held never exceeds the longest frame", () => {
  const parser = new FrameSearch(m100Framing, { frame: () => {}, malformed: () => {} });
  const longest = Buffer.alloc(3 * parameterLengthMax, 0xbb);
  for (let at = 0; at < longest.length; at += 100) parser.push(longest.subarray(at, at + 100));
  parser.push(bytes("02 22 02 00"));
  parser.silence();
  expect(parser.isWaiting).toBe(false);
});

test("a tag notice tells EPC and strength", () => {
  const parameters = notice.subarray(5, -2);
  expect(tagOf({ type: 2, command: 0x22, parameters })).toEqual({
    epc: "30751FEB705C5904E3D50D70",
    rssiDbm: -55,
  });
  expect(tagOf({ type: 2, command: 0x22, parameters: parameters.subarray(0, 4) })).toEqual({
    no: "a tag notice is too short",
  });
});

test.each([
  { what: "an XPC word", pc: "3200", xpc: "0001", isIso: undefined },
  { what: "two of them", pc: "3200", xpc: "8001 0002", isIso: undefined },
  { what: "an XPC word, of a tag of ISO", pc: "3300", xpc: "0001", isIso: true },
])("the name of a tag that announces $what is what comes behind", ({ pc, xpc, isIso }) => {
  const parameters = bytes(`C9 ${pc} ${xpc} 30751FEB705C5904E3D50D70 0000`);
  const tag = tagOf({ type: 2, command: 0x22, parameters });
  expect(tag).toEqual({ epc: "30751FEB705C5904E3D50D70", rssiDbm: -55, isIso });
  const cut = tagOf({ type: 2, command: 0x22, parameters: bytes("C9 3200 8001 0000") });
  expect(cut).toEqual({ no: "a tag notice ends inside its XPC" });
});

test("two bits turned round pass the frame's check and not the tag's: what begins inside is still found", () => {
  const turned = Buffer.from(notice);
  turned.writeUInt8(turned.readUInt8(10) + 1, 10);
  turned.writeUInt8(turned.readUInt8(11) - 1, 11);
  expect(parse([turned, notice])).toEqual({ frames: [notice.toString("hex")], skipped: turned.length });
  expect(tagOf({ type: 2, command: 0x22, parameters: turned.subarray(5, -2) })).toEqual({
    no: "a tag's EPC does not agree with its own CRC",
  });
});

const shared = process.env.TAGWIRE_SHARED_DATA ?? join(import.meta.dirname, "../../../../../../shared/data");
const documented = join(shared, "serial/frames.csv");
if (!existsSync(documented))
  console.log(`documented frames are not at ${documented}: their tests are skipped`);
const rows = existsSync(documented)
  ? readFileSync(documented, "utf8")
      .split("\n")
      .map((line) => /^m100,(h2r|r2h),([0-9A-F ]+),("[^"]*"|[^,]*),yes,/.exec(line))
      .flatMap((row) =>
        row === null ? [] : [{ direction: row[1], frame: bytes(row[2] ?? ""), meaning: row[3] ?? "" }],
      )
  : [];

describe.skipIf(rows.length === 0)("documented frames", () => {
  test.each(rows)("$meaning", ({ direction, frame, meaning }) => {
    expect(parse([frame])).toEqual({ frames: [frame.toString("hex")], skipped: 0 });
    if (direction === "h2r") {
      expect(encodeFrame(frame.readUInt8(2), [...frame.subarray(5, -2)])).toEqual(frame);
      return;
    }
    const rssi = /rssi (-\d+)/.exec(meaning)?.[1];
    if (rssi === undefined) return;
    const tag = tagOf({ type: 2, command: 0x22, parameters: frame.subarray(5, -2) });
    expect(tag).toMatchObject({
      rssiDbm: Number(rssi),
      epc: frame.subarray(8, -4).toString("hex").toUpperCase(),
    });
  });
});
