import type { FilterRule } from "@tagwire/messages";
import type { FrameTally } from "./ledger.ts";

/** A tally that is being made. */
type Counting = {
  readonly antenna: number;
  reads: number;
  readonly filtered: Partial<Record<FilterRule, number>>;
};

/** Counts the reads of one frame. */
export const createFrameCount = () => {
  const byAntenna = new Map<number, Counting>();
  const tallyOf = (antenna: number): Counting => {
    const known = byAntenna.get(antenna) ?? { antenna, reads: 0, filtered: {} };
    byAntenna.set(antenna, known);
    return known;
  };
  return {
    read: (antenna: number, count: number): void => {
      tallyOf(antenna).reads += count;
    },
    filter: (antenna: number, rule: FilterRule, count: number): void => {
      const { filtered } = tallyOf(antenna);
      filtered[rule] = (filtered[rule] ?? 0) + count;
    },
    tallies: (): FrameTally[] => [...byAntenna.values()],
  };
};
