const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one costs as much as a thousand uses. sv-SE is the locale that writes times as ISO 8601 does, with a space. */
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  formats.set(timeZone, made);
  return made;
};

/** `2025-03-09 14:05:00`, as the clock of a device in that zone shows it: RFIDpro says no zone. */
export const localText = (atMs: number, timeZone: string): string => formatOf(timeZone).format(atMs);

/** The same in UTC, as RFIDpro's server writes it. */
export const utcText = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace("T", " ");

/** What stands where there is no date. */
export const noDate = "0000-00-00 00:00:00";
