import { type FoundRead, findLeaseMs, foundReadsMax, normaliseTag } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";

/**
 * What somebody looks for at a site, and what was heard of it since it was said last. Pure but for its own maps; time is an argument, in
 * ms of any clock that only moves forward.
 */
export type Finder = {
  /** Each seeker's tags, and until when it is believed to look. */
  readonly seekers: Map<string, { readonly tags: ReadonlySet<string>; readonly untilMs: number }>;
  /** What was heard and not said yet, by tag, reader and antenna. */
  readonly heard: Map<string, FoundRead>;
};

/** Seekers are processes of the gateway; more of them than this are none. */
const seekersMax = 64;

export const newFinder = (): Finder => ({ seekers: new Map(), heard: new Map() });

/** Somebody looks for these from now on, in the place of what it looked for before. */
export const seek = (
  { seekers }: Finder,
  { seeker, tags }: { readonly seeker: string; readonly tags: readonly string[] },
  nowMs: number,
): void => {
  seekers.delete(seeker);
  if (tags.length === 0) return;
  for (const [oldest] of seekers) if (seekers.size >= seekersMax) seekers.delete(oldest);
  const wanted = new Set(tags.flatMap((tag) => normaliseTag(tag) ?? []));
  seekers.set(seeker, { tags: wanted, untilMs: nowMs + findLeaseMs });
};

export const isSought = ({ seekers }: Finder): boolean => seekers.size > 0;

const isWanted = ({ seekers }: Finder, tag: string): boolean => {
  for (const { tags } of seekers.values()) if (tags.has(tag)) return true;
  return false;
};

/** Hears what a reader reads; whatever nobody looks for is passed over. A chip is found by its own number too. */
export const hearSought = (
  finder: Finder,
  reader: string,
  reads: readonly TagRead[],
  nowMs: number,
): void => {
  for (const [seeker, { untilMs }] of finder.seekers) if (untilMs <= nowMs) finder.seekers.delete(seeker);
  if (!isSought(finder)) return;
  for (const { epc, tid, antenna, rssiDbm, count, heardAtMs } of reads)
    for (const name of [epc, tid]) {
      const tag = name === undefined ? undefined : normaliseTag(name);
      if (tag === undefined || !isWanted(finder, tag)) continue;
      const key = `${tag}/${reader}/${antenna}`;
      const before = finder.heard.get(key);
      const peak = before?.rssiDbm ?? null;
      finder.heard.set(key, {
        ...{ tag, reader, antenna },
        rssiDbm: peak === null || rssiDbm === null ? (rssiDbm ?? peak) : Math.max(peak, rssiDbm),
        count: (before?.count ?? 0) + Math.max(1, count),
        heardAt: new Date(heardAtMs).toISOString(),
      });
    }
};

/** Takes out what was heard; of more than fits into a message, the loudest. */
export const takeFound = ({ heard }: Finder): FoundRead[] => {
  const found = [...heard.values()];
  heard.clear();
  if (found.length <= foundReadsMax) return found;
  const loudness = ({ rssiDbm }: FoundRead) => rssiDbm ?? Number.NEGATIVE_INFINITY;
  return found.toSorted((one, other) => loudness(other) - loudness(one)).slice(0, foundReadsMax);
};
