import Type, { type Static } from "typebox";
import { CategoryCounts, ContractBoardCounts, SessionBoardCounts } from "./board-questions.ts";
import { Dashboard } from "./dashboard.ts";
import { scanMarks } from "./flagged-scans.ts";
import { LagDistribution } from "./lag-distribution.ts";
import { PrefetchArmFigures, PrefetchSourceFigures } from "./prefetch.ts";
import { QueueCount } from "./service-queues.ts";
import { ScanTally, WorkerKind } from "./throughput.ts";
import { ClassUsage, Usage } from "./utilisation.ts";

/** Scans by how they ended, in two stretches of time. */
export const WatchedScans = Type.Object({
  lastHour: Type.Object(ScanTally.properties, { description: "the last hour that is over" }),
  lastDay: Type.Object(ScanTally.properties, { description: "the last 24 hours, the present one included" }),
});
export type WatchedScans = Static<typeof WatchedScans>;

/** What somebody scanned. Whoever scanned on one of the days that are kept is there, with zeros where nothing was scanned since. */
export const WatchedWorker = Type.Object({
  kind: WorkerKind,
  who: Type.String(),
  ...WatchedScans.properties,
});
export type WatchedWorker = Static<typeof WatchedWorker>;

const flaggedScans = Type.Object({
  scans: Type.Integer({ description: "scans that are listed under anything" }),
  marks: Type.Object(
    Object.fromEntries(scanMarks.map((mark) => [mark, Type.Integer()])) as Record<
      (typeof scanMarks)[number],
      Type.TInteger
    >,
  ),
});

/** How many scans were recorded that are late, flagged or rejected, up to now. */
export const WatchedFlagged = Type.Object({ lastHour: flaggedScans, lastDay: flaggedScans });
export type WatchedFlagged = Static<typeof WatchedFlagged>;

const overLimit = {
  days: Type.Integer({ description: "days without any scan" }),
  items: Type.Integer({ description: "how many are over the limit" }),
};

/** How many items no scan touched for longer than their limit: all of them, those without a limit of their own, and by the limit's name. */
export const WatchedStale = Type.Object({
  items: Type.Integer(),
  rest: Type.Object(overLimit),
  limits: Type.Array(Type.Object({ name: Type.String(), ...overLimit })),
});
export type WatchedStale = Static<typeof WatchedStale>;

/**
 * What handing devices their items ahead was worth: of what was predicted and of what was held out, by source, and what predicting added
 * to the hit ratio, which is nothing yet while one of the two has fewer than two device-days.
 */
export const WatchedPrefetch = Type.Object({
  arms: Type.Array(PrefetchArmFigures),
  sources: Type.Array(PrefetchSourceFigures),
  uplift: Type.Object({
    value: Type.Optional(Type.Number()),
    low: Type.Optional(Type.Number()),
    high: Type.Optional(Type.Number()),
  }),
});
export type WatchedPrefetch = Static<typeof WatchedPrefetch>;

/**
 * The boards whose figures a threshold can watch, each as it answers when nothing is asked for in particular: the next three days of
 * contracts, sessions idle for half an hour, 30 days of utilisation with what was idle for 30, an hour of lag (to the screens as all gateways have heard it from them), what is stale by the limits
 * of the site's own rule, and four weeks of prefetch sets. Scans are counted up to now. In `throughput` a scan of a person with a device counts for both, so `totals` are
 * those of each kind.
 */
export const WatchedBoards = Type.Object({
  contracts: Type.Object({ counts: ContractBoardCounts }),
  sessions: Type.Object({ counts: SessionBoardCounts }),
  queues: Type.Object({ counts: Type.Array(QueueCount) }),
  utilisation: Type.Object({ totals: Usage, rows: Type.Array(ClassUsage) }),
  lag: Type.Object({ deviceToRecord: LagDistribution, recordToScreen: LagDistribution }),
  throughput: Type.Object({
    totals: Type.Object({ person: WatchedScans, device: WatchedScans, reader: WatchedScans }),
    rows: Type.Array(WatchedWorker),
  }),
  stale: WatchedStale,
  flagged: WatchedFlagged,
  prefetch: WatchedPrefetch,
});
export type WatchedBoards = Static<typeof WatchedBoards>;
export type WatchedBoard = keyof WatchedBoards;

const { totals, statuses, classes, minutes, lag } = Dashboard.properties;

/** What the pointer of a threshold leads into: the figures of the dashboard, and of the boards. */
export const WatchedFigures = Type.Object({
  totals,
  statuses,
  classes,
  categories: Type.Array(CategoryCounts, { description: "the same as the classes, category by category" }),
  minutes,
  lag,
  boards: WatchedBoards,
});
export type WatchedFigures = Static<typeof WatchedFigures>;
