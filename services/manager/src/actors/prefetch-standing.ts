import {
  type Day,
  type PrefetchGuess,
  type PrefetchReason,
  type PrefetchState,
  prefetchDaysKept,
  prefetchGuesses,
  prefetchPointsMin,
  prefetchPrecisionMin,
} from "@tagwire/messages";
import { daysAfter } from "./day.ts";
import { noTally, type SourceTally, sumTallies } from "./prefetch-tally.ts";

/** What became of what one source named at a site on one day, on the devices in whose sets it took part. */
export type SourceDay = { readonly source: PrefetchGuess; readonly day: Day; readonly tally: SourceTally };

/** The days of the site whose figures count, today with them … */
export const evidenceDays = 14;
/**
 * … and, where that is less than this, as many days more as it takes, of those that are kept: of 200 scans a hit ratio of 3 % is known
 * to about 1.2 points, as far as scans are independent, and of 30 items one in five is told from one in twenty.
 */
export const lookupsMin = 200;
export const prefetchedMin = 30;

export type Evidence = { readonly from: Day; readonly tally: SourceTally };

const isEnough = ({ lookups, prefetched }: SourceTally): boolean =>
  lookups >= lookupsMin && prefetched >= prefetchedMin;

/**
 * What is known of a source today. A source that keeps quiet is tried on few device-days, so it is looked back further for it: what it was
 * worth before it fell silent counts until there is enough of what it was worth since.
 */
export const evidenceOf = (days: readonly SourceDay[], source: PrefetchGuess, today: Day): Evidence => {
  const own = days.filter((one) => one.source === source).toSorted((a, b) => (a.day < b.day ? 1 : -1));
  const [recently, ever] = [daysAfter(today, 1 - evidenceDays), daysAfter(today, 1 - prefetchDaysKept)];
  let known: Evidence = { from: recently, tally: noTally };
  for (const { day, tally } of own) {
    if (day < ever || (day < recently && isEnough(known.tally))) break;
    known = { from: day < recently ? day : recently, tally: sumTallies([known.tally, tally]) };
  }
  return known;
};

export type Judgement = { readonly state: PrefetchState; readonly reason: PrefetchReason };

/**
 * Whether a source earns its place in a site's sets.
 *
 *   too little counted ──────────────► unproven     (takes part: nobody is condemned unheard)
 *   adds less than 3 in a hundred ───► quiet
 *   of what it names less than 1 in 5
 *   is scanned on the very device ───► quiet
 *   neither ─────────────────────────► earning
 *
 * That it adds too little is known from the scans alone, also of a source that names nothing.
 */
export const judge = ({ lookups, beyond, prefetched, used }: SourceTally): Judgement => {
  if (lookups < lookupsMin) return { state: "unproven", reason: "too_little_counted" };
  if (beyond / lookups < prefetchPointsMin) return { state: "quiet", reason: "adds_too_little" };
  if (prefetched < prefetchedMin) return { state: "unproven", reason: "too_little_counted" };
  if (used / prefetched < prefetchPrecisionMin) return { state: "quiet", reason: "right_too_seldom" };
  return { state: "earning", reason: "adds_enough" };
};

/** How a source stands, since when, and by what. */
export type Standing = Judgement &
  Evidence & { readonly source: PrefetchGuess; readonly sinceMs: number; readonly judgedAtMs: number };

/** How all sources of a site stand now. A state goes on since it began, whatever its figures are by now. */
export const judgeAll = (
  days: readonly SourceDay[],
  before: readonly Standing[],
  { today, nowMs }: { readonly today: Day; readonly nowMs: number },
): Standing[] =>
  prefetchGuesses.map((source) => {
    const evidence = evidenceOf(days, source, today);
    const judgement = judge(evidence.tally);
    const known = before.find((one) => one.source === source);
    const sinceMs = known?.state === judgement.state ? known.sinceMs : nowMs;
    return { source, ...judgement, ...evidence, sinceMs, judgedAtMs: nowMs };
  });
