import { seededRandom } from "../random.ts";
import { type RfidproBase, rowsOfBase } from "./base.ts";
import { makeHistory } from "./history.ts";
import { type Quirks, quirksBut } from "./quirks.ts";
import { type RfidproData, realCounts } from "./rows.ts";
import { spoilBase } from "./spoil-base.ts";
import { makeClasses, makeItems } from "./stock.ts";

export type RfidproDataOptions = {
  readonly seed: number | string;
  /** Against the real house: 1 is 12,477 items, 26,574 transactions and 905 classes. */
  readonly scale?: number;
  /** When the last session was scanned, Unix ms. Its upload may come days later. */
  readonly endMs: number;
  readonly timeZone?: string;
  /**
   * What is wrong with the rows: everything that was with a real one by itself, but for what is set to false. With a `base` nothing is but what is
   * set to true: `junkBins`, `flagSpellings`, `missingFlags`, `decimalClasses`, `duplicates` and `junkStatuses`.
   */
  readonly quirks?: Partial<Quirks>;
  /** What another system knows: then the rows say the same, but for the share that is named there. */
  readonly base?: RfidproBase;
};

export const scaleByDefault = 0.02;
export const timeZoneByDefault = "America/Chicago";

/**
 * Makes up what RFIDpro holds: the real proportions of statuses, scan types, tags, bins, ages and upload delays, and everything that
 * was wrong with a real row by itself in its real number. Same options: same rows.
 *
 * Master and scans are drawn apart, so that they disagree about far more things than the real ones did; nor is it steered how many returns
 * come twice, how many rentals nobody ends, and how many scans come out of order. A `base` makes both agree.
 */
export const makeRfidproData = (options: RfidproDataOptions): RfidproData => {
  const { seed, endMs, scale = scaleByDefault, timeZone = timeZoneByDefault, base } = options;
  const random = seededRandom(seed);
  if (base !== undefined)
    return spoilBase(random.fork("quirks"), rowsOfBase(random, base, timeZone), options.quirks ?? {});
  const count = (of: number): number => Math.max(1, Math.round(of * scale));
  const classes = makeClasses(random.fork("classes"), count(realCounts.classes));
  const making = { endMs, timeZone, quirks: quirksBut(options.quirks) };
  const items = makeItems(random.fork("items"), classes, { count: count(realCounts.items), ...making });
  const uploads = makeHistory(random.fork("history"), items, {
    rows: count(realCounts.transactions),
    ...making,
  });
  return { classes, items, uploads };
};
