import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameSplitter } from "./frame-splitter.ts";
import { frameLengthMax, messageNameOf } from "./message.ts";
import { messageTable } from "./message-table.ts";
import { parameterNameOf } from "./parameter.ts";

const frameOf = (type: number, body: Uint8Array, version = 1): Buffer => {
  const frame = Buffer.alloc(10 + body.length);
  frame.writeUInt16BE((version << 10) | type, 0);
  frame.writeUInt32BE(frame.length, 2);
  frame.writeUInt32BE(7, 6);
  frame.set(body, 10);
  return frame;
};

/** A parameter that has a length; its inside is nobody's business here. */
const parameterOf = (type: number, content: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(4 + content.length);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(bytes.length, 2);
  bytes.set(content, 4);
  return bytes;
};

const knownTypes = Object.values(messageTable).map((row) => row.type);
/** Messages that consist of parameters alone: answers, reports, keepalives, notifications. */
const plainTypes = [4, 11, 12, 13, 14, 26, 30, 31, 36, 61, 62, 63, 64, 72, 100];
const parameterTypes = [128, 137, 177, 240, 246, 287, 1023];
const aParameter = fc
  .tuple(fc.constantFrom(...parameterTypes), fc.uint8Array({ maxLength: 30 }))
  .map(([type, content]) => parameterOf(type, content));
const aFrame = fc
  .tuple(fc.constantFrom(...plainTypes), fc.array(aParameter, { maxLength: 4 }), fc.constantFrom(1, 2))
  .map(([type, parameters, version]) => frameOf(type, Buffer.concat(parameters), version));
const manyFrames = fc.array(aFrame, { minLength: 1, maxLength: 6 });

/** Cuts a stream at the given places, each a share of its length. */
const cut = (stream: Buffer, shares: readonly number[]): Buffer[] => {
  const places = shares.map((share) => Math.floor(share * stream.length)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => stream.subarray(from, places[index] ?? stream.length));
};
const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

const split = (chunks: readonly Uint8Array[]) => {
  const frames: string[] = [];
  let skipped = 0;
  const splitter = new FrameSplitter({
    frame: (frame) => frames.push(frame.toString("hex")),
    malformed: (_reason, _bytes, count) => {
      skipped += count;
    },
  });
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk);
    splitter.push(reused);
    reused.fill(0xee);
  }
  splitter.end();
  return { frames, skipped };
};

const hex = (frames: readonly Buffer[]): string[] => frames.map((frame) => frame.toString("hex"));

/** A header without what it speaks of. */
const falseHeader = (type: number, length: number, version = 1): Buffer => {
  const header = frameOf(type, new Uint8Array(), version);
  header.writeUInt32BE(length, 2);
  return header;
};
const aFalseHeader = fc
  .tuple(fc.constantFrom(...knownTypes), fc.integer({ min: 10, max: 70_000 }), fc.constantFrom(1, 2))
  .map(([type, length, version]) => falseHeader(type, length, version));
/** Bytes, bytes that look like headers, and both mixed. */
const garbage = fc
  .array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 60 }), aFalseHeader), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pieces) => Buffer.concat(pieces));

/** The documented rule, written down a second time: do the lengths at `at` agree with each other, as far as the bytes go? */
const lengthsAgree = (bytes: Buffer, at: number, inStep: boolean): boolean => {
  if (at + 10 > bytes.length) return false;
  const first = bytes.readUInt16BE(at);
  const length = bytes.readUInt32BE(at + 2);
  const isHeader = [1, 2].includes(first >> 10) && length >= 10 && length <= frameLengthMax;
  const name = messageNameOf(first & 0x3ff);
  if (!isHeader) return false;
  if (name === undefined || name === "CUSTOM_MESSAGE") return inStep;
  const fields = { u8: 1, u16: 2, u32: 4, flag: 1, pad7: 0 };
  const kinds: readonly string[] = Object.values(messageTable[name].layout);
  let left = length - 10;
  let next = at + 10;
  for (const kind of kinds) {
    const size = fields[kind as keyof typeof fields];
    left -= size;
    next += size;
  }
  while (left > 0 && next + 4 <= bytes.length) {
    const size = bytes.readUInt16BE(next + 2);
    const type = bytes.readUInt16BE(next);
    const isPossible = type < 1024 && (inStep || parameterNameOf(type) !== undefined);
    if (!isPossible || size < 4) return false;
    left -= size;
    next += size;
  }
  return left === 0 || (left >= 4 && next + 4 > bytes.length);
};

test("frames are the same however the stream is cut", () => {
  fc.assert(
    fc.property(manyFrames, shares, (frames, places) => {
      expect(split(cut(Buffer.concat(frames), places))).toEqual({ frames: hex(frames), skipped: 0 });
    }),
  );
});

test("any bytes at all give the same frames however they are cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), manyFrames, shares, (garbage, frames, places) => {
      const stream = Buffer.concat([garbage, ...frames, garbage]);
      expect(split(cut(stream, places))).toEqual(split([stream]));
    }),
  );
});

test("garbage costs only itself, before the first frame and between two, whatever it looks like", () => {
  fc.assert(
    fc.property(fc.option(aFrame), garbage, manyFrames, shares, (before, between, frames, places) => {
      const lead = before ?? Buffer.alloc(0);
      const stream = Buffer.concat([lead, between, ...frames]);
      fc.pre(!between.some((_, at) => lengthsAgree(stream, lead.length + at, at === 0)));
      const all = before === null ? frames : [before, ...frames];
      expect(split(cut(stream, places))).toEqual({ frames: hex(all), skipped: between.length });
    }),
    { numRuns: 500 },
  );
});

test.each([
  { what: "a report of 16 kB", prefix: "043d0000400000000001" },
  { what: "a keepalive of 4 MB", prefix: "043e003fffff00000001" },
  { what: "a report of 4 MB with a first entry", prefix: "043d003fffff0000000100f00008cafecafe" },
  { what: "a custom message of 16 kB, out of step", prefix: "ff07ff0000400000000001" },
])("a false header of $what loses none of a thousand frames behind it", ({ prefix }) => {
  const report = frameOf(
    61,
    parameterOf(
      240,
      Uint8Array.from({ length: 13 }, (_, index) => 0x8d + index),
    ),
  );
  const frames = Array.from({ length: 1000 }, () => report);
  const header = Buffer.from(prefix, "hex");
  expect(split([Buffer.concat([header, ...frames])])).toEqual({
    frames: hex(frames),
    skipped: header.length,
  });
});

test("what a false header holds back is given up with the first length that contradicts it", () => {
  const held: number[] = [];
  const splitter = new FrameSplitter({ frame: () => expect.unreachable(), malformed: () => {} });
  splitter.push(Buffer.from("043d003fffff00000001" + "00f00010", "hex"));
  held.push(splitter.heldBytes);
  splitter.push(Buffer.alloc(11, 0x20));
  held.push(splitter.heldBytes);
  splitter.push(Buffer.alloc(5, 0x20));
  held.push(splitter.heldBytes);
  expect(held).toEqual([14, 25, 9]);
});

test.each([
  { what: "0xFFFFFFFF", length: 0xffffffff },
  { what: "one more than the largest", length: frameLengthMax + 1 },
  { what: "shorter than a header", length: 9 },
  { what: "nothing", length: 0 },
])("a length of $what is malformed, reserves nothing, and the next frame is found", ({ length }) => {
  const lying = Buffer.from("043d0000000000000001", "hex");
  lying.writeUInt32BE(length, 2);
  const good = frameOf(62, new Uint8Array());
  const held: number[] = [];
  const frames: string[] = [];
  const reasons: string[] = [];
  const splitter = new FrameSplitter({
    frame: (frame) => frames.push(frame.toString("hex")),
    malformed: (reason) => reasons.push(reason),
  });
  splitter.push(lying);
  held.push(splitter.heldBytes);
  splitter.push(good);
  expect(held[0]).toBeLessThan(10);
  expect(frames).toEqual([good.toString("hex")]);
  expect(reasons).toEqual([expect.stringContaining("length")]);
});

test("a frame of the greatest length is taken", () => {
  const whole = parameterOf(1023, new Uint8Array(0xffff - 4));
  const rest = (frameLengthMax - 10) % whole.length;
  const parameters = Array.from({ length: Math.floor(frameLengthMax / whole.length) }, () => whole);
  const frame = frameOf(61, Buffer.concat([...parameters, parameterOf(1023, new Uint8Array(rest - 4))]));
  const lengths: number[] = [];
  const splitter = new FrameSplitter({ frame: (one) => lengths.push(one.length), malformed: () => {} });
  for (let at = 0; at < frame.length; at += 65_536) splitter.push(frame.subarray(at, at + 65_536));
  expect(lengths).toEqual([frameLengthMax]);
});

test("in step, a type that the standard lacks is let through", () => {
  const odd = frameOf(900, Uint8Array.of(1, 2, 3));
  expect(split([frameOf(62, new Uint8Array()), odd]).frames).toHaveLength(2);
});

test("endless garbage is told in bounded runs while it flows", () => {
  const told: { skipped: number; shown: number }[] = [];
  const splitter = new FrameSplitter({
    frame: () => expect.unreachable(),
    malformed: (_reason, bytes, skipped) => told.push({ skipped, shown: bytes.length }),
  });
  for (let pushed = 0; pushed < 20; pushed += 1) splitter.push(Buffer.alloc(1000, 0xff));
  expect(told.length).toBeGreaterThanOrEqual(4);
  expect(Math.max(...told.map((one) => one.shown))).toBeLessThanOrEqual(64);
  expect(splitter.skippedInARow).toBeGreaterThan(19_000);
});

test("half a frame at the end is told", () => {
  const frame = frameOf(61, parameterOf(240, new Uint8Array(16)));
  expect(split([frame, frame.subarray(0, 15)])).toEqual({ frames: [frame.toString("hex")], skipped: 15 });
});

/** Parameters of sixteen bytes, in each of which another header stands that claims all that follows; none of them holds. */
const nestedHeaders = (count: number): Buffer => {
  const one = Buffer.alloc(16);
  one.writeUInt16BE(240, 0);
  one.writeUInt16BE(one.length, 2);
  const bytes = Buffer.concat([
    ...Array.from({ length: count }, () => one),
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
  ]);
  for (let at = 6; at < count * one.length; at += one.length) {
    bytes.writeUInt16BE((1 << 10) | 61, at);
    bytes.writeUInt32BE(bytes.length - at, at + 2);
  }
  return bytes;
};

test("false headers in each other cost little more than as much garbage, and the next good frames are found", () => {
  const nested = nestedHeaders(16_384);
  const garbage = Buffer.alloc(nested.length, 0xff);
  const best = (bytes: Buffer): number =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const startedAt = performance.now();
        split([bytes]);
        return performance.now() - startedAt;
      }),
    );
  // Each from each, it was some 300 times as much.
  expect(best(nested) / best(garbage)).toBeLessThan(60);
  const good = frameOf(62, Buffer.alloc(0));
  const { frames, skipped } = split([nested, good, good]);
  expect(frames).toEqual([good, good].map((frame) => frame.toString("hex")));
  expect(skipped).toBe(nested.length);
});

test("where false headers are too many to be tried, the pieces in which they come change nothing", () => {
  const stream = Buffer.concat([nestedHeaders(2_500), frameOf(62, Buffer.alloc(0)), nestedHeaders(40)]);
  const whole = split([stream]);
  fc.assert(
    fc.property(shares, (places) => {
      expect(split(cut(stream, places))).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});
