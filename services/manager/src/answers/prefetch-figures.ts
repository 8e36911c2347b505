import {
  type AskPrefetchFigures,
  type Position,
  type PrefetchGuess,
  type PrefetchStanding,
  prefetchDaysDefault,
  prefetchGuesses,
} from "@tagwire/messages";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import type { Standing } from "../actors/prefetch-standing.ts";
import { noTally } from "../actors/prefetch-tally.ts";
import { worthOf } from "../actors/prefetch-worth.ts";
import { type Followed, listDays, listFollowed } from "../store/prefetch-accounts.ts";
import { listStandings } from "../store/prefetch-standings.ts";
import { findSites, timeZoneDefault } from "../store/sites.ts";
import { type LastLevel, neverLevel, unknownSite } from "./as-of.ts";
import type { Prefetching } from "./prefetch.ts";
import { readAtOnce } from "./read-at-once.ts";

type Question = Static<(typeof AskPrefetchFigures)["question"]>;
type Answer = Static<(typeof AskPrefetchFigures)["answer"]>;

const instantOf = (ms: number): string => new Date(ms).toISOString();
const share = (part: number, of: number): number | null => (of === 0 ? null : part / of);

const standingOf = (source: PrefetchGuess, known: Standing | undefined, isOff: boolean): PrefetchStanding => {
  const { lookups, beyond, prefetched, used } = known?.tally ?? noTally;
  const judged = {
    state: known?.state ?? "unproven",
    reason: known?.reason ?? "too_little_counted",
  } as const;
  return {
    source,
    ...(isOff ? ({ state: "off", reason: "switched_off" } as const) : judged),
    // A setting has no history: since when it is so, only whoever set it knows.
    since: isOff || known === undefined ? null : instantOf(known.sinceMs),
    judgedAt: known === undefined ? null : instantOf(known.judgedAtMs),
    from: known?.from ?? null,
    ...{ lookups, beyondRecents: beyond, points: share(beyond, lookups) },
    ...{ prefetched, used, precision: share(used, prefetched) },
  };
};

/** Up to where the scans of a site are counted, and the last instant at which that was known to be all there is. */
const asOfCounted = (
  { position, countedAt }: Followed,
  {
    site,
    lastLevel,
  }: { readonly site: string; readonly lastLevel: (site: string, at: Position) => number | undefined },
) => {
  const asOfMs = Math.max(countedAt?.getTime() ?? 0, lastLevel(site, position) ?? 0);
  return { known: true, ...position, asOf: instantOf(asOfMs) };
};

/** What handing devices their items ahead was worth in the days up to now, and which sources that keeps in their sets. */
export const answerPrefetchFigures = async (
  { sql, notices, off }: Prefetching,
  { site, days = prefetchDaysDefault }: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> => {
  const sites = await readAtOnce(sql, (transaction) => findSites(transaction, [site]));
  const to = calendarOf(sites.get(site)?.timeZone ?? timeZoneDefault)(nowMs);
  const from = daysAfter(to, 1 - days);
  const { followed, counted, standings } = await readAtOnce(notices, async (transaction) => ({
    followed: (await listFollowed(transaction)).find((one) => one.site === site),
    counted: await listDays(transaction, site, { from, to }),
    standings: await listStandings(transaction, site),
  }));
  const of = followed === undefined ? unknownSite(nowMs) : asOfCounted(followed, { site, lastLevel });
  return {
    ...of,
    ...{ from, to, countedTo: followed?.position ?? null },
    ...worthOf(counted),
    standings: prefetchGuesses.map((source) =>
      standingOf(
        source,
        standings.find((one) => one.source === source),
        off.has(source),
      ),
    ),
  };
};
