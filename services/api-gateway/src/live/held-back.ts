import { type LiveView, liveViewOf } from "@tagwire/messages";
import type { Change, Delta } from "./delta.ts";

/** Changes that wait until their reader has room. */
export type HeldBack = {
  readonly isEmpty: () => boolean;
  /** Adds changes and gives by how many bytes it has grown. */
  readonly add: (delta: Pick<Delta, "pos" | "at">, changes: readonly Change[]) => number;
  /** Takes everything out as one delta's worth. */
  readonly take: () => { changes: readonly Change[]; pos: number; at: string; bytes: number } | undefined;
};

/**
 * Rows are put together by key: only the newest version of each is of use. Events are never put together: each of them
 * happened. Which views are merged is declared with them.
 */
export const openHeldBack = (view: LiveView): HeldBack => {
  const changes = new Map<string, Change>();
  let newest: Pick<Delta, "pos" | "at"> | undefined;
  let bytes = 0;
  const { isMerged } = liveViewOf(view);
  const keyOf = (change: Change) => (isMerged ? change.key : `${change.key}@${change.version}`);
  return {
    isEmpty: () => newest === undefined,
    add: (delta, added) => {
      const before = bytes;
      newest = delta;
      for (const change of added) {
        const key = keyOf(change);
        const known = changes.get(key);
        if (known !== undefined && known.version > change.version) continue;
        bytes += change.text.length - (known?.text.length ?? 0);
        changes.delete(key);
        changes.set(key, change);
      }
      return bytes - before;
    },
    take: () => {
      if (newest === undefined) return undefined;
      const taken = { changes: [...changes.values()], pos: newest.pos, at: newest.at, bytes };
      changes.clear();
      newest = undefined;
      bytes = 0;
      return taken;
    },
  };
};
