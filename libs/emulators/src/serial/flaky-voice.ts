import type { Random } from "../random.ts";

/** How a cable lies; drawn from the seed. */
export type CableFlaws = {
  /** Writes one byte run at a time, cut anywhere. */
  readonly splitFrames?: boolean;
  /** Gathers what is said together into one write. */
  readonly mergeFrames?: boolean;
  /** How often garbage stands before a frame, 0 to 1. */
  readonly garbageShare?: number;
  /** How often a frame about tags has a wrong check sum. */
  readonly brokenShare?: number;
  /** How often a frame about tags is cut off in the middle. */
  readonly cutShare?: number;
};

/** How a device is heard through its cable. */
export type FlakyVoice = {
  readonly say: (frames: readonly Buffer[]) => void;
  /** The frame as the cable leaves it; undefined when it stays whole. */
  readonly spoilt: (frame: Buffer) => Buffer | undefined;
};

const garbageMax = 12;

/** Speaks through `write` with the flaws of a cable. */
export const flakyVoice = (
  flaws: CableFlaws,
  random: Random,
  write: (bytes: Uint8Array) => void,
): FlakyVoice => {
  const garbage = (): Buffer =>
    Buffer.from(Array.from({ length: random.whole(1, garbageMax) }, () => random.whole(0, 255)));
  return {
    say: (frames) => {
      if (frames.length === 0) return;
      const dirty = frames.map((frame) =>
        random.chance(flaws.garbageShare ?? 0) ? Buffer.concat([garbage(), frame]) : frame,
      );
      for (const bytes of flaws.mergeFrames === true ? [Buffer.concat(dirty)] : dirty) {
        const cut = flaws.splitFrames === true ? random.whole(1, bytes.length) : bytes.length;
        if (cut > 0) write(bytes.subarray(0, cut));
        if (cut < bytes.length) write(bytes.subarray(cut));
      }
    },
    spoilt: (frame) => {
      const isBroken = random.chance(flaws.brokenShare ?? 0);
      const isCut = random.chance(flaws.cutShare ?? 0);
      if (!isBroken && !isCut) return undefined;
      const broken = Buffer.from(frame);
      const last = broken.length - 1;
      if (isBroken) broken[last] = ((broken[last] ?? 0) + 1) & 255;
      return isCut ? broken.subarray(0, random.whole(1, last)) : broken;
    },
  };
};
