/** What became of what a source named, on devices in whose sets it took part. */
export type SourceTally = {
  readonly lookups: number;
  readonly hits: number;
  /** Hits on what recents did not know. */
  readonly beyond: number;
  readonly prefetched: number;
  readonly used: number;
};

export const noTally: SourceTally = { lookups: 0, hits: 0, beyond: 0, prefetched: 0, used: 0 };

export const sumTallies = (tallies: readonly Partial<SourceTally>[]): SourceTally =>
  tallies.reduce<SourceTally>(
    (sum, one) => ({
      lookups: sum.lookups + (one.lookups ?? 0),
      hits: sum.hits + (one.hits ?? 0),
      beyond: sum.beyond + (one.beyond ?? 0),
      prefetched: sum.prefetched + (one.prefetched ?? 0),
      used: sum.used + (one.used ?? 0),
    }),
    noTally,
  );
