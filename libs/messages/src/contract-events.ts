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

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * What an item event does to the record of a contract: the item stands there as `to` from `at` on; `none` takes it off. Said by
 * whoever decided the event, so that no reader of the log has to decide it again.
 */
export const ContractMove = Type.Object({
  contract: Type.String(),
  class: Type.String(),
  to: Type.Enum([...memberStates, "none"] as const),
  at: Instant,
});
export type ContractMove = Static<typeof ContractMove>;

const ContractOpenedBody = Type.Object({
  kind: ContractKind,
  client: nullable(Type.String()),
  outAt: nullable(Instant),
  dueAt: nullable(Instant),
  lines: Type.Array(ContractLine),
});
export type ContractOpened = Static<typeof ContractOpenedBody>;

const ContractAmendedBody = Type.Object({
  set: Type.Partial(Type.Omit(ContractOpenedBody, ["kind"])),
  was: Type.Partial(Type.Omit(ContractOpenedBody, ["kind"])),
});
export type ContractAmended = Static<typeof ContractAmendedBody>;

/** The body of every event that moves a contract from one state to another. */
export const ContractStateBody = Type.Object({
  state: Type.Enum(contractStates),
  was: Type.Enum(contractStates),
  flags: Type.Array(Type.String()),
  undoes: Type.Optional(Type.Integer()),
});
export type ContractStateSet = Static<typeof ContractStateBody>;

const ContractMergedBody = Type.Object({
  into: Type.String(),
  kind: ContractKind,
  members: Type.Array(ContractMember),
  lots: Type.Record(Type.String(), Lot),
  lines: Type.Array(ContractLine),
});
export type ContractMerged = Static<typeof ContractMergedBody>;

const LotRecordedBody = Type.Object({
  name: Type.String(),
  quantity: Type.Integer(),
  action: Type.Enum(lotActions),
  notes: Type.Optional(Type.String()),
  undoes: Type.Optional(Type.Integer()),
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
/** No more goes out on it. `flags` has `items_out` when not everything is back. */
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
  LotRecorded,
] as const;
