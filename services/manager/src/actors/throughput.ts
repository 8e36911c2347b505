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
import { daysAfter } from "./day.ts";
import type { Happening } from "./happening.ts";
import { scanOutcomeOf } from "./scan-outcome.ts";

const hourMs = 3_600_000;

/** Whose scans, and when: what a count is kept under. */
export type TallyKey = Pick<ThroughputRow, "span" | "start" | "kind" | "who">;
export type Tallies = ReadonlyMap<string, ThroughputRow>;

/** What is older than this is forgotten. */
export type Kept = { readonly hour: string; readonly day: Day };
export type ThroughputTurned = { readonly changed: Tallies; readonly kept: Kept };

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

/** Everything that a scan is counted under: each of who made it, by the hour and the day in which it was recorded. */
const keysOf = ({ event }: Happening, dayOf: (at: string) => Day): TallyKey[] => {
  const starts: readonly (readonly [ThroughputSpan, string])[] = [
    ["hour", hourOf(Date.parse(event.recordedAt))],
    ["day", dayOf(event.recordedAt)],
  ];
  return workersOf(event.by).flatMap((worker) => starts.map(([span, start]) => ({ span, start, ...worker })));
};

/** What has to be known before a run is folded. */
export const tallyKeys = (happenings: readonly Happening[], dayOf: (at: string) => Day): TallyKey[] => {
  const keys = happenings.flatMap((happening) => keysOf(happening, dayOf));
  return [...new Map(keys.map((key) => [throughputKey(key), key])).values()];
};

/** Counts the scans of a run onto what is known of who made them. */
export const foldThroughput = (
  known: Tallies,
  happenings: readonly Happening[],
  dayOf: (at: string) => Day,
): ThroughputTurned => {
  const changed = new Map<string, ThroughputRow>();
  let newestMs = 0;
  for (const happening of happenings) {
    const outcome = scanOutcomeOf(happening);
    if (outcome === undefined) continue;
    newestMs = Math.max(newestMs, Date.parse(happening.event.recordedAt));
    for (const key of keysOf(happening, dayOf)) {
      const name = throughputKey(key);
      const before = changed.get(name) ?? known.get(name) ?? { ...key, ...noTally };
      const member = memberOf[outcome];
      changed.set(name, { ...before, scans: before.scans + 1, [member]: before[member] + 1 });
    }
  }
  return { changed, kept: keptAt(newestMs, dayOf(new Date(newestMs).toISOString())) };
};

/** The oldest hour and the oldest day that are kept at an instant. */
export const keptAt = (atMs: number, today: Day): Kept => ({
  hour: hourOf(atMs - (throughputHoursKept - 1) * hourMs),
  day: daysAfter(today, 1 - throughputDaysKept),
});

/** The keyed rows of the live view, as of `version`. */
export const throughputRows = (tallies: Iterable<ThroughputRow>, version: number): LiveRow[] =>
  [...tallies].map((row) => ({ key: throughputKey(row), version, ...row }));

/** What everybody scanned, all together and by hour or day. Rows have to come by who it was, and the oldest first. */
export const byWorker = (rows: readonly ThroughputRow[]): WorkerThroughput[] =>
  [...Map.groupBy(rows, ({ kind, who }) => `${kind} ${who}`).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { kind, who } = first;
    const spans = own.map(({ span: _span, kind: _kind, who: _who, ...rest }) => rest);
    return [{ kind, who, ...own.reduce(addTallies, noTally), spans }];
  });
