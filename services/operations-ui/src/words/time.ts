const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A span as people say it, two units at most: `850 ms`, `12 s`, `46 min`, `3 h 20 min`, `2 d 4 h`. */
export const durationText = (spanMs: number): string => {
  const ms = Math.abs(spanMs);
  if (ms < secondMs) return `${Math.round(ms)} ms`;
  if (ms < 10 * secondMs) return `${trimmed(ms / secondMs)} s`;
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < dayMs) return twoUnits(ms, { large: hourMs, largeName: "h", small: minuteMs, smallName: "min" });
  return twoUnits(ms, { large: dayMs, largeName: "d", small: hourMs, smallName: "h" });
};

const trimmed = (value: number): string => value.toFixed(1).replace(/\.0$/, "");

type Units = { large: number; largeName: string; small: number; smallName: string };

const twoUnits = (ms: number, { large, largeName, small, smallName }: Units): string => {
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms % large) / small);
  return rest === 0 ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`;
};

/** How long ago, in whole seconds or more: `just now`, `12 s ago`, `46 min ago`. */
export const ageText = (ageMs: number): string => {
  if (ageMs < 2 * secondMs) return "just now";
  return `${durationText(Math.floor(ageMs / secondMs) * secondMs)} ago`.replace(/(\d)\.\d s/, "$1 s");
};

/** A scan that came this much after it was made is called late. */
export const lateAfterMs = 10 * secondMs;
/** A device clock this far ahead is worth a word. */
export const aheadAfterMs = 5 * secondMs;
/** Recording normally follows arrival within milliseconds. */
export const slowRecordAfterMs = 2 * secondMs;

type ThreeClocks = {
  readonly scannedAt: string | null;
  readonly receivedAt: string;
  readonly recordedAt: string;
};

/**
 * What the three clocks of a scan say about each other, in words; empty when there is nothing to say.
 *
 * `scannedAt` is the device's clock, `receivedAt` the edge's, `recordedAt` the record's own.
 */
export const latenessTexts = ({ scannedAt, receivedAt, recordedAt }: ThreeClocks): string[] => {
  const texts: string[] = [];
  const arrivedMs = Date.parse(receivedAt);
  const arrivalLagMs = scannedAt === null ? 0 : arrivedMs - Date.parse(scannedAt);
  if (arrivalLagMs >= lateAfterMs) texts.push(`arrived ${durationText(arrivalLagMs)} late`);
  if (arrivalLagMs <= -aheadAfterMs) texts.push(`device clock ${durationText(arrivalLagMs)} ahead`);
  const recordLagMs = Date.parse(recordedAt) - arrivedMs;
  if (recordLagMs >= slowRecordAfterMs) texts.push(`recorded ${durationText(recordLagMs)} after it arrived`);
  return texts;
};

const formats = new Map<string, Intl.DateTimeFormat>();

const day = { day: "numeric", month: "short", year: "numeric" } as const;
const minute = { hour: "2-digit", minute: "2-digit" } as const;
const time = { ...minute, second: "2-digit" } as const;
const numbers = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
const precise = { ...time, fractionalSecondDigits: 3, timeZoneName: "short" } as const;
const shapes = {
  ...{ day, minute, time, precise, full: { ...day, ...precise } },
  stated: { ...day, ...minute, timeZoneName: "short" },
  parts: { ...numbers, ...time, hourCycle: "h23" },
} as const;

const format = (timeZone: string, shape: keyof typeof shapes): Intl.DateTimeFormat => {
  const key = `${timeZone} ${shape}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", { timeZone, ...shapes[shape] });
  formats.set(key, made);
  return made;
};

/** `14:02:11` in the site's zone. */
export const timeText = (instant: string | number, timeZone: string): string =>
  format(timeZone, "time").format(new Date(instant));

/** `14:02` in the site's zone. */
export const minuteText = (instant: string | number, timeZone: string): string =>
  format(timeZone, "minute").format(new Date(instant));

/** Day, time to the millisecond and zone: `3 Mar 2026, 14:02:11.482 CET`. */
export const instantText = (instant: string | number, timeZone: string): string =>
  format(timeZone, "full").format(new Date(instant));

/** Day, minute and zone: `3 Mar 2026, 14:02 CET`. */
export const statedText = (instant: string | number, timeZone: string): string =>
  format(timeZone, "stated").format(new Date(instant));

/** How far the clocks of a zone are ahead of UTC at an instant, in ms. */
const zoneAheadMs = (instantMs: number, timeZone: string): number => {
  const parts = Object.fromEntries(
    format(timeZone, "parts")
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day: date, hour, minute: minutes, second } = parts;
  const wallMs = Date.parse(`${year}-${month}-${date}T${hour}:${minutes}:${second}Z`);
  return wallMs - Math.floor(instantMs / secondMs) * secondMs;
};

/**
 * The instant at which the clocks of a zone show a time, RFC 3339. Of a time that they show twice it is the first, and one that they leave
 * out is as late as the clocks were before they leapt.
 *
 * @param local as a browser writes it: `2026-03-08T14:30`.
 */
export const instantIn = (local: string, timeZone: string): string => {
  const wallMs = Date.parse(`${local}${local.length === 16 ? ":00" : ""}Z`);
  const aheads = [-dayMs, dayMs].map((step) => zoneAheadMs(wallMs + step, timeZone));
  const shown = aheads
    .map((aheadMs) => wallMs - aheadMs)
    .filter((instantMs) => instantMs + zoneAheadMs(instantMs, timeZone) === wallMs);
  const [before = 0] = aheads;
  return new Date(shown.length === 0 ? wallMs - before : Math.min(...shown)).toISOString();
};

/** Time to the millisecond, and zone: `14:02:11.482 CET`. */
export const preciseTimeText = (instant: string | number, timeZone: string): string =>
  format(timeZone, "precise").format(new Date(instant));

/** `3 Mar 2026` in the site's zone. */
export const dayText = (instant: string | number, timeZone: string): string =>
  format(timeZone, "day").format(new Date(instant));

/** `3 Mar 2026` of a day of the site's calendar. It has no zone any more; read as one of UTC, it stays the day that it is. */
export const calendarDayText = (day: string): string => dayText(day, "UTC");

/** Whose clock times are of that stand without a zone: `Times in America/Chicago (GMT-5)`. The offset is that of the instant. */
export const zoneText = (instant: string | number, timeZone: string): string => {
  const parts = format(timeZone, "precise").formatToParts(new Date(instant));
  const offset = parts.find(({ type }) => type === "timeZoneName")?.value;
  return `Times in ${timeZone}${offset === undefined || offset === timeZone ? "" : ` (${offset})`}`;
};

const whole = new Intl.NumberFormat("en-GB");
export const countText = (count: number): string => whole.format(count);

/** A number and its noun: `1 scan`, `12,477 scans`. */
export const countOf = (count: number, noun: string): string =>
  `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
