import type { Random } from "../random.ts";
import type { Quirks } from "./quirks.ts";
import { someOf } from "./quotas.ts";
import { type RfidproData, type RfidproRow, type RfidproUpload, realCounts } from "./rows.ts";
import { utcText } from "./times.ts";
import { flagFields } from "./words.ts";

/*
 * What another system knows, told as sloppily as the real one tells it. Everything here is known to whoever reads it: none of it makes
 * another thing of a row, but for copies, and a status that is a tag.
 */

/** Of those bins that say nothing: the word `null`, `NA`, or a blank. */
const junkBins = [
  ["null", 672],
  ["", 353],
  ["NA", 9],
] as const;
const spellings = [
  ["true", "false"],
  ["True", "False"],
  ["TRUE", "FALSE"],
] as const;
const decimalShare = 0.01;
const blankShare = 9_759 / realCounts.transactions;
/** Copies, a quarter of them word for word; the others are uploaded again some minutes later. */
const copiedShare = 705 / realCounts.transactions;
const wholeShare = 163 / 524;
const tagAsStatusShare = 9 / realCounts.transactions;

const spoiltScan = (random: Random, row: RfidproRow, quirks: Partial<Quirks>): RfidproRow => {
  const [yes, no] = quirks.flagSpellings === true ? random.pick(spellings) : spellings[0];
  const isBlank = quirks.missingFlags === true && random.chance(blankShare);
  const flags = flagFields
    .filter((flag) => Object.hasOwn(row, flag))
    .map((flag) => {
      if (row[flag] !== "true" && row[flag] !== "false") return [flag, row[flag]] as const;
      // Nobody looked where nothing was found; what was found is not lost.
      return [flag, row[flag] === "true" ? yes : isBlank ? "" : no] as const;
    });
  const isDecimal = quirks.decimalClasses === true && random.chance(decimalShare);
  const isTag = quirks.junkStatuses === true && random.chance(tagAsStatusShare);
  return {
    ...row,
    ...Object.fromEntries(flags),
    ...(isDecimal && /^\d+$/.test(String(row.rental_class_id))
      ? { rental_class_id: `${String(row.rental_class_id)}.0` }
      : {}),
    ...(isTag ? { status: row.tag_id } : {}),
    ...(quirks.junkBins === true && row.bin_location === ""
      ? { bin_location: random.weighted(junkBins) }
      : {}),
  };
};

const copyOf = (random: Random, { arrivesAtMs, row }: RfidproUpload): RfidproUpload => {
  if (random.chance(wholeShare)) return { arrivesAtMs, row };
  const againMs = arrivesAtMs + random.whole(60, 3_600) * 1_000;
  const created = utcText(againMs);
  return { arrivesAtMs: againMs, row: { ...row, date_created: created, date_updated: created } };
};

/** Rows as they would be told with these quirks; those that are not set to true are left out. */
export const spoilBase = (random: Random, data: RfidproData, quirks: Partial<Quirks>): RfidproData => {
  const items = data.items.map((row) =>
    quirks.junkBins === true && row.bin_location === ""
      ? { ...row, bin_location: random.weighted(junkBins) }
      : row,
  );
  const uploads = data.uploads.map(({ arrivesAtMs, row }) => ({
    arrivesAtMs,
    row: spoiltScan(random, row, quirks),
  }));
  const count = quirks.duplicates === true ? Math.round(uploads.length * copiedShare) : 0;
  const copies = [...someOf(random, uploads.length, count)].flatMap((at) => {
    const upload = uploads[at];
    return upload === undefined ? [] : [copyOf(random, upload)];
  });
  return {
    classes: data.classes,
    items,
    uploads: [...uploads, ...copies].toSorted((a, b) => a.arrivesAtMs - b.arrivesAtMs),
  };
};
