import { addRow, canonicalRow, type Digest, rowLanes } from "@tagwire/digest";
import type { Item } from "@tagwire/messages";

const instant = /^(.*T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(.*)$/i;
const fractionDigits = 6;

/** Microseconds since 1970 of an RFC 3339 instant; digits beyond the sixth are cut off. @throws RangeError when it is none */
export const microsecondsOf = (text: string): number => {
  const [, seconds, fraction, zone] = instant.exec(text) ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) throw new RangeError(`${text} is not an instant`);
  return ms * 1_000 + Number((fraction ?? "").slice(0, fractionDigits).padEnd(fractionDigits, "0"));
};

/** Adds an item to a digest. operations hashes the same columns in the same order, so that both can be compared. */
export const addItem = (digest: Digest, item: Omit<Item, "pos" | "lastScan">): Digest =>
  addRow(
    digest,
    rowLanes(
      canonicalRow([
        item.tag,
        item.class,
        item.name,
        item.status,
        item.quality,
        item.place,
        item.contract,
        item.notes,
        item.version,
        item.lastFactAt === null ? null : microsecondsOf(item.lastFactAt),
        item.role ?? null,
        item.replaces ?? null,
        item.replacedBy ?? null,
      ]),
    ),
  );
