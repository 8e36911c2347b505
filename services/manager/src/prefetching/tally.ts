import type { Day, PrefetchArm, PrefetchSource } from "@tagwire/messages";
import { type HeldItem, type Lookup, look, sourceOfHit } from "../actors/prefetch-lookup.ts";
import { type SourceTally, sumTallies } from "../actors/prefetch-tally.ts";
import type { Account, DayTally, Scanned, Settled } from "../store/prefetch-accounts.ts";

type Key = { readonly device: string; readonly day: Day; readonly arm: PrefetchArm };

const nothing = ({ device, day, arm }: Key): DayTally => ({
  ...{ device, day, arm, lookups: 0, hits: 0, stale: 0, offlineLookups: 0, offlineMisses: 0 },
  ...{ prefetched: 0, used: 0, wasteBytes: 0, bySource: {} },
});

const withSources = (
  { bySource }: DayTally,
  sources: readonly PrefetchSource[],
  add: Partial<SourceTally>,
): DayTally["bySource"] => ({
  ...bySource,
  ...Object.fromEntries(sources.map((source) => [source, sumTallies([bySource[source] ?? {}, add])])),
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

/** A scan that found its item, or did not, on a device that is kept account of. */
export type LookedUp = {
  readonly arm: PrefetchArm;
  readonly result: "hit" | "stale" | "miss";
  /** The one under which it is told; undefined where nothing was found. */
  readonly source: PrefetchSource | undefined;
};

/** What devices could show of what they scanned, by their days; which items were of use; and each scan by itself. */
export const tallyLookups = (
  lookups: readonly Lookup[],
  accounts: readonly Account[],
  held: (device: string, tag: string) => HeldItem | undefined,
): { readonly days: DayTally[]; readonly used: Scanned[]; readonly looked: LookedUp[] } => {
  const byDevice = new Map(accounts.map((account) => [account.device, account]));
  const counted = days();
  const used: Scanned[] = [];
  const looked: LookedUp[] = [];
  for (const lookup of lookups) {
    const account = byDevice.get(lookup.device);
    // What was scanned before the device said that it holds anything says nothing about what it was handed.
    if (account === undefined || lookup.atMs < account.confirmedFromMs) continue;
    const item = held(lookup.device, lookup.tag);
    const { isHit, isStale, isUse } = look(lookup, item);
    const sources = isHit ? (item?.sources ?? []) : [];
    if (isUse) used.push({ device: lookup.device, tag: lookup.tag, atMs: lookup.atMs });
    looked.push({
      arm: account.arm,
      result: isHit ? (isStale ? "stale" : "hit") : "miss",
      source: sourceOfHit(sources),
    });
    counted.add(account, (before) => {
      const taking = { ...before, bySource: withSources(before, account.sources, { lookups: 1 }) };
      const beyond = sources.includes("recent") ? 0 : 1;
      return {
        ...taking,
        lookups: before.lookups + 1,
        hits: before.hits + (isHit ? 1 : 0),
        stale: before.stale + (isStale ? 1 : 0),
        offlineLookups: before.offlineLookups + (lookup.isOffline ? 1 : 0),
        offlineMisses: before.offlineMisses + (lookup.isOffline && !isHit ? 1 : 0),
        bySource: withSources(taking, sources, { hits: 1, beyond }),
      };
    });
  }
  return { days: counted.all(), used, looked };
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
