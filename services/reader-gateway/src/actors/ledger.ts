import type { Outcome, ReaderCounts } from "@tagwire/messages";

/**
 * The ledger of a reader: every read ends in exactly one column, and the columns add up at every moment.
 *
 *   reads = filtered + held + observed
 *   observations = accepted + alreadyApplied + rejected + quarantined + pending
 *
 * `saved` is what Postgres holds, `unsaved` what happened since. A read counts as held until the observation that carries
 * it is kept in Postgres, so the reads that a killed process held were never durable and never counted as durable: after
 * the restart the sums are those of the last save, and they add up as well.
 */
export type Ledger = {
  saved: Saved;
  unsaved: Unsaved;
  /** Reads in observations on their way to Postgres. */
  waitingReads: number;
  version: number;
};

type Saved = Omit<ReaderCounts, "held" | "pending">;
type Unsaved = { frames: number; malformed: number; reads: number; filtered: number };

/** What one save adds. */
export type LedgerSave = {
  readonly frames: number;
  readonly malformed: number;
  readonly filtered: number;
  readonly observed: number;
  readonly observations: number;
};

const nothing: Unsaved = { frames: 0, malformed: 0, reads: 0, filtered: 0 };

const savedOf = (saved: Saved): Saved => ({
  frames: saved.frames,
  malformed: saved.malformed,
  reads: saved.reads,
  filtered: saved.filtered,
  observed: saved.observed,
  observations: saved.observations,
  accepted: saved.accepted,
  alreadyApplied: saved.alreadyApplied,
  rejected: saved.rejected,
  quarantined: saved.quarantined,
});

export const openLedger = (saved: Saved, version: number): Ledger => ({
  saved: savedOf(saved),
  unsaved: { ...nothing },
  waitingReads: 0,
  version,
});

/** Postgres knows better: a former owner saved more than was known here. */
export const resetSaved = (ledger: Ledger, saved: Saved, version: number): void => {
  ledger.saved = savedOf(saved);
  ledger.version = version;
};

/** Counters that no observation accounts for and that a save should carry. */
export const hasUnsaved = ({ unsaved }: Ledger): boolean =>
  unsaved.frames > 0 || unsaved.malformed > 0 || unsaved.filtered > 0;

/** The save that covers `observations` observations made from `observed` reads, and all counters so far. */
export const nextSave = (ledger: Ledger, observed: number, observations: number): LedgerSave => ({
  frames: ledger.unsaved.frames,
  malformed: ledger.unsaved.malformed,
  filtered: ledger.unsaved.filtered,
  observed,
  observations,
});

/** The save is in Postgres. */
export const applySave = (ledger: Ledger, save: LedgerSave): void => {
  const { saved, unsaved } = ledger;
  const reads = save.filtered + save.observed;
  ledger.saved = {
    ...saved,
    frames: saved.frames + save.frames,
    malformed: saved.malformed + save.malformed,
    reads: saved.reads + reads,
    filtered: saved.filtered + save.filtered,
    observed: saved.observed + save.observed,
    observations: saved.observations + save.observations,
  };
  ledger.unsaved = {
    frames: unsaved.frames - save.frames,
    malformed: unsaved.malformed - save.malformed,
    reads: unsaved.reads - reads,
    filtered: unsaved.filtered - save.filtered,
  };
  ledger.waitingReads -= save.observed;
  ledger.version += 1;
};

const columnOf = {
  accepted: "accepted",
  already_applied: "alreadyApplied",
  rejected: "rejected",
  quarantined: "quarantined",
} as const satisfies Record<Outcome, keyof Saved>;

/** Operations has taken an observation, and Postgres has it counted. */
export const countOutcome = (ledger: Ledger, outcome: Outcome): void => {
  ledger.saved[columnOf[outcome]] += 1;
};

export const pendingOf = ({ saved }: Ledger): number =>
  saved.observations - saved.accepted - saved.alreadyApplied - saved.rejected - saved.quarantined;

/** The counts as people see them; `heldInWindows` is what smoothing holds. */
export const countsOf = (ledger: Ledger, heldInWindows: number): ReaderCounts => ({
  ...ledger.saved,
  frames: ledger.saved.frames + ledger.unsaved.frames,
  malformed: ledger.saved.malformed + ledger.unsaved.malformed,
  reads: ledger.saved.reads + ledger.unsaved.reads,
  filtered: ledger.saved.filtered + ledger.unsaved.filtered,
  held: heldInWindows + ledger.waitingReads,
  pending: pendingOf(ledger),
});
