/** A tag as an antenna would hear it now: its EPC in upper-case hex, how strong, and whether ISO defines what it holds. */
export type SeenTag = { readonly epc: string; readonly rssiDbm: number; readonly isIso?: boolean };

/** What there is to be heard. Emulated readers ask it; the seeded warehouse answers, and so may a test. */
export type TagSource = {
  /** The tags in the field of an antenna (counted from 1) at an instant (Unix ms). */
  readonly sees: (antenna: number, atMs: number) => readonly SeenTag[];
};
