import type { ReaderRegion } from "@tagwire/messages";

/** Bands, each with the number of its last channel. Source: UHFReader18 user's manual 2.0, wabson/chafon-rfid. */
type Band = { readonly band: number; readonly lastChannel: number };

const bands: Partial<Record<ReaderRegion, Band>> = {
  cn: { band: 1, lastChannel: 19 },
  us: { band: 2, lastChannel: 49 },
  kr: { band: 3, lastChannel: 31 },
  eu: { band: 4, lastChannel: 14 },
  "cn-840": { band: 8, lastChannel: 19 },
};

export const uhfRegions: Partial<Record<ReaderRegion, number>> = Object.fromEntries(
  Object.entries(bands).map(([region, { band }]) => [region, band]),
);

/** Highest and lowest channel; their two upper bits carry the band. Undefined for a region that the family does not know. */
export const channelsOf = (region: ReaderRegion): readonly [number, number] | undefined => {
  const found = bands[region];
  return found === undefined
    ? undefined
    : [((found.band >> 2) << 6) | found.lastChannel, (found.band & 3) << 6];
};
