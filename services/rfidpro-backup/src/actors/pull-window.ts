import type { PullVerdict, RfidproDataset } from "@tagwire/messages";
import { windowSkewMs } from "./tolerances.ts";

/**
 * What of a pull is whole, and what is inside of its window: from shortly before it began until it was compared. Whatever anything happened to
 * inside stands still on neither side, and is told as pending. All the rest was the same at each instant of the window, so that for it the
 * record at its head is the record as of the window.
 */
export type PullWindow = {
  /** Everything that RFIDpro has of it was read. */
  readonly itemsComplete: boolean;
  readonly transactionsComplete: boolean;
  /** Each row of what was asked for was seen once: where rows moved, one that came twice may be there once. */
  readonly itemsOnce: boolean;
  readonly transactionsOnce: boolean;
  /** By our own clock. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** When it began by whichever clock is behind, RFIDpro's or ours: RFIDpro says by its own when it took a row. */
  readonly rfidproSinceMs: number;
  /** When RFIDpro took its last scan, from anybody; null where not all of its scans were read. */
  readonly quietSinceMs: number | null;
};

/** How a data set was read, as far as a comparison asks. */
export type ReadDataset = {
  readonly dataset: RfidproDataset;
  readonly verdict: PullVerdict;
  readonly since: string | null;
  readonly until: string;
};

/** The window of a pull that began and was compared at these instants. */
export const windowOf = (
  outcomes: readonly ReadDataset[],
  { fromMs, toMs, quietSinceMs }: { fromMs: number; toMs: number; quietSinceMs: number | null },
): PullWindow => {
  const isOnce = (dataset: RfidproDataset) =>
    outcomes.some((one) => one.dataset === dataset && one.verdict === "complete");
  const isWhole = (dataset: RfidproDataset) =>
    isOnce(dataset) && outcomes.some((one) => one.dataset === dataset && one.since === null);
  const begunMs = [fromMs, ...outcomes.map(({ until }) => Date.parse(until))].filter(Number.isFinite);
  return {
    ...{ itemsComplete: isWhole("items"), transactionsComplete: isWhole("transactions") },
    ...{ itemsOnce: isOnce("items"), transactionsOnce: isOnce("transactions") },
    sinceMs: fromMs - windowSkewMs,
    untilMs: toMs,
    rfidproSinceMs: Math.min(...begunMs) - windowSkewMs,
    quietSinceMs: isWhole("transactions") ? quietSinceMs : null,
  };
};
