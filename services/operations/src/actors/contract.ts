import {
  type AmendContract,
  type Contract,
  type ContractAct,
  ContractAmended,
  ContractClosed,
  ContractFinalized,
  type ContractLine,
  ContractMerged,
  ContractOpened,
  ContractReactivated,
  ContractReopened,
  ContractReturned,
  type ContractState,
  ContractTripSet,
  Fault,
  type Flag,
  ItemReassigned,
  kindOfNumber,
  LotRecorded,
  type LotsSent,
  type MergeTarget,
  type OpenContract,
  ownOf,
  type RecordLot,
  tripLegs,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import {
  changeBody,
  checkVersion,
  type Decision,
  fitsIntoEvent,
  type Origin,
  type Said,
  type VersionWanted,
} from "./decision.ts";

const accepted = (flags: readonly Flag[], said: Said, besides: readonly Said[] = []): Decision => ({
  outcome: "accepted",
  flags,
  said,
  ...(besides.length === 0 ? {} : { besides }),
});
const alreadyApplied: Decision = { outcome: "already_applied", flags: [] };

/** A class is one line, however often it was written down; in the order in which they were. */
const inLines = (lines: readonly ContractLine[]): ContractLine[] => {
  const quantities = new Map<string, number>();
  for (const { class: written, quantity } of lines) {
    const name = written.trim();
    quantities.set(name, (quantities.get(name) ?? 0) + quantity);
  }
  return [...quantities].map(([name, quantity]) => ({ class: name, quantity }));
};

const instantOf = (at: string | null | undefined): string | null =>
  at == null ? null : new Date(at).toISOString();

const get = (book: Book, number: string): Contract => {
  const contract = book.contract(number.trim());
  if (contract === undefined) throw new Fault("contract_unknown", number);
  return contract;
};

const isSame = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/** What is stated of a contract, by its office or by whoever named it first. */
export const statedOf = ({ kind, client, outAt, dueAt, lines }: Contract) => ({
  ...{ kind, client, outAt, dueAt, lines },
});

/**
 * The office states a contract. Scans may have named it before: what they did to it stays.
 *
 * @throws Fault `contract_exists` when it was stated otherwise; `contract_closed` when it was merged into another.
 */
export const decideOpen = (book: Book, body: OpenContract, origin: Origin): Decision => {
  const number = body.number.trim();
  const known = book.contract(number);
  if (known !== undefined && known.number !== number)
    throw new Fault("contract_closed", `${number} is ${known.number} now`);
  const data = {
    kind: body.kind ?? kindOfNumber(number),
    client: body.client ?? null,
    outAt: instantOf(body.outAt),
    dueAt: instantOf(body.dueAt),
    lines: inLines(body.lines ?? []),
  };
  if (known?.stated === true) {
    if (isSame(data, statedOf(known))) return alreadyApplied;
    throw new Fault("contract_exists", number);
  }
  const was = known === undefined ? {} : { was: statedOf(known) };
  return accepted([], { type: ContractOpened.type, contract: number, data: { ...data, ...was }, ...origin });
};

/** @throws Fault `contract_unknown`, `version_stale`, `contract_closed`. */
export const decideAmend = (
  book: Book,
  request: VersionWanted & { readonly number: string; readonly amend: AmendContract },
  origin: Origin,
): Decision => {
  const contract = get(book, request.number);
  checkVersion("contract", contract.version, request);
  if (contract.state === "closed") throw new Fault("contract_closed", contract.number);
  const { amend } = request;
  const wanted = {
    ...(amend.client === undefined ? {} : { client: amend.client }),
    ...(amend.outAt === undefined ? {} : { outAt: instantOf(amend.outAt) }),
    ...(amend.dueAt === undefined ? {} : { dueAt: instantOf(amend.dueAt) }),
    ...(amend.lines === undefined ? {} : { lines: inLines(amend.lines) }),
  };
  const keys = (Object.keys(wanted) as (keyof typeof wanted)[]).filter(
    (key) => !isSame(wanted[key], contract[key]),
  );
  if (keys.length === 0) return alreadyApplied;
  const pick = (from: Partial<Record<keyof typeof wanted, unknown>>) =>
    Object.fromEntries(keys.map((key) => [key, from[key]]));
  const data = { set: pick(wanted), was: pick(contract) };
  return accepted([], { type: ContractAmended.type, contract: contract.number, data, ...origin });
};

type Step = {
  readonly from: readonly ContractState[];
  readonly to: ContractState;
  readonly type: string;
  readonly laundry?: true;
};

const steps: Readonly<Record<ContractAct, Step>> = {
  close: { from: ["open", "finalized", "returned"], to: "closed", type: ContractClosed.type },
  reopen: { from: ["closed"], to: "open", type: ContractReopened.type },
  finalize: { from: ["open"], to: "finalized", type: ContractFinalized.type, laundry: true },
  returned: { from: ["finalized"], to: "returned", type: ContractReturned.type, laundry: true },
  reactivate: { from: ["finalized", "returned"], to: "open", type: ContractReactivated.type, laundry: true },
};

const outNow = (contract: Contract): number =>
  Object.values(contract.counts).reduce((total, { staged, out }) => total + staged + out, 0);
const lotsNow = (contract: Contract): number =>
  Object.values(contract.lots).reduce((total, { added, removed }) => total + added - removed, 0);

/** What is not back when a contract ends. */
const leftOut = (contract: Contract): Flag[] => [
  ...(outNow(contract) > 0 ? (["items_out"] as const) : []),
  ...(lotsNow(contract) > 0 ? (["lots_out"] as const) : []),
];

/** What is odd about a contract that comes to be in a state. */
export const flagsOfState = (contract: Contract, to: ContractState): Flag[] =>
  to === "closed" || to === "returned" ? leftOut(contract) : [];

/** What was sent of each lot, as the contract has it. */
export const sentOf = ({ lots }: Contract): LotsSent =>
  Object.fromEntries(Object.entries(lots).map(([name, { sent }]) => [name, sent]));

/**
 * A person moves a contract along its life.
 *
 *   open │ finalized │ returned ──close──► closed ──reopen──► open
 *   open ──finalize──► finalized ──returned──► returned ──reactivate──► open      (laundry alone)
 *
 * Closing with items out is a person's right, and flagged: their returns still count.
 *
 * @throws Fault `contract_unknown`, `contract_state`.
 */
export const decideContractAct = (
  book: Book,
  { number, act }: { readonly number: string; readonly act: ContractAct },
  origin: Origin,
): Decision => {
  const contract = get(book, number);
  const step = steps[act];
  if (step.laundry === true && contract.kind !== "laundry")
    throw new Fault("contract_state", `${contract.number} is no laundry contract`);
  if (contract.state === step.to) return alreadyApplied;
  if (!step.from.includes(contract.state)) throw new Fault("contract_state", `it is ${contract.state}`);
  const flags = flagsOfState(contract, step.to);
  const sentWas = act === "finalize" ? { sentWas: sentOf(contract) } : {};
  const data = { state: step.to, was: contract.state, flags, ...sentWas };
  return accepted(flags, { type: step.type, contract: contract.number, data, ...origin });
};

/** What a contract has of its own of what a merge of another one lays together with it. */
const targetOf = (book: Book, number: string, { lots }: Contract, tags: readonly string[]): MergeTarget => {
  const target = book.contract(number);
  const own = book.members(number);
  const both = Object.keys(lots).flatMap((name) => {
    const lot = target === undefined ? undefined : ownOf(target.lots, name);
    return lot === undefined ? [] : [[name, lot] as const];
  });
  return {
    lines: target?.lines ?? [],
    lots: Object.fromEntries(both),
    members: tags.flatMap((tag) => own.get(tag) ?? []),
    firstOutAt: target?.firstOutAt ?? null,
    lastBackAt: target?.lastBackAt ?? null,
  };
};

/** The trips that go over with a merge: whoever drives looks for them under the other number. A leg that is planned there stays as it is. */
const tripsOver = (own: Contract, target: Contract | undefined) =>
  tripLegs.flatMap((leg) => {
    const trip = own.trips?.[leg];
    return trip === undefined || target?.trips?.[leg] !== undefined ? [] : [{ leg, trip }];
  });

/**
 * A contract that the floor wrote by hand turns out to be another one. Items, lots and, where the other has none, lines and trips move; the
 * number of the manual one goes on leading to it.
 *
 * @throws Fault `contract_unknown`; `contract_state` when it is not a manual one, is merged already, or the other takes nothing;
 * `too_large` when more is on it than an event can carry.
 */
export const decideMerge = (
  book: Book,
  request: { readonly number: string; readonly into: string },
  origin: Origin,
): Decision => {
  const into = request.into.trim();
  const contract = get(book, request.number);
  const target = book.contract(into);
  const isMerged = contract.number !== request.number.trim();
  if (isMerged && contract.number === (target?.number ?? into)) return alreadyApplied;
  if (isMerged) throw new Fault("contract_state", `it is ${contract.number} already`);
  if (contract.kind !== "manual") throw new Fault("contract_state", "only a manual contract is merged");
  const number = target?.number ?? into;
  if (number === contract.number) throw new Fault("contract_state", "a contract is not merged into itself");
  if (target !== undefined && target.state !== "open")
    throw new Fault("contract_state", `${number} is ${target.state}`);

  const members = [...book.members(contract.number).values()];
  const { lots, lines } = contract;
  const besides = members.flatMap(({ tag }) => {
    const item = book.item(tag);
    // What is on it only in the record, because it came back or turned up elsewhere, has no contract to change.
    if (item === undefined || item.contract !== contract.number) return [];
    const data = changeBody(item, { contract: number }, { outcome: "accepted", flags: [] });
    return [{ type: ItemReassigned.type, tag, contract: number, data, ...origin }];
  });
  const tags = members.map(({ tag }) => tag);
  const was = { state: contract.state, target: targetOf(book, number, contract, tags) };
  const over = tripsOver(contract, target);
  const data = {
    ...{ into: number, kind: target?.kind ?? kindOfNumber(number), members, lots, lines, was },
    ...(over.length === 0 ? {} : { trips: over.map(({ leg }) => leg) }),
  };
  const driven = over.map(({ leg, trip }): Said => {
    const set: ContractTripSet = { leg, set: trip, was: null };
    return { type: ContractTripSet.type, contract: number, data: set, ...origin };
  });
  if (!fitsIntoEvent(data)) throw new Fault("too_large", `${members.length} items are on ${contract.number}`);
  const merged = { type: ContractMerged.type, contract: contract.number, data, ...origin };
  return accepted([], merged, [...besides, ...driven]);
};

/** What comes off a lot beyond what is on it: nothing, unless it came back from the cleaner and whoever counted it says so. */
const surplusOf = (contract: Contract | undefined, lot: RecordLot, balance: number): number => {
  if (lot.action === "added" || lot.quantity <= balance) return 0;
  const isFromCleaner =
    contract?.kind === "laundry" && (contract.state === "finalized" || contract.state === "returned");
  if (lot.surplus !== true || !isFromCleaner)
    throw new Fault("lot_negative", `${balance} of ${lot.name.trim()} are on it`);
  return lot.quantity - balance;
};

/**
 * Goods without tags, counted by hand; a contract that nobody has stated yet is named by it.
 *
 * @throws Fault `contract_closed`; `lot_negative` when more would come off than was counted, and it is no surplus of the cleaner.
 */
export const decideLot = (
  book: Book,
  { number, lot }: { readonly number: string; readonly lot: RecordLot },
  origin: Origin,
): Decision => {
  const contract = book.contract(number.trim());
  if (contract?.state === "closed") throw new Fault("contract_closed", contract.number);
  const name = lot.name.trim();
  const known = contract === undefined ? undefined : ownOf(contract.lots, name);
  const surplus = surplusOf(contract, lot, (known?.added ?? 0) - (known?.removed ?? 0));
  const { quantity, action, notes } = lot;
  const data = {
    ...{ name, quantity, action },
    ...(surplus === 0 ? {} : { surplus }),
    ...(notes === undefined ? {} : { notes }),
  };
  return accepted([], {
    type: LotRecorded.type,
    contract: contract?.number ?? number.trim(),
    data,
    ...origin,
  });
};
