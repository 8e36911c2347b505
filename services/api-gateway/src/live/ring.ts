import type { Delta } from "./delta.ts";

/** How long deltas are kept for those who come back, in ms. */
export const ringAgeMsMax = 5 * 60_000;
/** How many changes are kept for them. */
export const ringChangesMax = 20_000;

/** The newest deltas of one view, without a hole. */
export type Ring = {
  readonly push: (delta: Delta) => void;
  readonly clear: () => void;
  /** The position from which on everything is here; undefined while there is nothing. */
  readonly floor: () => number | undefined;
  /** Every delta that ends after `pos`, oldest first. */
  readonly after: (pos: number) => readonly Delta[];
};

export const openRing = (): Ring => {
  let deltas: Delta[] = [];
  let changes = 0;
  const drop = (nowMs: number): void => {
    let count = 0;
    for (const delta of deltas) {
      const fits = changes <= ringChangesMax && nowMs - delta.heardAtMs <= ringAgeMsMax;
      // The newest stays whatever its size: it says where the floor is.
      if (fits || count === deltas.length - 1) break;
      changes -= delta.changes.length;
      count += 1;
    }
    if (count > 0) deltas = deltas.slice(count);
  };
  return {
    push: (delta) => {
      deltas.push(delta);
      changes += delta.changes.length;
      drop(delta.heardAtMs);
    },
    clear: () => {
      deltas = [];
      changes = 0;
    },
    floor: () => deltas[0]?.prev,
    after: (pos) => deltas.slice(deltas.findLastIndex((delta) => delta.pos <= pos) + 1),
  };
};
