import { useNow } from "../../clock.ts";
import { useClockOffsetMs } from "../../live/use-live.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The server's present in ms, renewed each minute: figures that age are reckoned anew no more often than that. */
export const useMinute = (): number => {
  const nowMs = useNow() + useClockOffsetMs();
  return Math.floor(nowMs / minuteMs) * minuteMs;
};

/** The calendar day of an instant in a zone, as YYYY-MM-DD. en-CA is the locale that writes days so. */
export const siteDay = (atMs: number, timeZone: string): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    atMs,
  );

/** The day so many days after another. */
export const daysAfter = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10);

/**
 * The instant to ask a view by for what is so for so many days: the end of the day on which that becomes true, so that whatever becomes
 * old within this day is there already, and the view is asked for again once a day.
 */
export const untilFor = (days: number, nowMs: number): string =>
  new Date(Math.ceil((nowMs - days * dayMs) / dayMs) * dayMs).toISOString();

/** For how many whole days something is so. */
export const daysSince = (since: string, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - Date.parse(since)) / dayMs));
