import { isDeepStrictEqual } from "node:util";

const told = (value: unknown): string => JSON.stringify(value) ?? "nothing";

/** What one map says otherwise than another, a line for each key. */
export const differences = <T>(
  what: string,
  kept: ReadonlyMap<string | number, T>,
  byLog: ReadonlyMap<string | number, T>,
): string[] => [
  ...[...kept].flatMap(([key, value]) =>
    isDeepStrictEqual(value, byLog.get(key))
      ? []
      : [`${what} ${key}: ${told(value)}, by the log ${told(byLog.get(key))}`],
  ),
  ...[...byLog].flatMap(([key, value]) =>
    kept.has(key) ? [] : [`${what} ${key} is missing: ${told(value)}`],
  ),
];

/** One figure that is said otherwise. */
export const same = (what: string, kept: unknown, byLog: unknown): string[] =>
  isDeepStrictEqual(kept, byLog) ? [] : [`${what}: ${told(kept)}, by the log ${told(byLog)}`];
