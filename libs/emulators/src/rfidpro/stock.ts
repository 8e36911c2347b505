import type { Random } from "../random.ts";
import { classesFor } from "../warehouse/classes.ts";
import { drawTag } from "../warehouse/tags.ts";
import type { Quirks } from "./quirks.ts";
import { quota, someOf } from "./quotas.ts";
import { type RfidproRow, realCounts } from "./rows.ts";
import { localText, noDate } from "./times.ts";

/*
 * Classes and the item master, shaped by the counts of the real one.
 */

const classesInUse = 489;
const dayMs = 86_400_000;

const statuses: readonly (readonly [string, number])[] = [
  ["Ready to Rent", 11_346],
  ["Sold", 593],
  ["On Rent", 436],
  ["Needs to be Inspected", 91],
  ["Wet", 6],
  ["Repair", 4],
  ["Missing", 1],
];

/** Shelves, roles and junk in one field. */
const bins: readonly (readonly [string, number])[] = [
  ["resale", 5_957],
  ["pack", 1_896],
  ["null", 672],
  ["", 353],
  ["sold", 560],
  ["tent room", 240],
  ["burst", 60],
  ["NA", 9],
  ["NR4x1", 900],
  ["NR5x2", 620],
  ["NR2x1", 480],
  ["NR3x2", 310],
  ["NR4D2", 210],
  ["MR4J2", 130],
  ["MR1F2", 80],
];

const qualities: readonly (readonly [string, number])[] = [
  ...["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"].map((one) => [one, 2] as const),
  ["", 6],
];

/** Days since the last scan, up to and including; 0 for never scanned. */
const ages: readonly (readonly [number, number])[] = [
  [30, 5_521],
  [90, 5_590],
  [180, 1_236],
  [365, 56],
  [0, 74],
];
const ageBefore: Readonly<Record<number, number>> = { 30: 0, 90: 30, 180: 90, 365: 180 };

export const scanUsers = ["user1@example.com", "user2@example.com", "user3@example.com", "Ramp"] as const;

/** Classes have the numbers of the point of sale. */
export const makeClasses = (random: Random, count: number): RfidproRow[] => {
  const kinds = classesFor(realCounts.items);
  const shelves = quota(random, count, [...bins]);
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / kinds.length);
    const name = kinds[index % kinds.length]?.name ?? "";
    return {
      uuid_seed_data: `5eed0000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      rental_class_id: String(60_000 + index * 7),
      common_name: round === 0 ? name : `${name} ${round + 1}`,
      bin_location: shelves[index] ?? "",
    };
  });
};

export type StockOptions = {
  readonly count: number;
  readonly endMs: number;
  readonly timeZone: string;
  readonly quirks: Quirks;
};

const isJunk = (bin: string): boolean => bin === "null" || bin === "NA";

/** The master as it stands at `endMs`. The two EPCs in the field of the status are there at full size. */
export const makeItems = (
  random: Random,
  classes: readonly RfidproRow[],
  { count, endMs, timeZone, quirks }: StockOptions,
): RfidproRow[] => {
  const status = quota(random, count, statuses);
  const bin = quota(random, count, bins);
  const quality = quota(random, count, qualities);
  const age = quota(random, count, ages);
  const withEpcInStatus = someOf(
    random,
    count,
    quirks.junkStatuses ? Math.round((2 * count) / realCounts.items) : 0,
  );
  const inUse = Math.max(
    1,
    Math.min(classes.length, Math.round((classes.length * classesInUse) / realCounts.classes)),
  );
  return Array.from({ length: count }, (_, index) => {
    const drawn = drawTag(random, index + 1);
    const tag = quirks.miskeyedTags ? drawn.tag : drawn.epc;
    const own = classes[index < inUse ? index : random.whole(0, inUse - 1)];
    const shelf = bin[index] ?? "";
    const days = age[index] ?? 0;
    const from = ageBefore[days] ?? 0;
    const scannedAtMs = endMs - (from + random.share() * (days - from)) * dayMs;
    const state = withEpcInStatus.has(index) ? tag.trim() : (status[index] ?? "");
    return {
      uuid_accounts_fk: "acc00000-0000-4000-8000-000000000001",
      tag_id: tag,
      serial_number: random.chance(0.1) ? `SN${random.whole(10_000, 99_999)}` : "",
      client_name: "",
      rental_class_num: own?.rental_class_id ?? "",
      common_name: own?.common_name ?? "",
      quality: quality[index] ?? "",
      bin_location: state === "Sold" ? "sold" : isJunk(shelf) && !quirks.junkBins ? "" : shelf,
      status: state,
      last_contract_num: state === "On Rent" ? String(random.whole(20_000, 20_481)) : "",
      last_scanned_by: days === 0 ? "" : random.pick(scanUsers),
      notes: random.chance(0.02) ? "check seam" : "",
      status_notes: "",
      long: days === 0 || random.chance(0.5) ? "" : "-93.26",
      lat: days === 0 || random.chance(0.5) ? "" : "44.98",
      date_last_scanned: days === 0 && quirks.noDates ? noDate : localText(scannedAtMs, timeZone),
    };
  });
};
