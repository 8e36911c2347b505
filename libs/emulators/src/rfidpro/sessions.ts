import type { Random } from "../random.ts";
import { drawLongTail } from "../warehouse/quantities.ts";
import { drawTag } from "../warehouse/tags.ts";
import type { Quirks } from "./quirks.ts";
import { quota } from "./quotas.ts";
import { type RfidproRow, realCounts } from "./rows.ts";
import { scanUsers } from "./stock.ts";

/** A session of one kind of scan: what was read, by whom, for which contract. All of it carries one second. */
export type ScannedSession = {
  readonly type: ScanWord;
  readonly atMs: number;
  readonly by: string;
  readonly contract: string;
  readonly tags: readonly { readonly tag: string; readonly item: RfidproRow | undefined }[];
};
export type ScanWord = "Touch Scan" | "Rental" | "Return" | "Delivery" | "Pickup";

const scanTypes: readonly (readonly [ScanWord, number])[] = [
  ["Touch Scan", 16_673],
  ["Rental", 6_874],
  ["Return", 2_885],
  ["Delivery", 94],
  ["Pickup", 48],
];

/** Median 4, 90th percentile 18, 99th 92, as over all real sessions; one sweep is the largest that there was. */
const sessionSize = { median: 4, p90: 18, min: 1, max: 250 } as const;
const largestSweep = 4_262;
const orphanRows = 974;
const orphanTags = 200;
/** Items that no row is about. */
const neverScanned = 2_092;
const dayMs = 86_400_000;
/** The real rows are of eight and a half months. */
const spanMs = 258 * dayMs;
const workBeginsMs = 12 * 3_600_000;
const workLastsMs = 11 * 3_600_000;

const drawContract = (random: Random, type: ScanWord, { oddContracts }: Quirks): string => {
  if (type === "Return" || type === "Touch Scan") return "";
  if (type === "Pickup") return `L${random.whole(100, 160)}`;
  const number = String(random.whole(20_000, 20_481));
  if (!oddContracts) return number;
  return random.weighted<string>([
    [number, 985],
    [`${number}%`, 3],
    ["Test", 5],
    ["Ltest", 2],
  ]);
};

/** In the hours of work, within the span before the end. */
const drawInstant = (random: Random, endMs: number): number => {
  const day = Math.floor((endMs - random.share() * spanMs) / dayMs) * dayMs;
  const atMs = day + workBeginsMs + random.share() * workLastsMs;
  return Math.floor(Math.min(atMs, endMs) / 1_000) * 1_000;
};

/** Sizes that add up to the count. */
const drawSizes = (random: Random, count: number, first: number): number[] => {
  const sizes: number[] = [];
  let left = count;
  while (left > 0) {
    const drawn = sizes.length === 0 ? first : Math.round(drawLongTail(random, sessionSize));
    const size = Math.min(left, Math.max(1, drawn));
    sizes.push(size);
    left -= size;
  }
  return sizes;
};

export type SessionOptions = { readonly rows: number; readonly endMs: number; readonly quirks: Quirks };

/** The sessions of eight and a half months, the oldest first, with the real numbers of rows of each type and of orphans. */
export const makeSessions = (
  random: Random,
  items: readonly RfidproRow[],
  { rows, endMs, quirks }: SessionOptions,
): ScannedSession[] => {
  const share = rows / realCounts.transactions;
  const counts = Object.groupBy(quota(random, rows, scanTypes), (type) => type);
  const known = items.slice(0, Math.max(1, Math.round(items.length * (1 - neverScanned / realCounts.items))));
  const strangers = Array.from(
    { length: Math.max(1, Math.round(orphanTags * share)) },
    (_, index) => drawTag(random, 20_000_000 + index).tag,
  );
  const isOrphan = quota(random, rows, [
    [true, quirks.orphans ? orphanRows : 0],
    [false, realCounts.transactions - orphanRows],
  ]);
  let row = 0;
  const pick = (index: number, from: number) => {
    row += 1;
    if (isOrphan[row] === true) return { tag: strangers[row % strangers.length] ?? "", item: undefined };
    const item = known[(from + index) % known.length];
    return { tag: String(item?.tag_id ?? ""), item };
  };
  return scanTypes
    .flatMap(([type]) => {
      const first = type === "Touch Scan" ? Math.round(largestSweep * share) : 1;
      return drawSizes(random, counts[type]?.length ?? 0, first).map((size): ScannedSession => {
        // Neighbours in the stock are scanned together; a session has each tag once.
        const from = random.whole(0, known.length - 1);
        const tags = Array.from({ length: size }, (_, index) => pick(index, from));
        const contract = drawContract(random, type, quirks);
        return { type, atMs: drawInstant(random, endMs), by: random.pick(scanUsers), contract, tags };
      });
    })
    .toSorted((a, b) => a.atMs - b.atMs);
};
