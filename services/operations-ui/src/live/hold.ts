import { useSyncExternalStore } from "react";
import type { ViewSnapshot } from "./subscription.ts";

/*
 * The page standing still, for whoever cannot read what moves (WCAG 2.2.2). The views go on following underneath, so that
 * nothing is missed; only what is shown is a copy of the moment.
 */
let heldSinceMs: number | undefined;
const listeners = new Set<() => void>();

/** Lets the whole page stand still, or move on. */
export const setHeld = (isHeld: boolean, nowMs = Date.now()): void => {
  heldSinceMs = isHeld ? (heldSinceMs ?? nowMs) : undefined;
  for (const listener of listeners) listener();
};

export const onHold = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Since when the page stands still, in ms since 1970; undefined while it moves. */
export const getHeldSinceMs = (): number | undefined => heldSinceMs;
export const useHeldSinceMs = (): number | undefined => useSyncExternalStore(onHold, getHeldSinceMs);

/** Gives a view as it is, or while the page is held as it was when first asked for whole. One for each place that shows a view. */
export const holdable = (get: () => ViewSnapshot): (() => ViewSnapshot) => {
  let copy: { readonly sinceMs: number; readonly snapshot: ViewSnapshot } | undefined;
  return () => {
    if (heldSinceMs === undefined) {
      copy = undefined;
      return get();
    }
    if (copy?.sinceMs !== heldSinceMs) {
      const snapshot = get();
      // What has not come yet cannot stand still.
      if (!snapshot.whole) return snapshot;
      // Rows are changed in place, so standing still takes a copy of them.
      copy = { sinceMs: heldSinceMs, snapshot: { ...snapshot, rows: new Map(snapshot.rows) } };
    }
    return copy.snapshot;
  };
};
