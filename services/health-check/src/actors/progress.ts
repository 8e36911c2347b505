import type { BoardEntity, RefoldedEntity } from "@tagwire/messages";
import type { Rounds } from "./rounds.ts";
import type { DrilledFrom } from "./turns.ts";

/** Where the folding of each kind goes on, and of what boards show of it: the key after which, or null for the first one. */
export type RefoldedUntil = Readonly<Partial<Record<RefoldedEntity | `board ${BoardEntity}`, string | null>>>;

/** Where an audit goes on with what no single one can do whole. */
export type AuditProgress = {
  /** The bucket with which the next scrub begins. */
  readonly scrubFrom: number;
  /** Where looking into buckets that differ goes on. */
  readonly drilledFrom: DrilledFrom;
  readonly refoldedUntil: RefoldedUntil;
  /** The line of the log of findings after which it goes on being checked. */
  readonly linesUntil: number;
  /** The finding after which findings go on being held against that log; null for the first one. */
  readonly findingsUntil: string | null;
  /** Up to when all that was due of rows and log has been counted again, in ms since 1970; null before the first audit. */
  readonly rowsProvenUntilMs: number | null;
  /** The same of rules that are asked in parts. */
  readonly rulesProvenUntilMs: number | null;
  /** The same of what is folded again. */
  readonly livesProvenUntilMs: number | null;
  /** How much was looked at since much of a kind was last seen. */
  readonly rounds: Rounds;
};
