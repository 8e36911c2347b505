import { randomUUID } from "node:crypto";
import { ask, type Bus, hear, type Subscription } from "@tagwire/bus";
import {
  AskFind,
  Fault,
  type FoundRead,
  type FoundReads,
  findLeaseMs,
  findSubject,
  findTagsOfSiteMax,
  normaliseTag,
} from "@tagwire/messages";

/** How often the readers are told that somebody still looks, in ms. */
const renewMs = findLeaseMs / 3;

export type Seekers = {
  /**
   * Looks for tags; `found` gets what was just heard of them, and how many readers read: that also by itself, when it is known and
   * whenever it changes. Gives the way to stop.
   *
   * @throws Fault `overloaded` when more is looked for at the site than its readers are told of.
   */
  readonly seek: (site: string, tags: readonly string[], found: Found) => () => void;
  readonly close: () => Promise<void>;
};

export type Found = (reads: readonly FoundRead[], reading: number) => void;

type Seeker = { readonly tags: ReadonlySet<string>; readonly found: Found };
type Search = {
  readonly seekers: Set<Seeker>;
  readonly heard: Subscription;
  readonly timer: NodeJS.Timeout;
  /** How many readers read; undefined until that is known. */
  reading: number | undefined;
};

/** What all screens of this process look for: of each site the readers are told once, and what they hear is shared out. */
export const openSeekers = (bus: Bus): Seekers => {
  const seeker = randomUUID();
  const searches = new Map<string, Search>();

  const tagsOf = ({ seekers }: Pick<Search, "seekers">): string[] => [
    ...new Set([...seekers].flatMap(({ tags }) => [...tags])),
  ];
  const learn = (site: string, reading: number) => {
    const search = searches.get(site);
    if (search === undefined || search.reading === reading) return;
    search.reading = reading;
    for (const { found } of search.seekers) found([], reading);
  };
  const tell = (site: string, tags: readonly string[]) => {
    ask(bus, AskFind, { site, seeker, tags: [...tags] }).then(
      ({ reading }) => learn(site, reading),
      (err: unknown) => {
        // Nobody runs readers there this instant, so none reads for us; they are told again soon.
        bus.log.debug({ err, site }, "readers do not know what is looked for");
        learn(site, 0);
      },
    );
  };
  const shareOut = (site: string, { reads }: FoundReads) => {
    const search = searches.get(site);
    if (search === undefined) return;
    // Whoever is heard reads, also where that is not known yet.
    const heard = new Set(reads.map(({ reader }) => reader)).size;
    const reading = Math.max(heard, search.reading ?? 0);
    for (const { tags, found } of search.seekers) {
      const own = reads.filter(({ tag }) => tags.has(tag));
      if (own.length > 0) found(own, reading);
    }
  };
  const begin = (site: string): Search => {
    const search: Search = {
      seekers: new Set(),
      heard: hear(bus, findSubject(site), (message) => shareOut(site, message.json<FoundReads>())),
      timer: setInterval(() => tell(site, tagsOf(search)), renewMs),
      reading: undefined,
    };
    search.timer.unref();
    searches.set(site, search);
    return search;
  };
  const end = (site: string, { heard, timer }: Search): Promise<void> => {
    clearInterval(timer);
    searches.delete(site);
    return heard.stop();
  };

  return {
    seek: (site, tags, found) => {
      const own: Seeker = { tags: new Set(tags.flatMap((tag) => normaliseTag(tag) ?? [])), found };
      const known = searches.get(site);
      const all = new Set([...(known === undefined ? [] : tagsOf(known)), ...own.tags]);
      if (all.size > findTagsOfSiteMax)
        throw new Fault("overloaded", `at most ${findTagsOfSiteMax} tags are looked for at a site`);
      const search = known ?? begin(site);
      search.seekers.add(own);
      if (search.reading !== undefined) found([], search.reading);
      tell(site, tagsOf(search));
      return () => {
        if (!search.seekers.delete(own)) return;
        tell(site, tagsOf(search));
        if (search.seekers.size === 0)
          end(site, search).catch((err: unknown) => bus.log.warn({ err, site }, "still hears what is found"));
      };
    },
    close: async () => {
      if (bus.connection.isClosed()) return;
      await Promise.all([...searches].map(([site, search]) => end(site, search)));
    },
  };
};
