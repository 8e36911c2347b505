import type { LoggedEvent } from "@tagwire/messages";

/** The offsets that EPCIS 2.0 allows: up to 14 hours, in whole minutes. */
const offsetAllowed = /^[+-]((0\d|1[0-3]):[0-5]\d|14:00)$/;
const utc = "+00:00";

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  formats.set(timeZone, format);
  return format;
};

/** The offset of a zone at an instant, as `+01:00`. Offsets of before 1900 have seconds, which are cut off. */
export const offsetOfZone = (timeZone: string, atMs: number): string => {
  const part = formatOf(timeZone)
    .formatToParts(atMs)
    .find(({ type }) => type === "timeZoneName");
  const offset = /[+-]\d\d:\d\d/.exec(part?.value ?? "")?.[0];
  return offset !== undefined && offsetAllowed.test(offset) ? offset : utc;
};

/** What the device wrote, if it says in which offset it lives: `Z` only says that it counts in UTC. */
const offsetOfDevice = (event: LoggedEvent): string | undefined => {
  const { scan } = event.data as { scan?: { deviceTime?: string } };
  const offset = /[+-]\d\d:\d\d$/.exec(scan?.deviceTime ?? "")?.[0];
  if (offset === undefined || !offsetAllowed.test(offset)) return undefined;
  return offset === "-00:00" ? undefined : offset;
};

const offsetMs = (offset: string): number => {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
};

const localText = (atMs: number, offset: string): string =>
  new Date(atMs + offsetMs(offset)).toISOString().replace("Z", offset);

/** When a thing happened: as scanned, else as recorded; told in the device's offset, else in that of the site at that instant. */
export const eventTimeOf = (
  event: LoggedEvent,
  timeZone: string,
): { eventTime: string; eventTimeZoneOffset: string } => {
  const atMs = Date.parse(event.scannedAt ?? event.recordedAt);
  const offset = offsetOfDevice(event) ?? offsetOfZone(timeZone, atMs);
  return { eventTime: localText(atMs, offset), eventTimeZoneOffset: offset };
};
