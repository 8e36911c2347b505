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
import { calendarDayText, countText, dayText, minuteText } from "../../words/time.ts";
import { siteDay } from "./site-time.ts";

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

/** Sessions: those that go on before those that are over, and of each the one of which something was recorded last first. */
export const byActivity = (rows: readonly SessionRow[]): SessionRow[] => {
  const isOver = ({ state }: SessionRow): number => (state === "open" ? 0 : 1);
  return rows.toSorted((a, b) => isOver(a) - isOver(b) || (a.activeAt < b.activeAt ? 1 : -1));
};

/** Scans, the newest first. */
export const newestFirst = (rows: readonly FlaggedScan[]): FlaggedScan[] =>
  rows.toSorted((a, b) => b.pos - a.pos);

/** Those that are odd in one way; all of them where none is chosen. */
export const withMark = (rows: readonly FlaggedScan[], mark: string): readonly FlaggedScan[] =>
  mark === "" ? rows : rows.filter(({ marks }) => (marks as readonly string[]).includes(mark));

/** The day a contract is due, whichever way. */
const dueDay = ({ dueInDay, dueOutDay }: ContractRow): string | null => dueInDay ?? dueOutDay;
/** The instant it was stated for. */
const dueAt = ({ dueInDay, dueAt: inAt, outAt }: ContractRow): string | null =>
  dueInDay === null ? outAt : inAt;
const dueAtMs = (row: ContractRow): number => Date.parse(dueAt(row) ?? "") || 0;

/** What is not over, or still out, by when it is due, and how many are late. */
export const byDue = (all: readonly ContractRow[], today: string) => {
  const rows = all
    .filter(
      ({ state, stillOutItems }) => stillOutItems > 0 || ["open", "finalized", "returned"].includes(state),
    )
    .sort((a, b) => {
      const [one, other] = [dueDay(a) ?? "9999", dueDay(b) ?? "9999"];
      if (one !== other) return one < other ? -1 : 1;
      return dueAtMs(a) - dueAtMs(b) || (a.number < b.number ? -1 : 1);
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

/** Who states a day and no hour states its midnight. */
const midnight = "00:00";

/** What is due today is not late, here as in alerts: that begins on the day after. Whoever stated an hour is told it, and that it is past. */
const hourOfToday = (at: string | null, { nowMs, timeZone }: SiteNow): string => {
  const hour = at === null ? midnight : minuteText(at, timeZone);
  if (at === null || hour === midnight) return "today";
  return Date.parse(at) < nowMs ? `today ${hour}, past` : `today ${hour}`;
};

/** Goods that are out stay late when their contract is closed; without their number nobody would see why it is not over. */
const lateWord = ({ state, stillOutItems, stillOutLots }: ContractRow): string =>
  state === "closed" ? `closed, but ${countText(stillOutItems + stillOutLots)} still out` : "late";

/** The present at a site. */
export type SiteNow = { readonly nowMs: number; readonly timeZone: string };

/** When a contract is due and which way, as it stands now: `back, late since 2 Mar 2026`, `out today 14:30`. */
export const dueText = (row: ContractRow, now: SiteNow): string => {
  const day = dueDay(row);
  if (day === null) return "–";
  const way = row.dueInDay === null ? "out" : "back";
  const state = dueStateOf(day, siteDay(now.nowMs, now.timeZone));
  if (state === "today") return `${way} ${hourOfToday(dueAt(row), now)}`;
  const words = calendarDayText(day);
  if (state !== "late") return `${way} ${words}`;
  return row.state === "closed" ? `${lateWord(row)}, due ${words}` : `${way}, late since ${words}`;
};

/** What a contract's dates say and nothing twice: `to go out 2 Mar 2026 (today)`. Dates that nobody knows are left out. */
export const dateTexts = (row: ContractRow, now: SiteNow): string[] => {
  const { timeZone } = now;
  const today = siteDay(now.nowMs, timeZone);
  const { outAt, dueAt, dueOutDay, dueInDay, firstOutAt, lastBackAt } = row;
  const dates: readonly [word: string, instant: string | null, dueDay: string | null][] = [
    ["to go out", outAt, dueOutDay],
    ["due back", dueAt, dueInDay],
    ["first out", firstOutAt, null],
    ["last back", lastBackAt, null],
  ];
  return dates.flatMap(([word, instant, dueDay]) => {
    if (instant === null) return [];
    const state = dueStateOf(dueDay, today);
    const day = `${word} ${dayText(instant, timeZone)}`;
    if (state === "today") return `${day} (${hourOfToday(instant, now)})`;
    return state === "late" ? `${day} (${lateWord(row)})` : day;
  });
};

/** How long scans of the last hour took from the device to the record. */
export const lagOfHour = (minutes: readonly LagMinute[], nowMs: number): LagDistribution => {
  const from = new Date(nowMs - (lagMinutes - 1) * minuteMs).toISOString();
  return lagDistribution(sumLags(minutes.filter(({ minute }) => minute >= from)));
};
