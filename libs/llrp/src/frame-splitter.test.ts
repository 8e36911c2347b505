import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameSplitter } from "./frame-splitter.ts";
import { frameLengthMax } from "./message.ts";
import { messageTable } from "./message-table.ts";

const frameOf = (type: number, body: Uint8Array, version = 1): Buffer => {
  const frame = Buffer.alloc(10 + body.length);
  frame.writeUInt16BE((version << 10) | type, 0);
  frame.writeUInt32BE(frame.length, 2);
  frame.writeUInt32BE(7, 6);
  frame.set(body, 10);
  return frame;
};

const knownTypes = Object.values(messageTable).map((row) => row.type);
const aFrame = fc
  .tuple(fc.constantFrom(...knownTypes), fc.uint8Array({ maxLength: 80 }), fc.constantFrom(1, 2))
  .map(([type, body, version]) => frameOf(type, body, version));
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

/** The documented rule, written down a second time: could a known frame start at `at`? */
const looksLikeAFrame = (bytes: Buffer, at: number): boolean => {
  if (at + 10 > bytes.length) return false;
  const first = bytes.readUInt16BE(at);
  const length = bytes.readUInt32BE(at + 2);
  const isVersion = first >> 10 === 1 || first >> 10 === 2;
  return isVersion && length >= 10 && length <= frameLengthMax;
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

test("a garbage prefix in which no header can be seen costs only itself", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      manyFrames,
      shares,
      (garbage, frames, places) => {
        const stream = Buffer.concat([garbage, ...frames]);
        fc.pre(!garbage.some((_, at) => looksLikeAFrame(stream, at)));
        expect(split(cut(stream, places))).toEqual({ frames: hex(frames), skipped: garbage.length });
      },
    ),
  );
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
  const body = new Uint8Array(frameLengthMax - 10);
  const frame = frameOf(61, body);
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
  const frame = frameOf(61, new Uint8Array(20));
  expect(split([frame, frame.subarray(0, 15)])).toEqual({ frames: [frame.toString("hex")], skipped: 15 });
});
