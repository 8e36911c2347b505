import type { Delta } from "./delta.ts";

/** How long deltas are kept for those who come back, in ms. */
export const ringAgeMsMax = 5 * 60_000;
/** How many changes of one view are kept for them. */
export const ringChangesMax = 20_000;
/** What all views of all sites together may take, in bytes: a busy house with all its boards would else take all there is. */
export const ringsBytesMax = 48 * 1024 * 1024;
/** What a change weighs in memory for each character of its text: with the row that was read from it, measured on events and items. */
const bytesPerCharacter = 3;

/** The newest deltas of one view, without a hole. */
export type Ring = {
  readonly push: (delta: Delta) => void;
  readonly clear: () => void;
  /** The position from which on everything is here; undefined while there is nothing. */
  readonly floor: () => number | undefined;
  /** Every delta that ends after `pos`, oldest first. */
  readonly after: (pos: number) => readonly Delta[];
  /** Gives up what it holds, for good. */
  readonly close: () => void;
};

export type Rings = {
  readonly open: () => Ring;
  /** What they take together, in bytes. */
  readonly bytes: () => number;
};

const bytesOf = ({ changes }: Delta): number =>
  changes.reduce((sum, { text }) => sum + text.length * bytesPerCharacter, 0);

type Held = { readonly bytes: () => number; readonly dropOldest: () => boolean };

/**
 * The rings of all views. Each has bounds of its own; where all together would be too much, the ring that holds most gives up its oldest,
 * so that a busy view does not cost a quiet one its memory. The newest of each stays: it says where its floor is.
 */
export const openRings = (bytesMax = ringsBytesMax): Rings => {
  const rings = new Set<Held>();
  let total = 0;

  const makeRoom = (): void => {
    while (total > bytesMax) {
      const byWeight = [...rings].sort((one, other) => other.bytes() - one.bytes());
      if (!byWeight.some(({ dropOldest }) => dropOldest())) return;
    }
  };

  const open = (): Ring => {
    let deltas: Delta[] = [];
    let changes = 0;
    let bytes = 0;

    const forget = (count: number): void => {
      for (const delta of deltas.slice(0, count)) {
        changes -= delta.changes.length;
        bytes -= bytesOf(delta);
        total -= bytesOf(delta);
      }
      deltas = deltas.slice(count);
    };
    const dropOld = (nowMs: number): void => {
      let left = changes;
      const isKept = (delta: Delta): boolean => {
        if (left <= ringChangesMax && nowMs - delta.heardAtMs <= ringAgeMsMax) return true;
        left -= delta.changes.length;
        return false;
      };
      const kept = deltas.findIndex((delta, index) => index === deltas.length - 1 || isKept(delta));
      if (kept > 0) forget(kept);
    };
    const held: Held = {
      bytes: () => bytes,
      // A tenth at a time: what is dropped one by one is sorted and copied as often.
      dropOldest: () => {
        if (deltas.length < 2) return false;
        forget(Math.ceil((deltas.length - 1) / 10));
        return true;
      },
    };
    rings.add(held);
    const clear = () => forget(deltas.length);

    return {
      push: (delta) => {
        // What was under way when the view was let go of would be counted for ever.
        if (!rings.has(held)) return;
        deltas.push(delta);
        changes += delta.changes.length;
        bytes += bytesOf(delta);
        total += bytesOf(delta);
        dropOld(delta.heardAtMs);
        makeRoom();
      },
      clear,
      floor: () => deltas[0]?.prev,
      after: (pos) => deltas.slice(deltas.findLastIndex((delta) => delta.pos <= pos) + 1),
      close: () => {
        clear();
        rings.delete(held);
      },
    };
  };
  return { open, bytes: () => total };
};
