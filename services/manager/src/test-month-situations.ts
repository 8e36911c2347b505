import type { MonthBoards } from "./test-month-boards.ts";
import type { Reckoning } from "./test-month-reckoning.ts";

const dayMs = 86_400_000;
/** Within a month, this long without a rental or a sight is long, in days. */
const longDays = 14;
/** What has to be among what is odd of the scans of a month. */
const marks = ["late", "future_scan", "late_history_only", "rejected", "return_not_recorded"] as const;

/** What a month must have had for its boards to prove something, by name; each has to be some. */
export const situationsOf = (
  { available, unseen, flagged, use, minutes, queued }: MonthBoards,
  { taken }: Reckoning,
  today: string,
): Readonly<Record<string, ReadonlySet<unknown>>> => {
  const longAgo = new Date(Date.parse(today) - longDays * dayMs).toISOString();
  const all = [...available.values()];
  const buckets = [...minutes.values()].flatMap(({ lagCounts }) =>
    lagCounts.flatMap((count, bucket) => (count > 0 ? [bucket] : [])),
  );
  return {
    idle: new Set(all.filter(({ since }) => since <= longAgo)),
    "available again lately": new Set(all.filter(({ since }) => since > longAgo)),
    "available and seen": new Set(all.filter(({ lastSeenAt }) => lastSeenAt !== null)),
    stale: new Set([...unseen.values()].filter(({ since }) => since <= longAgo)),
    "never seen": new Set([...unseen.values()].filter(({ lastSeenAt }) => lastSeenAt === null)),
    "waiting since another day": new Set([...queued.values()].filter(({ since }) => since < today)),
    "days of classes": new Set([...use.values()].flat()),
    "lags of more than a day": new Set(buckets.filter((bucket) => bucket === 23)),
    "taken back": new Set(taken.keys()),
    ...Object.fromEntries(
      marks.map((mark) => [mark, new Set([...flagged.values()].filter((one) => one.marks.includes(mark)))]),
    ),
  };
};

/** What has to be due on some day of a month. */
export const dueSituationsOf = (
  { contractRows }: MonthBoards,
  today: string,
): Readonly<Record<string, ReadonlySet<unknown>>> => {
  const rows = [...contractRows.values()];
  return {
    "due out": new Set(rows.filter(({ dueOutDay }) => dueOutDay !== null && dueOutDay >= today)),
    "late out": new Set(rows.filter(({ dueOutDay }) => dueOutDay !== null && dueOutDay < today)),
    "due in": new Set(rows.filter(({ dueInDay }) => dueInDay !== null && dueInDay >= today)),
    overdue: new Set(rows.filter(({ dueInDay }) => dueInDay !== null && dueInDay < today)),
  };
};
