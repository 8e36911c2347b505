import type { Day } from "@tagwire/messages";

/** No zone of the world begins a day at another minute than a multiple of this: an offset from UTC is whole quarters of an hour. */
const slotMs = 900_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one costs as much as a thousand uses, and there are few zones. en-CA is the locale that writes days as ISO 8601 does. */
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  formats.set(timeZone, made);
  return made;
};

/** Tells the calendar day of instants in a zone. Made for a run: what follows closely on each other is of one day. */
export const calendarOf = (timeZone: string): ((at: string | number) => Day) => {
  const format = formatOf(timeZone);
  let slot = Number.NaN;
  let day = "";
  return (at) => {
    const ms = typeof at === "number" ? at : Date.parse(at);
    const own = Math.floor(ms / slotMs);
    if (own !== slot) {
      slot = own;
      day = format.format(ms);
    }
    return day;
  };
};

const dayMs = 86_400_000;
/** No clock of the world is further from UTC than this, in ms. */
const offsetMsMax = 15 * 3_600_000;

/** The day so many days later. */
export const daysAfter = (day: Day, count: number): Day =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10);

/** When a day begins in a zone, in ms since 1970: at its first instant, also where clocks are set at midnight. */
export const dayBeginsMs = (day: Day, timeZone: string): number => {
  const dayOf = calendarOf(timeZone);
  const middleMs = Date.parse(`${day}T00:00:00Z`);
  let atMs = middleMs - offsetMsMax;
  while (atMs < middleMs + offsetMsMax && dayOf(atMs) < day) atMs += slotMs;
  return atMs;
};
