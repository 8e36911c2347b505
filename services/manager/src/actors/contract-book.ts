import {
  type Contract,
  type ContractBook,
  type ContractMember,
  ContractMerged,
  type ContractRow,
  ContractUnmerged,
  contractEvents,
  contractKeysOf,
  contractRow,
  type Day,
  foldContracts,
  type LoggedEvent,
  movesOf,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";

/** An item on a contract, by both. Neither can hold the NUL that parts them. */
export const memberKey = (contract: string, tag: string): string => `${contract}\u0000${tag}`;

/** What is known of the contracts and members that a run touches. */
export type KnownContracts = {
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly members: ReadonlyMap<string, ContractMember>;
};

/** What the fold reads of an event. */
export type ContractEvent = Pick<
  LoggedEvent,
  "type" | "pos" | "tag" | "contract" | "receivedAt" | "recordedAt" | "data"
>;

/** A change of a contract, kept so that it can be told what it was at any moment. */
export type ContractStep = { readonly number: string; readonly event: ContractEvent };

export type ContractChanges = {
  readonly contracts: ReadonlyMap<string, Contract>;
  /** Undefined for an item that is no longer on the contract. */
  readonly members: ReadonlyMap<
    string,
    { readonly contract: string; readonly tag: string; readonly member: ContractMember | undefined }
  >;
  readonly steps: readonly ContractStep[];
  /** The rows of the board that show the contracts. */
  readonly rows: ReadonlyMap<string, ContractRow>;
};

const ownTypes: ReadonlySet<string> = new Set(contractEvents.map(({ type }) => type));

export const concernsContracts = ({ event }: Happening): boolean =>
  ownTypes.has(event.type) || event.data.moves !== undefined;

/** The steps of the contracts that an event touches: its own moves for each, and the whole event where it is about contracts. */
const stepsOf = (event: LoggedEvent): ContractStep[] => {
  const { type, pos, tag, contract, receivedAt, recordedAt, data } = event;
  const step = (number: string, of: LoggedEvent["data"]): ContractStep => ({
    number,
    event: {
      type,
      pos,
      receivedAt,
      recordedAt,
      data: of,
      ...(tag === undefined ? {} : { tag }),
      ...(contract === undefined ? {} : { contract }),
    },
  });
  if (ownTypes.has(type)) return contractKeysOf(event).contracts.map((number) => step(number, data));
  const moves = Map.groupBy(movesOf(data), (move) => move.contract);
  return [...moves].map(([number, own]) => step(number, { moves: own }));
};

/** The book of a run: what was known, and over it what the run has written so far. */
export const openContractBook = (known: KnownContracts) => {
  const contracts = new Map<string, Contract>();
  const members = new Map<string, { contract: string; tag: string; member: ContractMember | undefined }>();
  const book: ContractBook = {
    contract: (number) => contracts.get(number) ?? known.contracts.get(number),
    member: (number, tag) => {
      const key = memberKey(number, tag);
      const written = members.get(key);
      return written === undefined ? known.members.get(key) : written.member;
    },
    putContract: (contract) => void contracts.set(contract.number, contract),
    putMember: (member) =>
      void members.set(memberKey(member.contract, member.tag), {
        contract: member.contract,
        tag: member.tag,
        member,
      }),
    dropMember: (contract, tag) =>
      void members.set(memberKey(contract, tag), { contract, tag, member: undefined }),
    ownCounts: new WeakSet(),
  };
  return { book, contracts, members };
};

/** Folds a run onto what is known of its contracts. */
export const foldContractRun = (
  known: KnownContracts,
  happenings: readonly Happening[],
  dayOf: (instant: string) => Day,
): ContractChanges => {
  const { book, contracts, members } = openContractBook(known);
  const steps: ContractStep[] = [];
  for (const { event } of happenings) {
    foldContracts(book, event);
    steps.push(...stepsOf(event));
  }
  const rows = new Map([...contracts].map(([number, contract]) => [number, contractRow(contract, dayOf)]));
  return { contracts, members, steps, rows };
};

/** The contracts and members that must be known before a run is folded. */
export const contractKeys = (happenings: readonly Happening[]) => {
  const contracts = new Set<string>();
  const members = new Map<string, { readonly contract: string; readonly tag: string }>();
  for (const { event } of happenings) {
    const keys = contractKeysOf(event);
    for (const number of keys.contracts) contracts.add(number);
    for (const member of keys.members) members.set(memberKey(member.contract, member.tag), member);
  }
  return { contracts, members: members.values() };
};

/** A contract and its items from the steps of its history, in their order; undefined where nothing has named it yet. */
export const contractOf = (
  number: string,
  steps: readonly ContractEvent[],
): { readonly contract: Contract; readonly members: readonly ContractMember[] } | undefined => {
  const { book, contracts, members } = openContractBook({ contracts: new Map(), members: new Map() });
  const merges = new Set<number>();
  for (const step of steps) {
    // A merge, and what takes it back, is a step of both contracts, and happens once.
    const isOfBoth = step.type === ContractMerged.type || step.type === ContractUnmerged.type;
    if (isOfBoth && merges.has(step.pos)) continue;
    if (isOfBoth) merges.add(step.pos);
    foldContracts(book, step);
  }
  const contract = contracts.get(number);
  if (contract === undefined) return undefined;
  const own = [...members.values()].flatMap(({ member }) =>
    member === undefined || member.contract !== number ? [] : [member],
  );
  return { contract, members: own.sort((left, right) => (left.tag < right.tag ? -1 : 1)) };
};

/** The contracts that became part of this one, by the steps of its own history. */
export const mergedInto = (number: string, steps: readonly ContractEvent[]): string[] =>
  steps.flatMap(({ type, contract }) =>
    type === ContractMerged.type && contract !== undefined && contract !== number ? [contract] : [],
  );
