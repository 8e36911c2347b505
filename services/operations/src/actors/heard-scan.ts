import {
  type AtStation,
  backdatedAfterMs,
  type Flag,
  futureToleranceMs,
  type Observation,
  type Scan,
} from "@tagwire/messages";
import type { Origin } from "./decision.ts";

/** What only a reader's observation carries besides being a scan. */
export type Evidence = {
  readonly reads: number;
  readonly peakRssiDbm: number | null;
  /** When the first of the reads was; absent in what waited since before it was kept. */
  readonly firstHeardAt?: string;
  /** The tag was heard there and is not taken to be there: it moves nothing. */
  readonly stray?: NonNullable<Observation["stray"]>;
  /** Where it was heard, if the antenna is bound to a station. */
  readonly station?: AtStation;
  /** The number of the tag's chip, in upper-case hex. */
  readonly tid?: string;
  /** The tag says that ISO defines what it holds, and not GS1. */
  readonly isIso?: true;
};

export type HeardScan = {
  readonly scan: Scan;
  readonly origin: Origin;
  readonly evidence?: Evidence;
  readonly fromQuarantine?: boolean;
  /** Whose count its number is, where the sender says so: the name of a ledger. */
  readonly countedBy?: string;
};

/** The instant a scan counts for, and what is odd about its clock. */
export type Timing = { readonly atMs: number; readonly at: string; readonly flags: readonly Flag[] };

/** A clock that runs ahead is not believed: receipt time counts instead. One that runs behind is, and is flagged. */
export const timingOf = ({ scan, origin }: HeardScan): Timing => {
  const scannedAtMs = Date.parse(scan.scannedAt);
  const receivedAtMs = Date.parse(origin.receivedAt);
  if (scannedAtMs > receivedAtMs + futureToleranceMs) {
    return { atMs: receivedAtMs, at: origin.receivedAt, flags: ["future_scan"] };
  }
  const flags: Flag[] = scannedAtMs < receivedAtMs - backdatedAfterMs ? ["backdated"] : [];
  return { atMs: scannedAtMs, at: new Date(scannedAtMs).toISOString(), flags };
};
