import type { TrueScan } from "./month.ts";

/**
 * From each scan to when managers could see it, in ms, for both ways alike. One that never came has waited until the month was over, and would
 * have waited longer.
 *
 * @param seenAtMs when managers could see a scan, by the clock of the month; undefined where they never could
 */
export const delaysOf = (
  scans: readonly Pick<TrueScan, "id" | "atMs">[],
  seenAtMs: (scan: string) => number | undefined,
  endMs: number,
): readonly number[] => scans.map(({ id, atMs }) => (seenAtMs(id) ?? endMs) - atMs);
