import { statusWord } from "./statuses.ts";
import { instantText } from "./time.ts";

/** Fields that hold an instant: in a row's form in microseconds, in an item as it is told. */
const isInstantField = (field: string): boolean => /At$/.test(field);

const microsecondsPerMs = 1_000;

/** Names that say less apart than they do here. */
const fieldWords: Readonly<Record<string, string>> = {
  tag: "Tag",
  class: "Class",
  lastFactAt: "Newest fact",
  lastFactId: "Scan of the newest fact",
  pos: "Position in the log",
  scannedBy: "Scanned by",
  statusAt: "Status since",
  placeAt: "At its place since",
  scannedAt: "Scanned",
  updatedAt: "Changed",
};

/** A field of a row as people call it: `lastSeenAt` is `Last seen at`. */
export const fieldWord = (field: string): string => {
  const words = field.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase();
  return fieldWords[field] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

const isInstant = (value: string): boolean =>
  /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));

const partsText = (parts: readonly string[]): string =>
  parts.length === 0 ? "nothing in it" : parts.join("; ");

/** A value of a field of a row as people read it, its times as the house's clocks tell them. */
export const valueText = (value: unknown, field: string, timeZone: string): string => {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return partsText(value.map((one) => valueText(one, field, timeZone)));
  if (typeof value === "object")
    return partsText(
      Object.entries(value).map(([name, one]) => `${fieldWord(name)}: ${valueText(one, name, timeZone)}`),
    );
  const text = String(value);
  if (isInstantField(field) && /^\d{10,}$/.test(text))
    return instantText(Number(text) / microsecondsPerMs, timeZone);
  if (isInstantField(field) && isInstant(text)) return instantText(text, timeZone);
  return field === "status" ? statusWord(text) : text;
};
