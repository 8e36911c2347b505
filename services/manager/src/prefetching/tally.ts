import type { Day, PrefetchArm, PrefetchSource } from "@tagwire/messages";
import { type HeldItem, type Lookup, look } from "../actors/prefetch-lookup.ts";
import type { SourceTally } from "../actors/prefetch-worth.ts";
import type { Account, DayTally, Scanned, Settled } from "../store/prefetch-accounts.ts";

type Key = { readonly device: string; readonly day: Day; readonly arm: PrefetchArm };

const noSource: SourceTally = { hits: 0, prefetched: 0, used: 0 };

const nothing = ({ device, day, arm }: Key): DayTally => ({
  ...{ device, day, arm, lookups: 0, hits: 0, stale: 0, offlineLookups: 0, offlineMisses: 0 },
  ...{ prefetched: 0, used: 0, wasteBytes: 0, bySource: {} },
});

const withSources = (
  tally: DayTally,
  sources: readonly PrefetchSource[],
  add: Partial<SourceTally>,
): DayTally["bySource"] => ({
  ...tally.bySource,
  ...Object.fromEntries(
    sources.map((source) => {
      const { hits, prefetched, used } = tally.bySource[source] ?? noSource;
      return [
        source,
        {
          hits: hits + (add.hits ?? 0),
          prefetched: prefetched + (add.prefetched ?? 0),
          used: used + (add.used ?? 0),
        },
      ];
    }),
  ),
});

/** Counts by device, day and arm, put together as they come. */
const days = () => {
  const tallies = new Map<string, DayTally>();
  return {
    add: (key: Key, change: (before: DayTally) => DayTally) => {
      const name = JSON.stringify([key.device, key.day, key.arm]);
      tallies.set(name, change(tallies.get(name) ?? nothing(key)));
    },
    all: () => [...tallies.values()],
  };
};

/** What devices could show of what they scanned, by their days, and which items were of use. */
export const tallyLookups = (
  lookups: readonly Lookup[],
  accounts: readonly Account[],
  held: (device: string, tag: string) => HeldItem | undefined,
): { readonly days: DayTally[]; readonly used: Scanned[] } => {
  const byDevice = new Map(accounts.map((account) => [account.device, account]));
  const counted = days();
  const used: Scanned[] = [];
  for (const lookup of lookups) {
    const account = byDevice.get(lookup.device);
    // What was scanned before the device was ever handed anything says nothing about what it was handed.
    if (account === undefined || lookup.atMs < account.begunAtMs) continue;
    const item = held(lookup.device, lookup.tag);
    const { isHit, isStale, isUse } = look(lookup, item);
    if (isUse) used.push({ device: lookup.device, tag: lookup.tag, atMs: lookup.atMs });
    counted.add(account, (before) => ({
      ...before,
      lookups: before.lookups + 1,
      hits: before.hits + (isHit ? 1 : 0),
      stale: before.stale + (isStale ? 1 : 0),
      offlineLookups: before.offlineLookups + (lookup.isOffline ? 1 : 0),
      offlineMisses: before.offlineMisses + (lookup.isOffline && !isHit ? 1 : 0),
      bySource: isHit ? withSources(before, item?.sources ?? [], { hits: 1 }) : before.bySource,
    }));
  }
  return { days: counted.all(), used };
};

/** What became of items whose time is over, by the days on which they were handed over. */
export const tallySettled = (settled: readonly Settled[]): DayTally[] => {
  const counted = days();
  for (const { isUsed, bytes, sources, ...key } of settled)
    counted.add(key, (before) => ({
      ...before,
      prefetched: before.prefetched + 1,
      used: before.used + (isUsed ? 1 : 0),
      wasteBytes: before.wasteBytes + (isUsed ? 0 : bytes),
      bySource: withSources(before, sources, { prefetched: 1, used: isUsed ? 1 : 0 }),
    }));
  return counted.all();
};
