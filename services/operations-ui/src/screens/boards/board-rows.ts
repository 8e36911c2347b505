import {
  type AvailableItem,
  type ClassDay,
  type ContractRow,
  type DayWindow,
  dueStateOf,
  type FlaggedScan,
  type ItemDays,
  itemDaysOf,
  type LagDistribution,
  type LagMinute,
  lagDistribution,
  type ScanTally,
  type SessionRow,
  type StaleLimit,
  type StaleParams,
  staleLimitOf,
  sumLags,
  type ThroughputRow,
  type UnseenItem,
} from "@tagwire/messages";

/*
 * What the boards show of the rows of their views. Pure, and given the time: rows say since when something is so, so that nothing is
 * pushed because time passes.
 */

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** How far back the board of lags looks, in minutes. */
const lagMinutes = 60;

type Since = { readonly since: string; readonly tag: string };

/** What is so for longest first. */
export const bySince = <Row extends Since>(rows: readonly Row[]): Row[] =>
  rows.toSorted((a, b) => (a.since === b.since ? (a.tag < b.tag ? -1 : 1) : a.since < b.since ? -1 : 1));

/** What is not on contract for so many days. */
export const idleRows = (rows: readonly AvailableItem[], days: number, nowMs: number): AvailableItem[] => {
  const latest = new Date(nowMs - days * dayMs).toISOString();
  return bySince(rows.filter(({ since }) => since <= latest));
};

export type OverLimit = UnseenItem & { readonly limit: StaleLimit };

/** What no scan touched for longer than its limit. */
export const staleRows = (rows: readonly UnseenItem[], params: StaleParams, nowMs: number): OverLimit[] =>
  bySince(
    rows
      .map((row) => ({ ...row, limit: staleLimitOf(params, row) }))
      .filter(({ since, limit }) => Date.parse(since) < nowMs - limit.days * dayMs),
  );

export type UsedClass = ItemDays & { readonly class: string; readonly share: number | null };

const shareOf = ({ outDays, itemDays }: ItemDays): number | null =>
  itemDays === 0 ? null : outDays / itemDays;

/** Utilisation of each class over a window, the most used first, and of all of them together. */
export const usedClasses = (days: readonly ClassDay[], window: DayWindow) => {
  const used = [...itemDaysOf(days, window)].filter(([, { itemDays }]) => itemDays > 0);
  const sum = (of: (days: ItemDays) => number): number => used.reduce((total, [, own]) => total + of(own), 0);
  const [outDays, itemDays] = [sum((own) => own.outDays), sum((own) => own.itemDays)];
  return {
    rows: used
      .map(([name, own]): UsedClass => ({ class: name, ...own, share: shareOf(own) }))
      .sort((a, b) => (b.share ?? 0) - (a.share ?? 0) || (a.class < b.class ? -1 : 1)),
    all: { outDays, itemDays, share: itemDays === 0 ? null : outDays / itemDays },
  };
};

export type Scanned = Pick<ThroughputRow, "kind" | "who"> & {
  readonly hour: number;
  readonly today: ScanTally;
};

/** What everybody scanned on a day, and in an hour of it, the busiest first. */
export const byScanner = (
  rows: readonly ThroughputRow[],
  { day, hour }: { readonly day: string; readonly hour: string },
): Scanned[] => {
  const inHour = new Map(
    rows
      .filter(({ span, start }) => span === "hour" && start === hour)
      .map((row) => [`${row.kind} ${row.who}`, row.scans]),
  );
  return rows
    .filter(({ span, start }) => span === "day" && start === day)
    .map((today) => ({
      ...{ kind: today.kind, who: today.who, today },
      hour: inHour.get(`${today.kind} ${today.who}`) ?? 0,
    }))
    .sort((a, b) => b.today.scans - a.today.scans || (a.who < b.who ? -1 : 1));
};

/** Sessions, the one of which something was recorded last first. */
export const byActivity = (rows: readonly SessionRow[]): SessionRow[] =>
  rows.toSorted((a, b) => (a.activeAt < b.activeAt ? 1 : -1));

/** Scans, the newest first. */
export const newestFirst = (rows: readonly FlaggedScan[]): FlaggedScan[] =>
  rows.toSorted((a, b) => b.pos - a.pos);

/** The day a contract is due, whichever way. */
const dueDay = ({ dueInDay, dueOutDay }: ContractRow): string | null => dueInDay ?? dueOutDay;

/** What is not over, or still out, by when it is due, and how many are late. */
export const byDue = (all: readonly ContractRow[], today: string) => {
  const rows = all
    .filter(
      ({ state, stillOutItems }) => stillOutItems > 0 || ["open", "finalized", "returned"].includes(state),
    )
    .sort((a, b) => {
      const [one, other] = [dueDay(a) ?? "9999", dueDay(b) ?? "9999"];
      return one === other ? (a.number < b.number ? -1 : 1) : one < other ? -1 : 1;
    });
  const count = (is: (row: ContractRow) => boolean): number => rows.filter(is).length;
  return {
    rows,
    counts: {
      overdue: count(({ dueInDay }) => dueStateOf(dueInDay, today) === "late"),
      dueInToday: count(({ dueInDay }) => dueStateOf(dueInDay, today) === "today"),
      lateOut: count(({ dueOutDay }) => dueStateOf(dueOutDay, today) === "late"),
      dueOutToday: count(({ dueOutDay }) => dueStateOf(dueOutDay, today) === "today"),
      stillOut: rows.reduce((sum, { stillOutItems }) => sum + stillOutItems, 0),
    },
  };
};

/** When a contract is due and which way, as it stands today: `back, overdue since 2026-03-02`. */
export const dueText = (row: ContractRow, today: string): string => {
  const day = dueDay(row);
  if (day === null) return "–";
  const way = row.dueInDay === null ? "out" : "back";
  const state = dueStateOf(day, today);
  if (state === "today") return `${way} today`;
  return state === "late" ? `${way}, late since ${day}` : `${way} ${day}`;
};

/** How long scans of the last hour took from the device to the record. */
export const lagOfHour = (minutes: readonly LagMinute[], nowMs: number): LagDistribution => {
  const from = new Date(nowMs - (lagMinutes - 1) * minuteMs).toISOString();
  return lagDistribution(sumLags(minutes.filter(({ minute }) => minute >= from)));
};
