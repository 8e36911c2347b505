import {
  type By,
  type Day,
  type LiveRow,
  type Outcome,
  type ScanTally,
  type ThroughputRow,
  type ThroughputSpan,
  throughputDaysKept,
  throughputHoursKept,
  throughputKey,
  type WorkerKind,
  type WorkerThroughput,
} from "@tagwire/messages";
import { dayBeginsMs, daysAfter } from "./day.ts";
import type { Happening } from "./happening.ts";
import { scanOutcomeOf } from "./scan-outcome.ts";

const hourMs = 3_600_000;

/** Whose scans, and when: what a count is kept under. */
export type TallyKey = Pick<ThroughputRow, "span" | "start" | "kind" | "who">;
export type Tallies = ReadonlyMap<string, ThroughputRow>;

/** What is older than this is forgotten. */
export type Kept = { readonly hour: string; readonly day: Day };
/** `kept` is undefined where nothing can have become too old: no hour began, for anybody. */
export type ThroughputTurned = { readonly changed: Tallies; readonly kept: Kept | undefined };

export const noTally: ScanTally = {
  scans: 0,
  accepted: 0,
  alreadyApplied: 0,
  rejected: 0,
  quarantined: 0,
};

const memberOf = {
  accepted: "accepted",
  already_applied: "alreadyApplied",
  rejected: "rejected",
  quarantined: "quarantined",
} as const satisfies Record<Outcome, keyof ScanTally>;

export const addTallies = (left: ScanTally, right: ScanTally): ScanTally => ({
  scans: left.scans + right.scans,
  accepted: left.accepted + right.accepted,
  alreadyApplied: left.alreadyApplied + right.alreadyApplied,
  rejected: left.rejected + right.rejected,
  quarantined: left.quarantined + right.quarantined,
});

/** The start of the hour of an instant, in the one spelling that is its key. */
export const hourOf = (atMs: number): string => new Date(Math.floor(atMs / hourMs) * hourMs).toISOString();

const workersOf = ({ person, device, reader }: By): { readonly kind: WorkerKind; readonly who: string }[] =>
  Object.entries({ person, device, reader }).flatMap(([kind, who]) =>
    who === undefined ? [] : [{ kind: kind as WorkerKind, who }],
  );

/** The scans of one run that count under the same keys: made by the same, in the same hour and on the same day. */
type Together = { readonly keys: readonly TallyKey[]; readonly tally: Record<keyof ScanTally, number> };

/** Puts scans together that count alike, since a run has many scans and few who make them. */
const putTogether = (happenings: readonly Happening[], dayOf: (atMs: number) => Day) => {
  const together = new Map<string, Together>();
  let newestMs = 0;
  for (const happening of happenings) {
    const outcome = scanOutcomeOf(happening);
    if (outcome === undefined) continue;
    const { by, recordedAt } = happening.event;
    const recordedAtMs = Date.parse(recordedAt);
    newestMs = Math.max(newestMs, recordedAtMs);
    const [hour, day] = [Math.floor(recordedAtMs / hourMs), dayOf(recordedAtMs)];
    const name = JSON.stringify([hour, day, by.person, by.device, by.reader]);
    let own = together.get(name);
    if (own === undefined) {
      const starts: readonly (readonly [ThroughputSpan, string])[] = [
        ["hour", hourOf(recordedAtMs)],
        ["day", day],
      ];
      const keys = workersOf(by).flatMap((worker) =>
        starts.map(([span, start]) => ({ span, start, ...worker })),
      );
      own = { keys, tally: { ...noTally } };
      together.set(name, own);
    }
    own.tally.scans += 1;
    own.tally[memberOf[outcome]] += 1;
  }
  return { together: [...together.values()], newestMs };
};

/** What has to be known before a run is folded. */
export const tallyKeys = (happenings: readonly Happening[], dayOf: (atMs: number) => Day): TallyKey[] => {
  const keys = putTogether(happenings, dayOf).together.flatMap((own) => own.keys);
  return [...new Map(keys.map((key) => [throughputKey(key), key])).values()];
};

/** Counts the scans of a run onto what is known of who made them. */
export const foldThroughput = (
  known: Tallies,
  happenings: readonly Happening[],
  dayOf: (atMs: number) => Day,
): ThroughputTurned => {
  const changed = new Map<string, ThroughputRow>();
  const { together, newestMs } = putTogether(happenings, dayOf);
  for (const { keys, tally } of together)
    for (const key of keys) {
      const name = throughputKey(key);
      const before = changed.get(name) ?? known.get(name) ?? noTally;
      changed.set(name, { ...key, ...addTallies(before, tally) });
    }
  const isNew = [...changed.keys()].some((name) => !known.has(name));
  return { changed, kept: isNew ? keptAt(newestMs, dayOf(newestMs)) : undefined };
};

/** The oldest hour and the oldest day that are kept at an instant. */
export const keptAt = (atMs: number, today: Day): Kept => ({
  hour: hourOf(atMs - (throughputHoursKept - 1) * hourMs),
  day: daysAfter(today, 1 - throughputDaysKept),
});

/** Whether something that is counted is kept at an instant. */
export const isKept = ({ span, start }: TallyKey, { hour, day }: Kept): boolean =>
  start >= (span === "hour" ? hour : day);

/** When what was counted in an hour, or on a day of a zone, is forgotten. */
const forgottenAt = ({ span, start }: TallyKey, timeZone: string): string =>
  new Date(
    span === "hour"
      ? Date.parse(start) + throughputHoursKept * hourMs
      : dayBeginsMs(daysAfter(start, throughputDaysKept), timeZone),
  ).toISOString();

/** The keyed rows of the live view, as of `version`. */
export const throughputRows = (
  tallies: Iterable<ThroughputRow>,
  { version, timeZone }: { readonly version: number; readonly timeZone: string },
): LiveRow[] => {
  // There are many who scan on few days, and when a day begins is looked for.
  const known = new Map<string, string>();
  return [...tallies].map((row) => {
    const validUntil = known.get(row.start) ?? forgottenAt(row, timeZone);
    known.set(row.start, validUntil);
    return { key: throughputKey(row), version, ...row, validUntil };
  });
};

/** What everybody scanned, all together and by hour or day. Rows have to come by who it was, and the oldest first. */
export const byWorker = (rows: readonly ThroughputRow[]): WorkerThroughput[] =>
  [...Map.groupBy(rows, ({ kind, who }) => `${kind} ${who}`).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { kind, who } = first;
    const spans = own.map(({ span: _span, kind: _kind, who: _who, ...rest }) => rest);
    return [{ kind, who, ...own.reduce(addTallies, noTally), spans }];
  });
