import { addTallies, readsByPort, takeTallies } from "../actors/antenna-ledger.ts";
import { type Ledger, type LedgerSave, observedReads } from "../actors/ledger.ts";
import { type PassingTag, readsOfPassing } from "../actors/passing.ts";
import { type PortReads, portReadsOf } from "../store/holdings.ts";
import type { HoldingDelta } from "../store/saves.ts";

/** What the windows of a reader hold, that no observation carries yet. */
export type Holding = {
  /** Reads by antenna. */
  readonly reads: ReadonlyMap<number, number>;
  /** How many passages have ended. */
  readonly passed: number;
  readonly passing: () => readonly PassingTag[];
  /** Whether something is to be said now, and found no room. */
  readonly hasUnsaid: boolean;
};

/** What Postgres knows of it since the last save. */
export type Mark = {
  readonly reads: PortReads;
  /** Of these, the ones of tags that are kept as passing. */
  readonly passing: PortReads;
  readonly passed: number;
};

export const noMark: Mark = { reads: {}, passing: {}, passed: 0 };

/** The mark of a reader whose keeper has taken up tags that were passing. */
export const markOfPassing = (tags: readonly PassingTag[]): Mark => {
  const reads = portReadsOf(readsByPort(readsOfPassing(tags)));
  return { reads, passing: reads, passed: 0 };
};

/** What a save tells of what a reader holds, and what Postgres knows of it then. */
export type Marking = {
  readonly delta: HoldingDelta;
  readonly mark: Mark;
  /** Whether everything that is to be said is in Postgres by then: what windows hold on to is not. */
  readonly isAllSaid: boolean;
};

type Marked = {
  readonly ledger: Ledger;
  readonly holding?: (() => Holding) | undefined;
  readonly mark?: Mark | undefined;
};

const nothingHeld: Holding = { reads: new Map(), passed: 0, passing: () => [], hasUnsaid: false };

/**
 * Marks what a reader holds beside `save`: in windows, and in observations that wait for another save. Tags at portals are written down when
 * the counters are due (`isDue`), since that is much, and when one of them has passed, since an observation carries its reads from then on.
 */
export const markingOf = (
  { ledger, holding, mark = noMark }: Marked,
  save: LedgerSave,
  isDue: boolean,
): Marking => {
  const { reads, passed, passing, hasUnsaid } = holding?.() ?? nothingHeld;
  const waiting = takeTallies(ledger.waiting, observedReads(save.antennas));
  const held = portReadsOf(addTallies(readsByPort(reads), waiting));
  const tags = isDue || passed !== mark.passed ? passing() : undefined;
  const isTold = tags !== undefined && (tags.length > 0 || Object.keys(mark.passing).length > 0);
  return {
    delta: {
      held,
      mayBeTakenUp: portReadsOf(takeTallies(tallied(mark.reads), tallied(mark.passing))),
      wasMarked: Object.keys(mark.reads).length > 0,
      ...(isTold ? { passing: tags } : {}),
    },
    mark: {
      reads: held,
      passing: isTold ? portReadsOf(readsByPort(readsOfPassing(tags))) : mark.passing,
      passed: tags === undefined ? mark.passed : passed,
    },
    isAllSaid: !hasUnsaid && Object.keys(waiting).length === 0,
  };
};

const tallied = (reads: PortReads) =>
  Object.fromEntries(Object.entries(reads).map(([port, count]) => [port, { reads: count }]));
