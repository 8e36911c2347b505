import { useMemo } from "react";
import type { ViewSnapshot } from "../../live/subscription.ts";

/** Reads the rows of a view anew when something in it changed, or when `by` did. */
export const useRows = <Row, Result>(
  snapshot: ViewSnapshot,
  read: (rows: readonly Row[]) => Result,
  by: readonly unknown[],
): Result =>
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is the same object; the snapshot is new when it changed
  useMemo(() => read([...snapshot.rows.values()] as unknown as Row[]), [snapshot, ...by]);
