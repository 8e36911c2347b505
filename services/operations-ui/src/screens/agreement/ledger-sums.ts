import type { ReaderCounts } from "@tagwire/messages";

/**
 * How many reads and observations of a ledger are in none of its columns, or in more than one. Every read was filtered, is held, or went
 * into an observation, and every observation was decided or is on its way, so that it is none at any moment.
 */
export const openOf = (counts: ReaderCounts): number => {
  const { reads, filtered, held, observed } = counts;
  const { observations, accepted, alreadyApplied, rejected, quarantined, pending } = counts;
  const decided = accepted + alreadyApplied + rejected + quarantined + pending;
  return Math.abs(reads - filtered - held - observed) + Math.abs(observations - decided);
};
