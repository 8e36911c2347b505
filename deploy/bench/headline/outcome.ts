/** What came of the month, one way or the other. */
export type Outcome = {
  /** Scans that were made, each once. */
  readonly scans: number;
  /** Of them, those that never came to where managers look. */
  readonly missed: number;
  /** Things that managers have otherwise than they are, when everything was handed in. */
  readonly wrong: number;
  readonly conflicts: number;
  /** For how many hours of a thing conflicts stood. */
  readonly thingHours: number;
  /** From each scan to when managers could see it, in ms. One that never came has waited until the end, and would have waited longer. */
  readonly delaysMs: readonly number[];
  /** Rows that say a scan once more. */
  readonly duplicates: number;
  readonly requests: number;
  readonly bytes: number;
};
