import type { ReaderRegion } from "@tagwire/messages";

/** Numbers of regions; of those that a country has several of, the one in force now. Source: tmr_region.h of MercuryAPI 1.37. */
export const mercuryRegions: Partial<Record<ReaderRegion, number>> = {
  us: 1,
  in: 4,
  jp: 5,
  cn: 6,
  eu: 8,
  kr: 9,
  "cn-840": 10,
  au: 11,
  nz: 12,
};
