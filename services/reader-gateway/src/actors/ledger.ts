import type { ReaderCounts } from "@tagwire/messages";

/**
 * The ledger of a reader: every read ends in exactly one column, and the columns add up at every moment.
 *
 *   reads = filtered + held + observed
 *   observations = accepted + alreadyApplied + rejected + quarantined + pending
 *
 * `saved` is the row as Postgres was last known to hold it, `unsaved` what happened since. A read counts as held until the
 * observation that carries it is kept in Postgres, so the reads that a killed process held were never durable and never
 * counted as durable: after the restart the sums are those of the last save, and they add up as well.
 *
 * Only the functions here make a ledger out of another one.
 */
export type Ledger = {
  readonly saved: SavedLedger;
  readonly unsaved: Unsaved;
  /** Reads in observations on their way to Postgres. */
  readonly waitingReads: number;
  /** The save that was sent to Postgres and not answered yet. */
  readonly underWay: LedgerSave | undefined;
  /** A newer row that was heard of meanwhile: whether the save is in it is known when the save ends. */
  readonly heard: SavedLedger | undefined;
};

type Saved = Omit<ReaderCounts, "held" | "pending">;
type Unsaved = Pick<ReaderCounts, "frames" | "malformed" | "reads" | "filtered">;

/** A row as Postgres has it. Whatever changes its counts raises its version, so of two rows the newer one is known. */
export type SavedLedger = Saved & { readonly version: number };

/** What one save adds. `rejected` is for observations that Postgres does not take: they are parked, and accounted for. */
export type LedgerSave = Pick<
  ReaderCounts,
  "frames" | "malformed" | "filtered" | "observed" | "observations" | "rejected"
>;

const nothing: Unsaved = { frames: 0, malformed: 0, reads: 0, filtered: 0 };

const newerOf = (left: SavedLedger, right: SavedLedger | undefined): SavedLedger =>
  right !== undefined && right.version > left.version ? right : left;

export const openLedger = (saved: SavedLedger): Ledger => ({
  saved,
  unsaved: nothing,
  waitingReads: 0,
  underWay: undefined,
  heard: undefined,
});

/** The reader sent a frame: `reads` reads, of which `filtered` are of tags that nobody can have. */
export const countFrame = (
  ledger: Ledger,
  { reads, filtered }: Pick<Unsaved, "reads" | "filtered">,
): Ledger => {
  const { unsaved } = ledger;
  return {
    ...ledger,
    unsaved: {
      ...unsaved,
      frames: unsaved.frames + 1,
      reads: unsaved.reads + reads,
      filtered: unsaved.filtered + filtered,
    },
  };
};

/** The reader sent a frame that could not be read. */
export const countMalformed = (ledger: Ledger): Ledger => ({
  ...ledger,
  unsaved: { ...ledger.unsaved, malformed: ledger.unsaved.malformed + 1 },
});

/** Observations of `reads` held reads are on their way to Postgres. */
export const awaitSave = (ledger: Ledger, reads: number): Ledger => ({
  ...ledger,
  waitingReads: ledger.waitingReads + reads,
});

/** Counters that no observation accounts for and that a save should carry. */
export const hasUnsaved = ({ unsaved }: Ledger): boolean =>
  unsaved.frames > 0 || unsaved.malformed > 0 || unsaved.filtered > 0;

/** Whether Postgres holds everything that a later life of the reader would have to know. */
export const isSettled = (ledger: Ledger): boolean =>
  ledger.waitingReads === 0 && ledger.underWay === undefined && !hasUnsaved(ledger);

/** The save that covers these observations, and all counters so far. */
export const saveOf = (
  { unsaved }: Ledger,
  observed: Pick<LedgerSave, "observed" | "observations" | "rejected">,
): LedgerSave => ({
  frames: unsaved.frames,
  malformed: unsaved.malformed,
  filtered: unsaved.filtered,
  ...observed,
});

/** The save is sent. One at a time: until it has ended, nothing that is heard of the row is shown. */
export const beginSave = (ledger: Ledger, save: LedgerSave): Ledger => ({ ...ledger, underWay: save });

/** The save is in Postgres, which holds this row now, or none when the reader is gone and what it counted with it. */
export const endSave = (ledger: Ledger, row: SavedLedger | undefined): Ledger => {
  const { unsaved, underWay } = ledger;
  if (underWay === undefined) return ledger;
  return {
    saved: newerOf(newerOf(ledger.saved, row), ledger.heard),
    unsaved: {
      frames: unsaved.frames - underWay.frames,
      malformed: unsaved.malformed - underWay.malformed,
      reads: unsaved.reads - underWay.filtered - underWay.observed,
      filtered: unsaved.filtered - underWay.filtered,
    },
    waitingReads: ledger.waitingReads - underWay.observed,
    underWay: undefined,
    heard: undefined,
  };
};

/** The save is not in Postgres and never will be: what it carried waits for another. */
export const cancelSave = (ledger: Ledger): Ledger => ({
  ...ledger,
  saved: newerOf(ledger.saved, ledger.heard),
  underWay: undefined,
  heard: undefined,
});

/** Postgres holds, or held, this row: operations has taken observations, or another process saved late. */
export const learn = (ledger: Ledger, row: SavedLedger): Ledger =>
  ledger.underWay === undefined
    ? { ...ledger, saved: newerOf(ledger.saved, row) }
    : { ...ledger, heard: newerOf(ledger.heard ?? row, row) };

export const pendingOf = ({ saved }: Ledger): number =>
  saved.observations - saved.accepted - saved.alreadyApplied - saved.rejected - saved.quarantined;

/** The counts as people see them; `heldInWindows` is what smoothing holds. */
export const countsOf = (ledger: Ledger, heldInWindows: number): ReaderCounts => {
  const { version: _, ...saved } = ledger.saved;
  const { unsaved } = ledger;
  return {
    ...saved,
    frames: saved.frames + unsaved.frames,
    malformed: saved.malformed + unsaved.malformed,
    reads: saved.reads + unsaved.reads,
    filtered: saved.filtered + unsaved.filtered,
    held: heldInWindows + ledger.waitingReads,
    pending: pendingOf(ledger),
  };
};
