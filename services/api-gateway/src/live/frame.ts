import type { Change } from "./delta.ts";

/** Frames of one delta that are kept while it is passed on: most clients call their subscriptions the same and stand at the same place. */
const framesKeptMax = 16;

/** A delta as bytes, made once and shared: only the name of a subscription and the position before it differ. */
export type DeltaText = {
  /** `idText` is the subscription's id as JSON. */
  readonly frame: (idText: string, prev: number) => Buffer;
};

/** Puts a delta into text, the long part of it once however many get it. */
export const deltaText = (delta: {
  readonly epoch: number;
  readonly pos: number;
  readonly at: string;
  readonly changes: readonly Change[];
}): DeltaText => {
  const frames = new Map<string, Buffer>();
  let tail: Buffer | undefined;
  const makeTail = () => {
    const rows = delta.changes.map(({ text }) => text).join(",");
    return Buffer.from(`,"pos":${delta.pos},"at":${JSON.stringify(delta.at)},"changes":[${rows}]}`);
  };
  return {
    frame: (idText, prev) => {
      const head = `{"op":"delta","id":${idText},"epoch":${delta.epoch},"prev":${prev}`;
      const known = frames.get(head);
      if (known !== undefined) return known;
      tail ??= makeTail();
      const made = Buffer.concat([Buffer.from(head), tail]);
      if (frames.size < framesKeptMax) frames.set(head, made);
      return made;
    },
  };
};
