import type { FilterRule, ReaderCounts } from "@tagwire/messages";
import {
  type AntennaTallies,
  type AntennaTally,
  addTallies,
  countsByAntenna,
  filteredByOf,
  portOf,
  readsByPort,
  type StrayReason,
  straysOf,
  sumOf,
  sumOfAll,
  takeTallies,
} from "./antenna-ledger.ts";

/**
 * The ledger of a reader and of each of its antennas: every read ends in exactly one column, and the columns add up at every moment.
 *
 *   reads = filtered + held + observed
 *   observations = accepted + alreadyApplied + rejected + quarantined + pending
 *
 * `saved` is the row as Postgres was last known to hold it, `unsaved` what happened since. A read counts as held until the
 * observation that carries it is kept in Postgres. Each save tells beside it how many are held, so of a process that was killed it is
 * known what went with it: those are filtered, as lost. What it heard after its last save is in its tally book.
 *
 * A read is its antenna's; an observation carries reads of several and is the antenna's that it names.
 *
 * Only the functions here make a ledger out of another one.
 */
export type Ledger = {
  readonly saved: SavedLedger;
  readonly unsaved: Unsaved;
  /** Reads in observations on their way to Postgres. */
  readonly waitingReads: number;
  /** The same by port. */
  readonly waiting: AntennaTallies;
  /** The save that was sent to Postgres and not answered yet. */
  readonly underWay: LedgerSave | undefined;
  /** A newer row that was heard of meanwhile: whether the save is in it is known when the save ends. */
  readonly heard: SavedLedger | undefined;
};

type Saved = Omit<ReaderCounts, "held" | "pending" | "filteredBy" | "strays" | "antennas">;
type Unsaved = Pick<ReaderCounts, "frames" | "malformed"> & {
  /** Reads, and of those the filtered ones. */
  readonly antennas: AntennaTallies;
};

/** A row as Postgres has it. Whatever changes its counts raises its version, so of two rows the newer one is known. */
export type SavedLedger = Saved & {
  readonly version: number;
  /** Columns by port; together they are no more than the reader's own, and less by what was counted before antennas were. */
  readonly antennas: AntennaTallies;
};

/** What one save adds. `rejected` is for observations that Postgres does not take: they are parked, and accounted for. */
export type LedgerSave = Pick<
  ReaderCounts,
  "frames" | "malformed" | "filtered" | "observed" | "observations" | "rejected"
> & { readonly antennas: AntennaTallies };

/** What one frame has of one antenna: `reads` are all of them, with those that were filtered, by the rule that did it. */
export type FrameTally = {
  readonly antenna: number;
  readonly reads: number;
  readonly filtered: Readonly<Partial<Record<FilterRule, number>>>;
};

/** What an observation is in a ledger: the antenna that it names, and the reads that it carries of each that heard the tag. */
export type Carried = {
  readonly antenna: number;
  readonly readsBy: ReadonlyMap<number, number>;
  readonly stray?: StrayReason | undefined;
};

const nothing: Unsaved = { frames: 0, malformed: 0, antennas: {} };

const newerOf = (left: SavedLedger, right: SavedLedger | undefined): SavedLedger =>
  right !== undefined && right.version > left.version ? right : left;

export const openLedger = (saved: SavedLedger): Ledger => ({
  saved,
  unsaved: nothing,
  waitingReads: 0,
  waiting: {},
  underWay: undefined,
  heard: undefined,
});

const talliesOf = (heard: readonly FrameTally[]): AntennaTallies => {
  let tallies: AntennaTallies = {};
  for (const { antenna, reads, filtered } of heard) {
    if (reads === 0) continue;
    const tally: { -readonly [Column in keyof AntennaTally]: AntennaTally[Column] } = { reads };
    for (const [rule, count] of Object.entries(filtered) as [FilterRule, number][]) {
      if (count === 0) continue;
      tally.filtered = (tally.filtered ?? 0) + count;
      tally[`filtered.${rule}`] = count;
    }
    tallies = addTallies(tallies, { [portOf(antenna)]: tally });
  }
  return tallies;
};

/** The reader sent a frame; most have no reads, and are of no antenna. */
export const countFrame = (ledger: Ledger, heard: readonly FrameTally[]): Ledger => {
  const { frames, malformed, antennas } = ledger.unsaved;
  return {
    ...ledger,
    unsaved: { frames: frames + 1, malformed, antennas: addTallies(antennas, talliesOf(heard)) },
  };
};

/** Windows hold reads that another process heard and told of: they were read, and are not saved. */
export const goOnHolding = (ledger: Ledger, readsBy: ReadonlyMap<number, number>): Ledger => ({
  ...ledger,
  unsaved: { ...ledger.unsaved, antennas: addTallies(ledger.unsaved.antennas, readsByPort(readsBy)) },
});

/** The reader sent a frame that could not be read. */
export const countMalformed = (ledger: Ledger): Ledger => ({
  ...ledger,
  unsaved: { ...ledger.unsaved, malformed: ledger.unsaved.malformed + 1 },
});

/** An observation of held reads is on its way to Postgres. */
export const awaitSave = (ledger: Ledger, readsBy: Carried["readsBy"]): Ledger => {
  const reads = readsByPort(readsBy);
  return {
    ...ledger,
    waitingReads: ledger.waitingReads + sumOf(reads, "reads"),
    waiting: addTallies(ledger.waiting, reads),
  };
};

/** Counters that no observation accounts for and that a save should carry. */
export const hasUnsaved = ({ unsaved }: Ledger): boolean =>
  unsaved.frames > 0 || unsaved.malformed > 0 || sumOf(unsaved.antennas, "filtered") > 0;

/** Whether Postgres holds everything that a later life of the reader would have to know. */
export const isSettled = (ledger: Ledger): boolean =>
  ledger.waitingReads === 0 && ledger.underWay === undefined && !hasUnsaved(ledger);

/** Filtered reads are done with; the others are in windows or in observations, and go with those. */
const filteredOnly = ({ reads: _, ...filtered }: AntennaTally): AntennaTally =>
  filtered.filtered === undefined ? filtered : { ...filtered, reads: filtered.filtered };

const carriedTallies = ({ antenna, readsBy, stray }: Carried, isRejected: boolean): AntennaTallies => {
  const heard = Object.entries(readsByPort(readsBy)).map(([port, { reads = 0 }]) => [
    port,
    { reads, observed: reads },
  ]);
  return addTallies(Object.fromEntries(heard), {
    [portOf(antenna)]: {
      observations: 1,
      ...(stray === undefined ? {} : { [`stray.${stray}`]: 1 }),
      ...(isRejected ? { rejected: 1 } : {}),
    },
  });
};

/** The save that covers these observations, and all counters so far. */
export const saveOf = (
  { unsaved }: Ledger,
  carried: readonly Carried[],
  { isRejected } = { isRejected: false },
): LedgerSave => {
  const filtered = Object.entries(unsaved.antennas).map(([port, tally]) => [port, filteredOnly(tally)]);
  const observed = carried.map((one) => carriedTallies(one, isRejected));
  const antennas = sumOfAll([Object.fromEntries(filtered), ...observed]);
  return {
    frames: unsaved.frames,
    malformed: unsaved.malformed,
    filtered: sumOf(antennas, "filtered"),
    observed: sumOf(antennas, "observed"),
    observations: carried.length,
    rejected: isRejected ? carried.length : 0,
    antennas,
  };
};

/** The save is sent. One at a time: until it has ended, nothing that is heard of the row is shown. */
export const beginSave = (ledger: Ledger, save: LedgerSave): Ledger => ({ ...ledger, underWay: save });

/** The reads that observations carry, by port. */
export const observedReads = (antennas: AntennaTallies): AntennaTallies =>
  Object.fromEntries(
    Object.entries(antennas).flatMap(([port, { observed: reads }]) =>
      reads === undefined ? [] : [[port, { reads }]],
    ),
  );

/** The save is in Postgres, which holds this row now, or none when the reader is gone and what it counted with it. */
export const endSave = (ledger: Ledger, row: SavedLedger | undefined): Ledger => {
  const { unsaved, underWay } = ledger;
  if (underWay === undefined) return ledger;
  return {
    saved: newerOf(newerOf(ledger.saved, row), ledger.heard),
    unsaved: {
      frames: unsaved.frames - underWay.frames,
      malformed: unsaved.malformed - underWay.malformed,
      antennas: takeTallies(unsaved.antennas, underWay.antennas),
    },
    waitingReads: ledger.waitingReads - underWay.observed,
    waiting: takeTallies(ledger.waiting, observedReads(underWay.antennas)),
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

export const pendingOf = ({ saved }: Pick<Ledger, "saved">): number =>
  saved.observations - saved.accepted - saved.alreadyApplied - saved.rejected - saved.quarantined;

/** The counts as people see them; `heldInWindows` is what smoothing holds of each antenna. */
export const countsOf = (ledger: Ledger, heldInWindows: ReadonlyMap<number, number>): ReaderCounts => {
  const { version: _, antennas: savedAntennas, ...saved } = ledger.saved;
  const { unsaved } = ledger;
  const antennas = addTallies(savedAntennas, unsaved.antennas);
  const held = addTallies(readsByPort(heldInWindows), ledger.waiting);
  const counts = {
    ...saved,
    frames: saved.frames + unsaved.frames,
    malformed: saved.malformed + unsaved.malformed,
    reads: saved.reads + sumOf(unsaved.antennas, "reads"),
    filtered: saved.filtered + sumOf(unsaved.antennas, "filtered"),
    held: sumOf(held, "reads"),
    pending: pendingOf(ledger),
  };
  const { frames: _frames, malformed: _malformed, ...total } = counts;
  return {
    ...counts,
    filteredBy: filteredByOf(antennas, counts.filtered),
    strays: straysOf(antennas),
    antennas: countsByAntenna(antennas, held, total),
  };
};
