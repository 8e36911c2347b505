import { type Finding, type FindingCode, findingKinds } from "@tagwire/messages";
import { fingerprintOf, type Sighting } from "./sighting.ts";
import { wasLookedAt } from "./succession.ts";

/** More of one kind in one audit are one trouble: that many of what is new become findings of their own. */
export const examplesMax = 50;
/** Of those that are findings already so many stay. */
export const keptMax = 2 * examplesMax;

/** A finding as it stood before an audit: what it says of the thing, too, where that is asked for. */
export type KnownFinding = Pick<Finding, "state" | "firstSeenAt"> &
  Partial<Pick<Finding, "code" | "evidence" | "remedy">>;

/** What is known before an audit of what it may see. */
export type Standing = {
  /** Findings that are not over, by their fingerprints. */
  readonly known: ReadonlyMap<string, KnownFinding>;
  /** Fingerprints of what was one of many before, whether it was named then or not. */
  readonly stormed: ReadonlySet<string>;
  /** Those of them that were seen within a day, by code. */
  readonly lately?: ReadonlyMap<FindingCode, readonly string[]>;
};

export const nothingBefore: Standing = { known: new Map(), stormed: new Set() };

/** Whether nobody has heard of it: it is no finding, and was none of many when it was not named. */
export const isNews = ({ known, stormed }: Standing, sighting: Pick<Sighting, "code" | "entity" | "key">) => {
  const fingerprint = fingerprintOf(sighting);
  return !known.has(fingerprint) && !stormed.has(fingerprint);
};

/** News first, in the order in which it was seen. */
export const newsFirst = <T extends Pick<Sighting, "code" | "entity" | "key">>(
  standing: Standing,
  sightings: readonly T[],
): T[] => {
  const { news = [], others = [] } = Object.groupBy(sightings, (one) =>
    isNews(standing, one) ? "news" : "others",
  );
  return [...news, ...others];
};

const isAtWork = ({ state }: Pick<Finding, "state">): boolean =>
  state === "acknowledged" || state === "in_review";

/** What audits saw, and how much more there was of a kind than they name by a sighting. */
export type Seen = {
  readonly sightings: readonly Sighting[];
  readonly untold?: ReadonlyMap<FindingCode, number>;
  /** Entities of which only a part of what differs was looked at. */
  readonly partly?: ReadonlySet<string>;
  /** Of codes that are looked for by turns, the share of everything that was looked at. */
  readonly shares?: ReadonlyMap<FindingCode, number>;
};

/** Of many of one kind those that are findings: whatever somebody is at work on, the latest of the others, and what is new. */
const examplesOf = (own: readonly Sighting[], { known, stormed }: Standing, partly: ReadonlySet<string>) => {
  const findings = own.flatMap((sighting) => {
    const finding = known.get(fingerprintOf(sighting));
    return finding === undefined ? [] : [{ sighting, finding }];
  });
  const latest = findings
    .filter(({ finding }) => !isAtWork(finding))
    .sort((left, right) => Date.parse(right.finding.firstSeenAt) - Date.parse(left.finding.firstSeenAt));
  const kept = [
    ...findings.filter(({ finding }) => isAtWork(finding)),
    ...latest.slice(0, Math.max(0, keptMax - (findings.length - latest.length))),
  ].map(({ sighting }) => sighting);
  // Where only a part is looked at, another one each time, what was not seen before is not new for that.
  const isTold = (one: Sighting) =>
    isNews({ known, stormed }, one) && (kept.length < examplesMax || wasLookedAt(one, partly));
  const news = own.filter(isTold).slice(0, examplesMax);
  const named = new Set([...kept, ...news]);
  // What was one of many before, and was superseded, is named again only while there is room for it.
  const others = own
    .filter((one) => !named.has(one) && !known.has(fingerprintOf(one)))
    .slice(0, Math.max(0, examplesMax - named.size));
  return [...kept, ...news, ...others];
};

/** Of a code that is looked for by turns, how many there are that had no turn at this audit, as those of the last day tell. */
const elsewhere = (
  code: FindingCode,
  own: readonly Sighting[],
  { known, lately }: Standing,
  share: number,
): number => {
  if (share >= 1) return 0;
  const seen = new Set(own.map(fingerprintOf));
  // What is a finding is looked at each time: one that was not seen now is no more.
  return (lately?.get(code) ?? []).filter((print) => !seen.has(print) && !known.has(print)).length;
};

const stormOf = (code: FindingCode, own: readonly Sighting[], more: number): Sighting => ({
  code: "systemic",
  entity: own[0]?.entity ?? "",
  key: code,
  evidence: { detail: `more than ${examplesMax} of ${code} in one audit`, more },
  isCertain: own.every(({ isCertain }) => isCertain),
  // What heals one of them heals all of them, or nothing does.
  remedy: findingKinds[code].remedy === "replay" ? "replay" : "none",
});

/** One sighting of each thing under a code: a tier may see what another has seen, and the later one knows more. */
const onceEach = (sightings: readonly Sighting[]): Sighting[] => [
  ...new Map(sightings.map((sighting) => [fingerprintOf(sighting), sighting])).values(),
];

/**
 * Folds storms: of each code that was seen more often, some are named, what is new before all, and one finding stands for all and says
 * how many more there are.
 *
 * @returns what becomes findings, and the fingerprints of all that is one of many by code: whoever is not named now is no news later
 */
export const foldStorms = (
  { sightings, untold = new Map(), partly = new Set(), shares = new Map() }: Seen,
  standing: Standing = nothingBefore,
): {
  readonly findings: readonly Sighting[];
  readonly storms: ReadonlyMap<FindingCode, readonly string[]>;
} => {
  const storms = new Map<FindingCode, readonly string[]>();
  const findings = [...Map.groupBy(onceEach(sightings), ({ code }) => code)].flatMap(([code, own]) => {
    if (own.length <= examplesMax) return own;
    const examples = examplesOf(own, standing, partly);
    storms.set(code, own.map(fingerprintOf));
    const unnamed = own.length - examples.length + elsewhere(code, own, standing, shares.get(code) ?? 1);
    return [...examples, stormOf(code, own, unnamed + (untold.get(code) ?? 0))];
  });
  return { findings, storms };
};
