import type { Row } from "../outbox/rows.ts";

/** As many scans a set is good for before it is asked for anew: what is scanned next is told by what was scanned just now. */
export const scansPerPull = 7;
/** The manager gives the same set again within this time, in ms: nobody asks twice meanwhile. */
export const freshMs = 10_000;
/** So long after a device has joined a session, in ms, the manager knows of it. */
export const joinedMs = 1_000;
/** As many scans are known again as a page shows, and some. */
const scansKnownMax = 1_000;

type World = { readonly nowMs: () => number };

/**
 * When a set of names is asked for besides now and then: when this device takes part in another session, after every few scans, and when
 * somebody looks at the page again. A walk through the house with the reader on asks once in the time that a set is fresh.
 */
export const createOccasions = (
  pull: () => void,
  site: string,
  { nowMs }: World = { nowMs: () => performance.now() },
) => {
  let pulledAtMs = Number.NEGATIVE_INFINITY;
  let joined: string | undefined;
  let joining: ReturnType<typeof setTimeout> | undefined;
  let scans = 0;
  let known: Set<string> | undefined;
  const now = (): void => {
    pulledAtMs = nowMs();
    scans = 0;
    pull();
  };
  const unlessFresh = (): void => {
    if (nowMs() - pulledAtMs >= freshMs) now();
  };
  return {
    now,
    /** The session that this device scans into at the site, if any. */
    takesPart: (session: string | undefined): void => {
      if (session === joined) return;
      joined = session;
      clearTimeout(joining);
      if (session !== undefined) joining = setTimeout(now, joinedMs);
    },
    /** Rows of the station, whenever they change; those of before the page began are no news. */
    scanned: (rows: readonly Row[]): void => {
      const own = rows.flatMap(({ scan, site: at }) => (at === site ? scan.id : []));
      if (known !== undefined) for (const id of own) if (!known.has(id)) scans += 1;
      known = new Set([...own, ...(known ?? [])].slice(0, scansKnownMax));
      if (scans >= scansPerPull) unlessFresh();
    },
    /** Somebody looks at the page again. */
    seen: unlessFresh,
    stop: (): void => clearTimeout(joining),
  };
};
