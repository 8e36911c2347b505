/** What is wrong with RFIDpro's rows, each of which can be left out. */
export const quirks = [
  /** `0000-00-00 00:00:00` where there is no date; the time of the first day otherwise. */
  "noDates",
  /** A scan's date that is its tag, or hex. */
  "brokenDates",
  /** Flags in three spellings; in lower case otherwise. */
  "flagSpellings",
  /** Rows without a flag, or with blank ones; `false` otherwise. */
  "missingFlags",
  /** `null` as text and `NA` in the field of the bin; blank otherwise. */
  "junkBins",
  /** An EPC in the field of the status, or nothing. */
  "junkStatuses",
  /** Copies of rows, word for word or uploaded again. */
  "duplicates",
  /** Scans of tags that the master does not have. */
  "orphans",
  /** Devices whose clock is an hour ahead. */
  "futureScans",
  /** Uploads hours and days after the scan; within seconds otherwise. */
  "lateUploads",
  /** `Test`, and a `%` behind the number. */
  "oddContracts",
  /** `12345.0` */
  "decimalClasses",
  /** Tags with a space before, an l behind, or of the wrong length. */
  "miskeyedTags",
] as const;

export type Quirks = Readonly<Record<(typeof quirks)[number], boolean>>;

/** All of them, but for those that are named. */
export const quirksBut = (change: Partial<Quirks> = {}): Quirks => ({
  ...(Object.fromEntries(quirks.map((quirk) => [quirk, true])) as Quirks),
  ...change,
});
