import {
  type Contract,
  ContractAmended,
  type ContractAmended as ContractAmendedBody,
  ContractClosed,
  ContractFinalized,
  ContractMerged,
  type ContractMerged as ContractMergedBody,
  ContractOpened,
  type ContractOpened as ContractOpenedBody,
  ContractReactivated,
  ContractReopened,
  ContractReturned,
  type ContractState,
  type ContractStateSet,
  contractStateEvents,
  kindOfNumber,
  LotRecorded,
  type LotRecorded as LotRecordedBody,
  type LotsSent,
  ownOf,
} from "@tagwire/messages";
import {
  blocked,
  type Compensation,
  nothing,
  refused,
  type TakeBack,
  type Undoing,
  undone,
} from "./compensation.ts";
import { flagsOfState, sentOf, statedOf } from "./contract.ts";
import { type Around, around, effective, type PastEvent } from "./undo-log.ts";

const stateTypes: ReadonlySet<string> = new Set(contractStateEvents.map(({ type }) => type));
const isState = ({ type }: PastEvent): boolean => stateTypes.has(type);

/** The first merge that counts of another contract into this one, after a position. */
const mergedLater = (
  { history }: Undoing,
  { mergedFrom, number }: Contract,
  pos: number,
): PastEvent | undefined =>
  mergedFrom
    .flatMap((from) => effective(history.ofContract(from)))
    .filter(
      (one) =>
        one.type === ContractMerged.type && one.pos > pos && (one.data as ContractMergedBody).into === number,
    )
    .toSorted((left, right) => left.pos - right.pos)[0];

/** What an event that changes the state of a contract, or ends it in another one, says later than another. */
export const stateLater = (undoing: Undoing, contract: Contract, later: readonly PastEvent[]) =>
  later.find(isState) ?? mergedLater(undoing, contract, undoing.event.pos);

type Standing = { readonly contract: Contract; readonly others: Around };

/** The contract of an event and what else counts of its past, where it is still one of its own; else why nothing is taken back. */
export const standingOf = (
  { event, book, history }: Undoing,
  own = history.ofSame(event),
): Standing | Compensation => {
  const contract = book.contract(event.contract ?? "");
  if (contract === undefined) return refused("nothing is known of its contract");
  const others = around(event, own);
  if (others === undefined) return nothing;
  if (contract.number === event.contract) return { contract, others };
  const merge = effective(own).findLast(({ type }) => type === ContractMerged.type);
  return merge === undefined ? refused(`it is ${contract.number} now`) : blocked(merge);
};

/** What a contract is of which nothing was ever stated; scans that name it make no more of it. */
const nothingStated = (number: string) => ({
  ...{ kind: kindOfNumber(number), client: null, outAt: null, dueAt: null, lines: [] },
});

/** Why what stands on a contract keeps its beginning; undefined while there is nothing that did not stand there before. */
const hungOn = (undoing: Undoing, { contract, others }: Standing): Compensation | undefined => {
  const { event, book } = undoing;
  const later = others.later[0] ?? mergedLater(undoing, contract, event.pos);
  if (later !== undefined) return blocked(later);
  const since = [...book.members(contract.number).values()].filter(({ pos }) => pos > event.pos);
  const [first] = since.toSorted((left, right) => left.pos - right.pos);
  return first === undefined
    ? undefined
    : refused(`things have moved on it since, ${since.length} of them: take that back first`, {
        blockedBy: first.pos,
      });
};

/**
 * Takes back that a contract was stated, while nothing has come of it: it is what it was before, and where only this named it, a number
 * that nobody has stated. Whoever states it anew states it first.
 */
export const takeBackOpening: TakeBack = (undoing) => {
  const { event, origin } = undoing;
  const standing = standingOf(undoing);
  if ("verdict" in standing) return standing;
  const { contract } = standing;
  const hung = hungOn(undoing, standing);
  if (hung !== undefined) return hung;
  const { was } = event.data as ContractOpenedBody;
  if (was === undefined && contract.mergedFrom.length > 0)
    return refused("what it was before is not in the log", { instead: "POST /contracts/{number}:close" });
  const set = { ...(was ?? nothingStated(contract.number)), stated: false };
  const data = { set, was: { ...statedOf(contract), stated: true }, undoes: event.pos };
  return undone([{ type: ContractAmended.type, contract: contract.number, data, ...origin }], set);
};

/** Takes back that client, dates or lines were stated: what has been stated anew since depends on it. */
export const takeBackAmendment: TakeBack = (undoing) => {
  const { event, origin } = undoing;
  const standing = standingOf(undoing);
  if ("verdict" in standing) return standing;
  const { contract, others } = standing;
  if (contract.state === "closed")
    return refused("the contract is closed: reopen it first", {
      instead: "POST /contracts/{number}:reopen",
    });
  const { set, was } = event.data as ContractAmendedBody;
  const anew = others.later.find(
    ({ type, data }) =>
      type === ContractOpened.type ||
      (type === ContractAmended.type &&
        Object.keys((data as ContractAmendedBody).set).some((key) => key in set)),
  );
  if (anew !== undefined) return blocked(anew);
  const data = { set: was, was: set, undoes: event.pos };
  return undone([{ type: ContractAmended.type, contract: contract.number, data, ...origin }], was);
};

/** What says that a contract is again what it was, by what is taken back and by the state that it had. */
const typeBack = (type: string, was: ContractState): string => {
  switch (type) {
    case ContractClosed.type:
      return ContractReopened.type;
    case ContractReopened.type:
      return ContractClosed.type;
    case ContractFinalized.type:
      return was === "returned" ? ContractReturned.type : ContractReactivated.type;
    case ContractReturned.type:
      return was === "open" ? ContractReactivated.type : ContractFinalized.type;
    default:
      return was === "returned" ? ContractReturned.type : ContractFinalized.type;
  }
};

/** What was sent of each lot before an event; of one of before that was said, nothing if none was sent earlier. */
const sentBefore = ({ event }: Undoing, { contract, others }: Standing): LotsSent => {
  const { sentWas } = event.data as ContractStateSet;
  const now = sentOf(contract);
  if (sentWas !== undefined || event.type !== ContractFinalized.type) return sentWas ?? now;
  const wasSent = others.before.some(({ type }) => type === ContractFinalized.type);
  return wasSent ? now : Object.fromEntries(Object.keys(now).map((name) => [name, null]));
};

/** Takes back that a contract came to be in another state, with what was counted as sent by it. A later state depends on it. */
export const takeBackState: TakeBack = (undoing) => {
  const { event, origin } = undoing;
  const standing = standingOf(undoing);
  if ("verdict" in standing) return standing;
  const { contract, others } = standing;
  const later = stateLater(undoing, contract, others.later);
  if (later !== undefined) return blocked(later);
  const { was, state } = event.data as ContractStateSet;
  const sent = { sent: sentBefore(undoing, standing), sentWas: sentOf(contract) };
  const isOfLaundry =
    contract.kind === "laundry" || Object.values(contract.lots).some((lot) => lot.sent !== null);
  const data = {
    ...{ state: was, was: state, flags: flagsOfState(contract, was), undoes: event.pos },
    ...(isOfLaundry ? sent : {}),
  };
  const type = typeBack(event.type, was);
  return undone([{ type, contract: contract.number, data, ...origin }], { state: was });
};

/** Takes a count back by the opposite one, unless the contract has gone on by what was counted. */
export const takeBackLot: TakeBack = (undoing) => {
  const { event, history, origin } = undoing;
  const standing = standingOf(undoing, history.ofCount(event));
  if ("verdict" in standing) return standing;
  const { contract, others } = standing;
  const isClosed = contract.state === "closed";
  const by = others.later.findLast(
    ({ type }) => type === ContractFinalized.type || (isClosed && type === ContractClosed.type),
  );
  if (by !== undefined) return blocked(by);
  const { name, quantity, action, surplus = 0 } = event.data as LotRecordedBody;
  const lot = ownOf(contract.lots, name);
  const balance = (lot?.added ?? 0) - (lot?.removed ?? 0);
  if (action === "added" && quantity - surplus > balance)
    return refused(`only ${balance} of ${name} are on it now`);
  const opposite = action === "added" ? "removed" : "added";
  const more = surplus === 0 ? {} : { surplus };
  const data = { name, quantity, action: opposite, ...more, undoes: event.pos };
  return undone([{ type: LotRecorded.type, contract: contract.number, data, ...origin }]);
};
