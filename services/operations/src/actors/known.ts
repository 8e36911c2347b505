import type {
  Contract,
  ContractMember,
  Fault,
  Item,
  MigrationStage,
  Photo,
  Receipt,
  RentalClass,
  Session,
  SessionTag,
  StockRule,
  UndoneEvent,
} from "@tagwire/messages";
import type { PastStep } from "./past-scans.ts";
import type { HeardBy } from "./session-parts.ts";
import type { StationSession } from "./station-session.ts";
import type { Stray, WaitingScan } from "./stray.ts";
import type { PastEvent } from "./undo-log.ts";
import type { ZoneGround } from "./zone.ts";

/**
 * A receipt as it is kept, with the hash of the body it answered: the same id with another body is refused. An undo keeps what became
 * of each event besides, so that whoever asks again is told the same.
 */
export type KeptReceipt = {
  readonly bodyHash: string;
  readonly receipt: Receipt;
  readonly undone?: readonly UndoneEvent[];
};

/** A contract with every item on it, by tag. */
export type KnownContract = {
  readonly contract: Contract;
  readonly members: ReadonlyMap<string, ContractMember>;
};

/**
 * A session with every tag in it, and how many repeats were counted silently. Of a large one, the tags that the turn asks about are in
 * `asked`, and only those are known, be it that they are not there; besides them what was scanned, where `hasScanned` says so.
 */
export type KnownSession = {
  readonly session: Session;
  readonly tags: ReadonlyMap<string, SessionTag>;
  readonly duplicates: number;
  readonly asked?: ReadonlySet<string>;
  readonly hasScanned?: boolean;
};

/** What is kept of an item's photos, the event that a new one is of, and whether its picture lies ready. */
export type PhotoGround = {
  readonly photos: readonly Photo[];
  readonly of?: number | undefined;
  readonly isKept?: boolean;
};

export type Unlabelled = { readonly tags: readonly string[]; readonly left: number };

/** What one act needs to know besides: read for it alone, when it is the first of its turn. */
export type Ground = {
  /** Why there is none: the act is refused, and only it. */
  readonly fault?: Fault;
  /** Tags that a session expects by its place or class. */
  readonly expected?: readonly string[];
  /** Everything that was ever said of the things whose events are to be undone, oldest first, and which of it is to be undone. */
  readonly history?: readonly PastEvent[];
  readonly targets?: ReadonlySet<number>;
  /** Tags that no item carries anywhere, reserved for this act; of one that was answered before, those that it made. */
  readonly freeTags?: readonly string[];
  /** Tags of a class that wait for their labels, and how many more there are; of a confirmation that was answered before, those that it took. */
  readonly unlabelled?: Unlabelled;
  /** Tags of sold things that this act may put on new ones. */
  readonly soldTags?: readonly string[];
  /** How far the site has come from the old system. */
  readonly stage?: MigrationStage;
  /** How the rule that is to be set is set. */
  readonly rule?: StockRule;
  /** The zone of the place that is to be drawn, as it is. */
  readonly zone?: ZoneGround;
  readonly photo?: PhotoGround;
};

/**
 * What a turn knows when it starts: everything its messages ask about, read once, set by set.
 * A tag that is not in `items` carries no item, and what waits for it is in `strays`. The waiting scans themselves are in
 * `waiting`, in the order in which they came, but only for the tags that the turn may commission or whose scans it may dismiss. `owed` has, of tags that a late
 * scan brings back, where they stand on contracts that they left without a return. `stations` has, of stations that its acts are about,
 * the sessions there; those that went on when something was heard are in `sessions`, too.
 */
export type Known = {
  readonly items: ReadonlyMap<string, Item>;
  readonly receipts: ReadonlyMap<string, KeptReceipt>;
  readonly strays: ReadonlyMap<string, Stray>;
  readonly waiting: ReadonlyMap<string, readonly WaitingScan[]>;
  readonly contracts: ReadonlyMap<string, KnownContract>;
  readonly owed: ReadonlyMap<string, readonly ContractMember[]>;
  /** Of tags that a late scan sends out: the events that say what sent them out and brought them back before, in the order of the log. */
  readonly pasts: ReadonlyMap<string, readonly PastStep[]>;
  readonly sessions: ReadonlyMap<string, KnownSession>;
  /** Which tags each device has scanned in sessions that the turn is about, by the session. */
  readonly heard: ReadonlyMap<string, HeardBy>;
  readonly stations: ReadonlyMap<string, readonly StationSession[]>;
  readonly classes: ReadonlyMap<string, RentalClass>;
  readonly grounds: ReadonlyMap<string, Ground>;
  /** Who has the names that new tags of the turn say, by the name: the tags that those things carry now. */
  readonly carriers: ReadonlyMap<string, readonly string[]>;
  /** Those of the names that the turn may give to things, or to things that are in the stock again, which other sites hold. */
  readonly heldElsewhere: ReadonlySet<string>;
};

/** A site of which nothing is known yet. */
export const nothingKnown: Known = {
  items: new Map(),
  receipts: new Map(),
  strays: new Map(),
  waiting: new Map(),
  contracts: new Map(),
  owed: new Map(),
  pasts: new Map(),
  sessions: new Map(),
  heard: new Map(),
  stations: new Map(),
  classes: new Map(),
  grounds: new Map(),
  carriers: new Map(),
  heldElsewhere: new Set(),
};
