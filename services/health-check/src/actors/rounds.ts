import type { Finding, FindingCode } from "@tagwire/messages";

/** By code which share of a whole round was looked at since much of it was last seen; of codes that are looked for by turns. */
export type Rounds = Readonly<Record<string, number>>;

/** What an audit tells of codes that it looks for by turns. */
type Looked = {
  /** The share of everything that it looked at, from 0 to 1. */
  readonly shares: ReadonlyMap<FindingCode, number>;
  /** Codes of which it saw so many that they are one trouble. */
  readonly storms: ReadonlyMap<FindingCode, unknown>;
  readonly isComplete: boolean;
};

/**
 * How far the rounds are after an audit. One that did not come to its end proves nothing and counts for nothing, though what it looked at
 * has been passed: so a round is never shorter than it says.
 */
export const roundsAfter = (before: Rounds, { shares, storms, isComplete }: Looked): Rounds => {
  const after: Record<string, number> = { ...before };
  for (const [code, share] of shares)
    after[code] = Math.min(1, (after[code] ?? 0) + (isComplete ? share : 0));
  for (const code of storms.keys()) after[code] = 0;
  return after;
};

/**
 * Whether everything was looked at since much of a kind was last seen. Until then that an audit sees less of it only says whose turn it was.
 */
export const hasComeRound = (
  { code, key }: Pick<Finding, "code" | "key">,
  shares: ReadonlyMap<string, number>,
  rounds: Rounds,
): boolean => code !== "systemic" || !shares.has(key) || (rounds[key] ?? 0) >= 1;
