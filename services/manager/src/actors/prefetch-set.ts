import { type PrefetchItem, type PrefetchSource, prefetchSources } from "@tagwire/messages";

/** That one source names an item, and how likely it makes it that the device scans it within a few hours, from 0 to 1. */
export type Candidate = { readonly tag: string; readonly source: PrefetchSource; readonly chance: number };

/** An item of a set, and what it takes to keep, in bytes of JSON. */
export type SetItem = PrefetchItem & { readonly bytes: number };

export type SetBounds = { readonly items: number; readonly bytes: number };

/**
 * How much of what a source names is scanned on the device within a day, as replaying days of a warehouse with four devices through it
 * tells; the replay's test prints it. Where sources agree, their chances add up as those of independent things do.
 */
export const chanceOf: Readonly<Record<PrefetchSource, number>> = {
  session: 0.4,
  together: 0.35,
  due: 0.17,
  recent: 0.15,
};

/** What a device scanned a day ago is half as likely to be scanned again as what it scanned just now. */
const recentHalfLifeMs = 24 * 3_600_000;

export const recentChance = (ageMs: number): number =>
  chanceOf.recent * 0.5 ** (Math.max(0, ageMs) / recentHalfLifeMs);

/** Below this share of those at hand, picking any of them would hand over more for nothing than it is worth. */
export const atHandShareMin = 0.2;

/** Of goods that are all alike, each one at hand is as likely as any other to be taken for those that are still wanted. */
export const atHandChance = (wanted: number, atHand: number): number =>
  atHand === 0 || wanted / atHand < atHandShareMin ? 0 : chanceOf.due * Math.min(1, wanted / atHand);

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
