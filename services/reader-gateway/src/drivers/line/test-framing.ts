import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameSearch, type Framing } from "./frame-search.ts";

/** What a framing finds in chunks: whatever bytes each frame was read from, and how many were skipped. */
export const found = <Frame>(framing: Framing<Frame>, chunks: readonly Uint8Array[]) => {
  const frames: string[] = [];
  let skipped = 0;
  let heldMax = 0;
  const recording: Framing<string> = {
    look: framing.look,
    read: (bytes) => {
      framing.read(bytes);
      return bytes.toString("hex");
    },
  };
  const search = new FrameSearch(recording, {
    frame: (frame) => frames.push(frame),
    malformed: (_reason, _bytes, count) => {
      skipped += count;
    },
  });
  for (const chunk of chunks) {
    search.push(chunk);
    heldMax = Math.max(heldMax, search.heldLength);
  }
  search.silence();
  return { frames, skipped, heldMax, left: search.heldLength };
};

type Laws<Frame> = {
  readonly framing: Framing<Frame>;
  /** Whole frames as the device writes them. */
  readonly frame: fc.Arbitrary<Buffer>;
  /** Bytes that look like the family's and are not. */
  readonly awkward: readonly number[];
  readonly longest: number;
};

const cut = (stream: Buffer, at: readonly number[]): Buffer[] => {
  const places = at.map((share) => Math.floor(share * stream.length)).sort((a, b) => a - b);
  return [0, ...places].map((from, index) => stream.subarray(from, places[index] ?? stream.length));
};

type Damage = { readonly at: number; readonly with: number; readonly kind: "flip" | "drop" | "insert" };

const damaged = (stream: Buffer, damages: readonly Damage[]): Buffer => {
  const bytes = [...stream];
  for (const { at, with: value, kind } of damages) {
    const place = Math.floor(at * bytes.length);
    if (kind === "flip") bytes[place] = (bytes[place] ?? 0) ^ (1 << (value & 7));
    else bytes.splice(place, kind === "drop" ? 1 + (value & 15) : 0, ...(kind === "insert" ? [value] : []));
  }
  return Buffer.from(bytes);
};

/** What holds for every framing, whatever a line brings. */
export const framingLaws = <Frame>({ framing, frame, awkward, longest }: Laws<Frame>): void => {
  const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const shares = fc.array(share, { maxLength: 20 });
  const frames = fc.array(frame, { minLength: 1, maxLength: 5 });
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.constantFrom(...awkward), { maxLength: 60 }),
  );
  const damages = fc.array(
    fc.record({
      at: share,
      with: fc.nat(255),
      kind: fc.constantFrom("flip", "drop", "insert") as fc.Arbitrary<Damage["kind"]>,
    }),
    { minLength: 1, maxLength: 6 },
  );

  describe("whatever a line brings", () => {
    test("whole frames are the same however the line cuts them", () => {
      fc.assert(
        fc.property(frames, shares, (whole, places) => {
          const { frames: heard, skipped } = found(framing, cut(Buffer.concat(whole), places));
          expect({ heard, skipped }).toEqual({ heard: whole.map((one) => one.toString("hex")), skipped: 0 });
        }),
      );
    });

    test("a stream is the same at every place where it may be cut in two", () => {
      fc.assert(
        fc.property(garbage, frame, (before, whole) => {
          const stream = Buffer.concat([Uint8Array.from(before), whole, whole]);
          const { frames: oneShot, skipped } = found(framing, [stream]);
          for (let at = 0; at <= stream.length; at += 1)
            expect(found(framing, [stream.subarray(0, at), stream.subarray(at)])).toMatchObject({
              frames: oneShot,
              skipped,
            });
        }),
        { numRuns: 20 },
      );
    });

    test("flips, splices and lies about lengths throw nothing, lose no count and hold no more than one frame", () => {
      fc.assert(
        fc.property(garbage, frames, damages, shares, (before, whole, hurt, places) => {
          const stream = damaged(Buffer.concat([Uint8Array.from(before), ...whole]), hurt);
          const streamed = found(framing, cut(stream, places));
          const oneShot = found(framing, [stream]);
          expect(streamed.frames).toEqual(oneShot.frames);
          expect(streamed.skipped).toBe(oneShot.skipped);
          const heard = oneShot.frames.reduce((sum, hex) => sum + hex.length / 2, 0);
          expect(heard + oneShot.skipped).toBe(stream.length);
          expect(streamed.heldMax).toBeLessThanOrEqual(longest);
          expect(streamed.left).toBe(0);
        }),
      );
    });
  });
};
