import type { QuietHours } from "@tagwire/messages";

const minuteMs = 60_000;
const dayMinutes = 24 * 60;
/** One day, the longest quiet time, with an hour that a clock may be set back, and a minute to be beyond it. */
const quietMinutesMax = dayMinutes + 2 * 60;

type WallClock = { readonly weekday: number; readonly minute: number };

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const formats = new Map<string, Intl.DateTimeFormat>();
/** Zones are few, and a format costs more to make than all its use. */
const formatsMax = 500;

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  if (formats.size >= formatsMax) formats.clear();
  formats.set(timeZone, format);
  return format;
};

const wallClock = (atMs: number, timeZone: string): WallClock => {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  return {
    weekday: weekdays.indexOf(parts.get("weekday") ?? "") + 1,
    minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")),
  };
};

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** What the clock on the wall says decides, so a night in which it is set has an hour more or less. */
const isQuietAt = ({ from, to, days }: QuietHours, { weekday, minute }: WallClock): boolean => {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  const beginsOn = (day: number) => days === undefined || days.includes(day);
  const yesterday = ((weekday + 5) % 7) + 1;
  if (start < end) return beginsOn(weekday) && minute >= start && minute < end;
  return (beginsOn(weekday) && minute >= start) || (beginsOn(yesterday) && minute < end);
};

/** Whether a quiet time never ends. */
const isEndless = ({ from, to, days }: QuietHours): boolean =>
  from === to && (days === undefined || new Set(days).size === weekdays.length);

/**
 * Until when what comes due at an instant is held back once more, in ms; undefined when it is not. What has waited for a quiet time that
 * never ends has waited for as long as that means: it is told once a day.
 *
 * @throws RangeError for a zone that does not exist.
 */
export const heldAgainUntilMs = (quiet: QuietHours, timeZone: string, nowMs: number): number | undefined =>
  isEndless(quiet) ? undefined : quietUntilMs(quiet, timeZone, nowMs);

/**
 * When a quiet time that an instant lies in is over, in ms; undefined when it lies in none. Found by walking the minutes, since
 * zones jump by hours and halves of them, and a night has 1,440 minutes at most. A quiet time that never ends is looked at again
 * after a day.
 *
 * @throws RangeError for a zone that does not exist.
 */
export const quietUntilMs = (quiet: QuietHours, timeZone: string, nowMs: number): number | undefined => {
  if (!isQuietAt(quiet, wallClock(nowMs, timeZone))) return undefined;
  const thisMinuteMs = Math.floor(nowMs / minuteMs) * minuteMs;
  for (let minutes = 1; minutes < quietMinutesMax; minutes += 1) {
    const atMs = thisMinuteMs + minutes * minuteMs;
    if (!isQuietAt(quiet, wallClock(atMs, timeZone))) return atMs;
  }
  return thisMinuteMs + quietMinutesMax * minuteMs;
};
