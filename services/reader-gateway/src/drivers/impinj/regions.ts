import type { ReaderRegion } from "@tagwire/messages";

/** How a reader names the rules of a country: the names have editions and bands behind them, so they are known by how they begin. */
export const impinjRegions: Partial<Record<ReaderRegion, RegExp>> = {
  eu: /^ETSI\b/i,
  us: /^FCC\b/i,
  cn: /^China\b/i,
  kr: /^(?:South )?Korea\b/i,
  jp: /^Japan\b/i,
  in: /^India\b/i,
  au: /^Australia\b/i,
  nz: /^New Zealand\b/i,
};
