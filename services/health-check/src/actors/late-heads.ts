import type { Heads } from "@tagwire/messages";
import { ofSite, type Sighting } from "./sighting.ts";

/** An event is in the stream a moment after its commit; a new owner of the site takes up what the one before left. */
const relayedWithinMs = 60_000;

const isOlder = (instant: string | null, ms: number, at: string): boolean =>
  instant !== null && Date.parse(at) - Date.parse(instant) > ms;

const oldText = ({ oldestTransactionAt, oldestTransactionBy }: Heads): string =>
  `open since ${oldestTransactionAt}${oldestTransactionBy == null ? "" : ` by ${oldestTransactionBy}`}`;

/**
 * What holds the record up: events that do not leave, nobody who may write, and a transaction that never ends. None of it is certain
 * at one look, since processes are replaced.
 */
export const lateHeads = (
  { heads, at }: { readonly heads: Heads | null; readonly at: string },
  transactionMsMax: number,
): Sighting[] => {
  if (heads === null) return [];
  const sightings: Sighting[] = [];
  if (isOlder(heads.unrelayedSince, relayedWithinMs, at))
    sightings.push(ofSite("outbox_stuck", "stream", "events are not in the stream after a minute", false));
  if (heads.owner === null) sightings.push(ofSite("lease_unheld", "owner", "nobody owns the site", false));
  if (isOlder(heads.oldestTransactionAt, transactionMsMax, at))
    sightings.push(ofSite("transaction_old", "transaction", oldText(heads), false));
  return sightings;
};
