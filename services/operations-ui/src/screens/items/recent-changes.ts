import { useRef } from "react";
import type { ViewSnapshot } from "../../live/subscription.ts";

/** A row is marked as changed for this long, so that one scrolled into view later does not flash for old news. */
export const markedMs = 1_600;
const markedMax = 500;

type Item = { readonly tag: string; readonly pos: number };
type Memory = { revision: number; snapshots: number; pos: number; marks: ReadonlyMap<string, number> };

/**
 * Which items changed just now, and when, by tag. `newestFirst` is every row, newest change first, so only the new ones
 * are looked at.
 */
export const recentChanges = (
  before: Memory,
  snapshot: Pick<ViewSnapshot, "revision" | "snapshots">,
  newestFirst: readonly Item[],
  nowMs: number,
): Memory => {
  const marks = new Map([...before.marks].filter(([, atMs]) => nowMs - atMs < markedMs));
  const isNewSnapshot = before.snapshots !== snapshot.snapshots;
  for (const item of newestFirst.slice(0, isNewSnapshot ? 0 : markedMax)) {
    if (item.pos <= before.pos) break;
    marks.set(item.tag, nowMs);
  }
  const pos = newestFirst[0]?.pos ?? before.pos;
  return { revision: snapshot.revision, snapshots: snapshot.snapshots, pos, marks };
};

export const nothingRecent: Memory = { revision: -1, snapshots: -1, pos: 0, marks: new Map() };

/** The same as a hook. The memory is a ref: a mark is decoration, and must not render anything by itself. */
export const useRecentChanges = (
  snapshot: ViewSnapshot,
  newestFirst: readonly Item[],
): ReadonlyMap<string, number> => {
  const memory = useRef(nothingRecent);
  if (memory.current.revision !== snapshot.revision) {
    memory.current = recentChanges(memory.current, snapshot, newestFirst, Date.now());
  }
  return memory.current.marks;
};
