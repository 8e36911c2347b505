import { absentTexts } from "@tagwire/messages";
import type { Oddities } from "./oddities.ts";
import { rawField, rawText } from "./raw-field.ts";
import type { RawRow } from "./rows.ts";

const dateForm = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/;
const noDate = /^0000-00-00([ T]00:00:00)?$/;
/** Whether a text has the form of a date of RFIDpro's, or of none. */
export const isDateText = (text: string): boolean => dateForm.test(text) || noDate.test(text);

const hexForm = /^[0-9A-Fa-f]{12,64}$/;
/** Nobody scanned before, or will after, in ms since 1970. */
const earliestMs = Date.UTC(2000, 0, 1);
const latestMs = Date.UTC(2100, 0, 1);
/** No clock of the world is further from UTC, in ms. */
const offsetMsMax = 15 * 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one costs as much as a thousand uses, and there are few zones. sv-SE is the locale that writes times as RFIDpro does. */
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  formats.set(timeZone, made);
  return made;
};

/** What a clock in the zone shows at an instant, as if it were UTC. */
const shownMs = (atMs: number, timeZone: string): number =>
  Date.parse(`${formatOf(timeZone).format(atMs).replace(" ", "T")}Z`);

/** Clocks of the world are set at whole quarters of an hour, in ms. */
const slotMs = 900_000;
const slotsKeptMax = 20_000;
const offsetsKept = new Map<string, readonly number[]>();

/** What a clock in the zone that shows this time is ahead of UTC by: nothing when it is put forward over it, twice when it is put back. */
const offsetsAt = (wallMs: number, timeZone: string): readonly number[] => {
  const slot = Math.floor(wallMs / slotMs);
  const name = `${timeZone}/${slot}`;
  const known = offsetsKept.get(name);
  if (known !== undefined) return known;
  const beginsMs = slot * slotMs;
  const around = [beginsMs - offsetMsMax, beginsMs + offsetMsMax].map(
    (atMs) => shownMs(atMs, timeZone) - atMs,
  );
  const found = [...new Set(around)]
    .filter((offsetMs) => shownMs(beginsMs - offsetMs, timeZone) === beginsMs)
    .toSorted((a, b) => b - a);
  if (offsetsKept.size >= slotsKeptMax) offsetsKept.clear();
  offsetsKept.set(name, found);
  return found;
};

/** The instants at which a clock in the zone shows this time, the first one first. */
const instantsOf = (wallMs: number, timeZone: string): readonly number[] =>
  offsetsAt(wallMs, timeZone).map((offsetMs) => wallMs - offsetMs);

/** The wall time of a text as if it were UTC; undefined for a day that there is not. */
const wallMsOf = (text: string): number | undefined => {
  const [, year, month, day, hour, minute, second] = dateForm.exec(text) ?? [];
  if (year === undefined) return undefined;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ms = Date.parse(iso);
  // The 31st of a shorter month would be read as a day of the next.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) return undefined;
  return ms >= earliestMs && ms < latestMs ? ms : undefined;
};

/** The text of a date that is one; null after saying why it is none. */
const readWall = (raw: RawRow, field: string, { note }: Oddities): number | null => {
  const value = rawField(raw, field);
  if (value === undefined || value === null) return null;
  const text = rawText(raw, field);
  if (text === "" && typeof value === "string") return null;
  if (text !== "" && absentTexts.has(text.toLowerCase())) {
    note(field, "null_as_text", text);
    return null;
  }
  if (noDate.test(text)) {
    note(field, "no_date", text);
    return null;
  }
  const wallMs = wallMsOf(text);
  if (wallMs !== undefined) return wallMs;
  if (text !== "" && text === rawText(raw, "tag_id")) note(field, "date_is_tag", text);
  else note(field, hexForm.test(text) ? "date_is_hex" : "date_unreadable", value);
  return null;
};

/**
 * An instant of a device's clock, in ms since 1970, read in its zone: RFIDpro says none.
 *
 * When clocks are put back an hour happens twice: the first is taken. When they are put forward an hour does not happen: it is read by
 * the clock that was not put forward yet. Both are said.
 */
export const readLocalTime = (
  raw: RawRow,
  field: string,
  { timeZone, oddities }: { readonly timeZone: string; readonly oddities: Oddities },
): number | null => {
  const wallMs = readWall(raw, field, oddities);
  if (wallMs === null) return null;
  const [first, second] = instantsOf(wallMs, timeZone);
  if (first === undefined) {
    oddities.note(field, "time_skipped", rawText(raw, field));
    return wallMs - (shownMs(wallMs - offsetMsMax, timeZone) - (wallMs - offsetMsMax));
  }
  if (second !== undefined) oddities.note(field, "time_twice", rawText(raw, field));
  return first;
};

/** An instant of RFIDpro's own clock, which is UTC, in ms since 1970. */
export const readServerTime = (raw: RawRow, field: string, oddities: Oddities): number | null =>
  readWall(raw, field, oddities);
