import Type, { type Static } from "typebox";
import {
  ContractKind,
  ContractLine,
  ContractMember,
  contractStates,
  Lot,
  lotActions,
  memberStates,
} from "./contracts.ts";
import { event } from "./events.ts";
import { Instant } from "./ids.ts";
import { ContractTripSet, TripLeg } from "./trips.ts";

/** Why something was taken back, as somebody said. */
const undoReason = Type.Optional(Type.String());
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * What an item event does to the record of a contract: the item stands there as `to` from `at` on; `none` takes it off. Said by
 * whoever decided the event, so that no reader of the log has to decide it again.
 */
export const ContractMove = Type.Object({
  contract: Type.String(),
  class: Type.String(),
  /** `renamed` takes a tag off whose thing goes on there under another one: of the old tag nothing stays. */
  to: Type.Enum([...memberStates, "none", "renamed"] as const),
  at: Instant,
  /**
   * What is set aside under a new tag and was out before, and since when it was back. Of a rental, or of its end, that was told too late:
   * when it went out, `at` being when that ended; where it went out there again since, further moves say of later times the same.
   */
  outAt: Type.Optional(Instant),
  backAt: Type.Optional(Instant),
  endedBy: Type.Optional(
    Type.Integer({
      description:
        "of a rental that was told too late, or was known to have begun earlier: the position of the event of the same thing that ended it",
    }),
  ),
});
export type ContractMove = Static<typeof ContractMove>;

const StatedOfContract = Type.Object({
  kind: ContractKind,
  client: nullable(Type.String()),
  outAt: nullable(Instant),
  dueAt: nullable(Instant),
  lines: Type.Array(ContractLine),
});

const ContractOpenedBody = Type.Object({
  ...StatedOfContract.properties,
  /** What it was before, where scans or a merge had named it; absent where nothing had, and in events of before it was said. */
  was: Type.Optional(StatedOfContract),
});
export type ContractOpened = Static<typeof ContractOpenedBody>;

/** Kind, and whether anybody has stated it at all, change only where its beginning is taken back or is there again. */
const AmendedOfContract = Type.Partial(
  Type.Object({ ...StatedOfContract.properties, stated: Type.Boolean() }),
);

const ContractAmendedBody = Type.Object({
  set: AmendedOfContract,
  was: AmendedOfContract,
  undoes: Type.Optional(Type.Integer()),
  reason: undoReason,
});
export type ContractAmended = Static<typeof ContractAmendedBody>;

const LotsSent = Type.Record(Type.String(), nullable(Type.Integer()));
export type LotsSent = Static<typeof LotsSent>;

/** The body of every event that moves a contract from one state to another. */
export const ContractStateBody = Type.Object({
  state: Type.Enum(contractStates),
  was: Type.Enum(contractStates),
  flags: Type.Array(Type.String()),
  /** What had been sent of each lot before, where this event sets it anew; absent in events of before it was said. */
  sentWas: Type.Optional(LotsSent),
  /** What was sent of each lot, where something is taken back. */
  sent: Type.Optional(LotsSent),
  undoes: Type.Optional(Type.Integer()),
  reason: undoReason,
});
export type ContractStateSet = Static<typeof ContractStateBody>;

/** What a contract has of its own of what a merge lays together: lines, lots of the same names, items that are on both. */
const MergeTarget = Type.Object({
  lines: Type.Array(ContractLine),
  lots: Type.Record(Type.String(), Lot),
  members: Type.Array(ContractMember),
  firstOutAt: nullable(Instant),
  lastBackAt: nullable(Instant),
});
export type MergeTarget = Static<typeof MergeTarget>;

const ContractMergedBody = Type.Object({
  into: Type.String(),
  kind: ContractKind,
  members: Type.Array(ContractMember),
  lots: Type.Record(Type.String(), Lot),
  lines: Type.Array(ContractLine),
  /** The state that it ends and what the other contract was before; absent in merges of before it was said. */
  was: Type.Optional(Type.Object({ state: Type.Enum(contractStates), target: MergeTarget })),
  /** Legs whose trips the other contract has from now on, since none of its own was planned; absent where there are none. */
  trips: Type.Optional(Type.Array(TripLeg)),
});
export type ContractMerged = Static<typeof ContractMergedBody>;

const ContractUnmergedBody = Type.Object({
  undoes: Type.Integer({ description: "position of the merge that is taken back" }),
  reason: undoReason,
  into: Type.String(),
  state: Type.Enum(contractStates),
  members: Type.Array(ContractMember),
  lots: Type.Record(Type.String(), Lot),
  /** What the other contract is without it. Of the lots that it had together with this one, those that are left. */
  target: MergeTarget,
});
export type ContractUnmerged = Static<typeof ContractUnmergedBody>;

const LotRecordedBody = Type.Object({
  name: Type.String(),
  quantity: Type.Integer(),
  action: Type.Enum(lotActions),
  surplus: Type.Optional(Type.Integer({ description: "how much of the quantity is beyond what was on it" })),
  notes: Type.Optional(Type.String()),
  undoes: Type.Optional(Type.Integer()),
  reason: undoReason,
});
export type LotRecorded = Static<typeof LotRecordedBody>;

/*
 * All contract events: operations says them once they are committed; manager, live screens and subscribers listen.
 * At least once, in the site's order; `(site, epoch, pos)` is their identity. The envelope's `contract` is what they are about.
 */

/** The office or a person stated a contract; scans may have named it before. */
export const ContractOpened = event({
  type: "contract.opened.v1",
  entity: "contract",
  body: ContractOpenedBody,
});
/** Client, dates or lines were stated anew. */
export const ContractAmended = event({
  type: "contract.amended.v1",
  entity: "contract",
  body: ContractAmendedBody,
});
/** No more goes out on it. `flags` has `items_out` and `lots_out` when not everything is back. */
export const ContractClosed = event({
  type: "contract.closed.v1",
  entity: "contract",
  body: ContractStateBody,
});
/** A closed contract is open again. */
export const ContractReopened = event({
  type: "contract.reopened.v1",
  entity: "contract",
  body: ContractStateBody,
});
/** The pre-wash count is done and the cleaner has it. Lots keep what was sent. */
export const ContractFinalized = event({
  type: "contract.finalized.v1",
  entity: "contract",
  body: ContractStateBody,
});
/** The cleaner brought it back. */
export const ContractReturned = event({
  type: "contract.returned.v1",
  entity: "contract",
  body: ContractStateBody,
});
/** A laundry contract goes out again. */
export const ContractReactivated = event({
  type: "contract.reactivated.v1",
  entity: "contract",
  body: ContractStateBody,
});
/** A contract that the floor wrote by hand is another one from now on; the envelope names the manual one. */
export const ContractMerged = event({
  type: "contract.merged.v1",
  entity: "contract",
  body: ContractMergedBody,
});
/** A merge was taken back: the manual contract, which the envelope names, has its items, lots and number again. */
export const ContractUnmerged = event({
  type: "contract.unmerged.v1",
  entity: "contract",
  body: ContractUnmergedBody,
});
/** Goods without tags were counted by hand. Append-only: a wrong count is taken back by another one. */
export const LotRecorded = event({ type: "lot.recorded.v1", entity: "lot", body: LotRecordedBody });

export const contractStateEvents = [
  ContractClosed,
  ContractReopened,
  ContractFinalized,
  ContractReturned,
  ContractReactivated,
] as const;

export const contractEvents = [
  ContractOpened,
  ContractAmended,
  ...contractStateEvents,
  ContractMerged,
  ContractUnmerged,
  ContractTripSet,
  LotRecorded,
] as const;
