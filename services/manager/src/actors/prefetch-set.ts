import {
  type PrefetchItem,
  type PrefetchSource,
  prefetchPrecisionMin,
  prefetchSources,
} from "@tagwire/messages";
import type { Deed } from "./prefetch-deed.ts";

/** That one source names an item, and how likely it makes it that the device scans it within a few hours, from 0 to 1. */
export type Candidate = { readonly tag: string; readonly source: PrefetchSource; readonly chance: number };

/** An item of a set, and what it takes to keep, in bytes of JSON. */
export type SetItem = PrefetchItem & { readonly bytes: number };

export type SetBounds = { readonly items: number; readonly bytes: number };

/**
 * How much of what a source names is scanned on the device within a day, as replaying days of a warehouse through it tells; the replay's
 * test prints it. Of `together` it is that part of how often two things were seen with each other. Where sources agree, their chances add
 * up as those of independent things do.
 */
export const chanceOf: Readonly<Record<Exclude<PrefetchSource, "due">, number>> = {
  session: 0.4,
  together: 0.6,
  recent: 0.1,
};

/**
 * How much of what contracts foretell is scanned within a day on any device that does such work, of which each does its share. What goes out
 * is fetched on its day; of what should come back a good part comes late, or without a scan.
 */
const dueChances: Readonly<Record<Deed, number>> = { out: 0.6, in: 0.3 };

/** A guess that is right less often than a source must be is not made. */
const isWorthNaming = (chance: number): boolean => chance >= prefetchPrecisionMin;

/** What a device scanned a day ago is half as likely to be scanned again as what it scanned just now. */
const recentHalfLifeMs = 24 * 3_600_000;

export const recentChance = (ageMs: number): number =>
  chanceOf.recent * 0.5 ** (Math.max(0, ageMs) / recentHalfLifeMs);

/** What somebody else scanned at the place where the device works is so much less likely than what it scanned itself. */
const placeShare = 0.5;

export const placeChance = (ageMs: number): number => placeShare * recentChance(ageMs);

/** What a contract foretells, on a device that does such a share of such work; 0 where that is not worth a guess. */
export const dueChance = (deed: Deed, share: number): number => {
  const chance = dueChances[deed] * share;
  return isWorthNaming(chance) ? chance : 0;
};

/** What is wanted of goods that are all alike: how many, and how likely any one of them is when all that are at hand are wanted. */
export type Want = { readonly count: number; readonly chance: number };

/** Each of those at hand is as likely as any other to be taken; 0 where that is not worth a guess. */
export const atHandChance = ({ count, chance }: Want, atHand: number): number => {
  const each = atHand === 0 ? 0 : chance * Math.min(1, count / atHand);
  return isWorthNaming(each) ? each : 0;
};

/** More at hand than this, and no one of them is worth a guess. */
export const atHandMax = ({ count, chance }: Want): number =>
  Math.ceil((count * chance) / prefetchPrecisionMin);

type Likely = { readonly sources: ReadonlyMap<PrefetchSource, number> };

const likelyOf = (candidates: readonly Candidate[]): ReadonlyMap<string, Likely> => {
  const byTag = new Map<string, { readonly sources: Map<PrefetchSource, number> }>();
  for (const { tag, source, chance } of candidates) {
    if (chance <= 0) continue;
    const { sources } = byTag.get(tag) ?? { sources: new Map<PrefetchSource, number>() };
    sources.set(source, Math.max(sources.get(source) ?? 0, chance));
    byTag.set(tag, { sources });
  }
  return byTag;
};

/** The chance that any of them is right, taken as independent. */
const together = (chances: Iterable<number>): number =>
  1 - [...chances].reduce((none, chance) => none * (1 - chance), 1);

/**
 * The set for a device: what is most likely for its bytes, within the bounds. Of candidates that no item carries any more nothing is
 * kept. Same candidates, same set: ties go by the tag.
 */
export const chooseSet = (
  candidates: readonly Candidate[],
  items: ReadonlyMap<string, Omit<PrefetchItem, "sources">>,
  bounds: SetBounds,
): SetItem[] => {
  const scored = [...likelyOf(candidates)].flatMap(([tag, { sources }]) => {
    const known = items.get(tag);
    if (known === undefined) return [];
    const item: PrefetchItem = { ...known, sources: prefetchSources.filter((source) => sources.has(source)) };
    const bytes = Buffer.byteLength(JSON.stringify(item));
    return [{ item: { ...item, bytes }, worth: together(sources.values()) / bytes }];
  });
  scored.sort((a, b) => b.worth - a.worth || (a.item.tag < b.item.tag ? -1 : 1));
  let left = bounds.bytes;
  return scored
    .slice(0, bounds.items)
    .map(({ item }) => item)
    .filter(({ bytes }) => {
      left -= bytes;
      return left >= 0;
    });
};

/** What a device must be told so that it holds one set in place of another. */
export const changesBetween = (
  held: ReadonlyMap<string, Pick<SetItem, "version" | "sources">>,
  wanted: readonly SetItem[],
): { readonly put: SetItem[]; readonly gone: string[] } => {
  const stay = new Set(wanted.map(({ tag }) => tag));
  const isSame = (one: Pick<SetItem, "version" | "sources">, other: SetItem) =>
    one.version === other.version && one.sources.join() === other.sources.join();
  return {
    put: wanted.filter((item) => {
      const before = held.get(item.tag);
      return before === undefined || !isSame(before, item);
    }),
    gone: [...held.keys()].filter((tag) => !stay.has(tag)),
  };
};
