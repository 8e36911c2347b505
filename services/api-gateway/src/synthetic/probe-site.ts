import { fnv1a32, isTrainingSite, partitionOf, type SiteId } from "@tagwire/messages";

/*
 * Test scans move no real stock, because they are made at a site for practice: each real site has one beside it, in the same partition, so
 * that the same process owns both and its lease, its turns, its relay and the manager's projection carry both.
 */

const probePrefix = "training-probe-";
const hashDigits = 8;

/** Whether a site is one where nothing but test scans happens. */
export const isProbeSite = (site: string): boolean => site.startsWith(probePrefix);

/** The site for practice where the test scans of a real one are made; always the same one. */
export const probeSiteOf = (site: SiteId): SiteId => {
  const name = `${probePrefix}${fnv1a32(site).toString(16).padStart(hashDigits, "0")}`;
  for (let number = 1; ; number += 1) {
    const probe = `${name}-${number}`;
    if (partitionOf(probe) === partitionOf(site)) return probe;
  }
};

/** Of all sites those that have test scans: the real ones. */
export const probedSites = (sites: readonly SiteId[]): readonly SiteId[] =>
  sites.filter((site) => !isTrainingSite(site));
