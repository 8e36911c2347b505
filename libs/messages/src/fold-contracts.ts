import {
  ContractAmended,
  ContractFinalized,
  ContractMerged,
  type ContractMove,
  ContractOpened,
  type ContractStateSet,
  ContractUnmerged,
  contractStateEvents,
  LotRecorded,
  type LotsSent,
} from "./contract-events.ts";
import {
  type Contract,
  type ContractMember,
  kindOfNumber,
  type Lot,
  type MemberCounts,
  type MemberState,
  noMembers,
  ownOf,
} from "./contracts.ts";
import { type OwnCounts, withCount } from "./counts-by-name.ts";
import type { LoggedEvent } from "./events.ts";
import { ContractTripSet } from "./trips.ts";

/** What the fold reads and writes: in a turn, in a projection's batch, or in memory. */
export type ContractBook = {
  readonly contract: (number: string) => Contract | undefined;
  readonly member: (number: string, tag: string) => ContractMember | undefined;
  readonly putContract: (contract: Contract) => void;
  readonly putMember: (member: ContractMember) => void;
  readonly dropMember: (number: string, tag: string) => void;
  /** Counts that this book made and nobody was given yet; without it each event makes them anew. */
  readonly ownCounts?: OwnCounts;
};

type Happened = Pick<LoggedEvent, "type" | "pos" | "tag" | "contract" | "receivedAt" | "data">;

const countKey: Readonly<Record<MemberState, keyof MemberCounts>> = {
  staged: "staged",
  out: "out",
  returned: "returned",
  not_recorded: "notRecorded",
};

const stateTypes: ReadonlySet<string> = new Set(contractStateEvents.map(({ type }) => type));
const ownTypes: ReadonlySet<string> = new Set([
  ...stateTypes,
  ContractOpened.type,
  ContractAmended.type,
  ContractMerged.type,
  ContractUnmerged.type,
  ContractTripSet.type,
  LotRecorded.type,
]);
const mergeTypes: ReadonlySet<string> = new Set([ContractMerged.type, ContractUnmerged.type]);

export const movesOf = (data: Readonly<Record<string, unknown>>): readonly ContractMove[] =>
  (data.moves as readonly ContractMove[] | undefined) ?? [];

/** Whether an event says something of a contract itself, and not of a thing that is on it. */
export const isOfContract = ({ type }: Pick<Happened, "type">): boolean => ownTypes.has(type);

/** The contracts and members that an event touches: what a book has to hold before the event is folded. */
export const contractKeysOf = (
  event: Pick<Happened, "type" | "tag" | "contract" | "data">,
): {
  readonly contracts: readonly string[];
  readonly members: readonly { contract: string; tag: string }[];
} => {
  const { tag } = event;
  if (ownTypes.has(event.type) && event.contract !== undefined) {
    if (!mergeTypes.has(event.type)) return { contracts: [event.contract], members: [] };
    const { into, members } = event.data as ContractMerged | ContractUnmerged;
    const own = event.contract;
    return {
      contracts: [own, into],
      members: members.flatMap((one) => [
        { contract: own, tag: one.tag },
        { contract: into, tag: one.tag },
      ]),
    };
  }
  const moves = movesOf(event.data);
  return {
    contracts: moves.map(({ contract }) => contract),
    members: tag === undefined ? [] : moves.map(({ contract }) => ({ contract, tag })),
  };
};

/** A contract that nobody has stated yet, as the first scan or count that names it leaves it. */
export const namedContract = (number: string, at: string): Contract => ({
  number,
  kind: kindOfNumber(number),
  client: null,
  outAt: null,
  dueAt: null,
  state: "open",
  stated: false,
  lines: [],
  counts: {},
  lots: {},
  mergedInto: null,
  mergedFrom: [],
  openedAt: at,
  stateAt: at,
  firstOutAt: null,
  lastBackAt: null,
  version: 0,
  pos: 0,
});

const counted = (
  { ownCounts }: ContractBook,
  counts: Contract["counts"],
  { class: name, state }: Pick<ContractMember, "class" | "state">,
  by: 1 | -1,
): Contract["counts"] => {
  const before = ownOf(counts, name) ?? noMembers;
  const key = countKey[state];
  return withCount(counts, name, { ...before, [key]: before[key] + by }, ownCounts);
};

const earlier = (left: string | null, right: string): string =>
  left !== null && Date.parse(left) <= Date.parse(right) ? left : right;
const later = (left: string | null, right: string): string =>
  left !== null && Date.parse(left) >= Date.parse(right) ? left : right;

/** The instants of a member that stands so from `at` on. One that was out before keeps that when it is set aside again. */
const standingAt = (before: ContractMember | undefined, to: MemberState, move: ContractMove) => {
  const { at } = move;
  if (to === "staged")
    return {
      outAt: before?.outAt ?? move.outAt ?? null,
      backAt: before?.backAt ?? move.backAt ?? null,
    };
  // A scan that comes too late may say that it was out before it was known to be.
  if (to === "out") return { outAt: earlier(before?.outAt ?? null, at), backAt: null };
  // What was told too late says itself when it went out.
  const outAt = move.outAt === undefined ? (before?.outAt ?? at) : earlier(before?.outAt ?? null, move.outAt);
  return { outAt, backAt: at };
};

/** Since when a move says that something was out on its contract; undefined where it says nothing of that. */
const wentOutAt = ({ to, at, outAt }: ContractMove): string | undefined =>
  to === "out" ? at : to === "returned" || to === "not_recorded" ? outAt : undefined;

/** What was set aside again and is not needed after all was out before, and came back. */
const moveMember = (book: ContractBook, tag: string, pos: number, move: ContractMove) => {
  const { contract: number, class: name, at } = move;
  const contract = book.contract(number) ?? namedContract(number, at);
  const before = book.member(number, tag);
  const wasOut = before?.state === "staged" && before.outAt !== null;
  const to = move.to === "none" && wasOut ? "returned" : move.to;
  const left = before === undefined ? contract.counts : counted(book, contract.counts, before, -1);
  const isOff = to === "none" || to === "renamed";
  const outSince = wentOutAt(move);
  const counts = isOff ? left : counted(book, left, { class: name, state: to }, 1);
  if (isOff) book.dropMember(number, tag);
  else {
    book.putMember({ contract: number, tag, class: name, state: to, ...standingAt(before, to, move), pos });
  }
  book.putContract({
    ...contract,
    counts,
    firstOutAt: outSince === undefined ? contract.firstOutAt : earlier(contract.firstOutAt, outSince),
    lastBackAt: to === "returned" ? later(contract.lastBackAt, at) : contract.lastBackAt,
    version: contract.version + 1,
    pos,
  });
};

/** A lot that nothing was beyond says nothing of it. */
const surplusOf = (surplus: number): Pick<Lot, "surplus"> => (surplus === 0 ? {} : { surplus });

const addLots = (left: Lot | undefined, right: Lot): Lot => ({
  added: (left?.added ?? 0) + right.added,
  removed: (left?.removed ?? 0) + right.removed,
  sent: right.sent === null ? (left?.sent ?? null) : (left?.sent ?? 0) + right.sent,
  ...surplusOf((left?.surplus ?? 0) + (right.surplus ?? 0)),
});

/** An item is set aside for or out on one contract at most; of what it is on two otherwise, the later word counts. */
const prevails = (member: ContractMember, over: ContractMember): boolean => {
  const stands = ({ state }: ContractMember) => state === "staged" || state === "out";
  return stands(member) === stands(over) ? member.pos > over.pos : stands(member);
};

/** What an item is on a contract when it was on two that are one now: it was out since it first was on either. */
const asOne = (member: ContractMember, own: ContractMember): ContractMember => {
  const [now, past] = prevails(member, own) ? [member, own] : [own, member];
  return {
    ...now,
    outAt: past.outAt === null ? now.outAt : earlier(now.outAt, past.outAt),
    backAt: now.state === "staged" ? (now.backAt ?? past.backAt) : now.backAt,
  };
};

/** Everything on the one is on the other from now on; what stood on both counts as what it is now. */
const merge = (book: ContractBook, contract: Contract, event: Happened) => {
  const { into, kind, members, lots, lines } = event.data as ContractMerged;
  const target = book.contract(into) ?? { ...namedContract(into, event.receivedAt), kind };
  let { counts } = target;
  for (const member of members) {
    book.dropMember(contract.number, member.tag);
    const own = book.member(into, member.tag);
    const one = own === undefined ? member : asOne(member, own);
    if (own !== undefined) counts = counted(book, counts, own, -1);
    counts = counted(book, counts, one, 1);
    book.putMember({ ...one, contract: into, pos: event.pos });
  }
  const { firstOutAt, lastBackAt } = contract;
  book.putContract({
    ...target,
    counts,
    lines: target.lines.length > 0 ? target.lines : lines,
    lots: Object.fromEntries([
      ...Object.entries(target.lots),
      ...Object.entries(lots).map(([name, lot]) => [name, addLots(ownOf(target.lots, name), lot)] as const),
    ]),
    mergedFrom: [...target.mergedFrom, contract.number],
    firstOutAt: firstOutAt === null ? target.firstOutAt : earlier(target.firstOutAt, firstOutAt),
    lastBackAt: lastBackAt === null ? target.lastBackAt : later(target.lastBackAt, lastBackAt),
    version: target.version + 1,
    pos: event.pos,
  });
  book.putContract({
    ...contract,
    counts: {},
    lots: {},
    state: "merged",
    stateAt: event.receivedAt,
    mergedInto: into,
    version: contract.version + 1,
    pos: event.pos,
  });
};

/** The one is itself again, and the other what it was without it: the event says of both what they are. */
const unmerge = (book: ContractBook, contract: Contract, event: Happened) => {
  const { into, state, members, lots, target: own } = event.data as ContractUnmerged;
  const target = book.contract(into) ?? namedContract(into, event.receivedAt);
  let { counts } = target;
  for (const { tag } of members) {
    const member = book.member(into, tag);
    if (member !== undefined) counts = counted(book, counts, member, -1);
    book.dropMember(into, tag);
  }
  for (const member of own.members) {
    counts = counted(book, counts, member, 1);
    book.putMember(member);
  }
  let ownCounts: Contract["counts"] = {};
  for (const member of members) {
    ownCounts = counted(book, ownCounts, member, 1);
    book.putMember({ ...member, pos: event.pos });
  }
  const others = Object.entries(target.lots).filter(([name]) => ownOf(lots, name) === undefined);
  book.putContract({
    ...target,
    counts,
    lines: own.lines,
    lots: Object.fromEntries([...others, ...Object.entries(own.lots)]),
    mergedFrom: target.mergedFrom.filter((number) => number !== contract.number),
    firstOutAt: own.firstOutAt,
    lastBackAt: own.lastBackAt,
    version: target.version + 1,
    pos: event.pos,
  });
  book.putContract({
    ...contract,
    counts: ownCounts,
    lots,
    state,
    stateAt: event.receivedAt,
    mergedInto: null,
    version: contract.version + 1,
    pos: event.pos,
  });
};

const withSent = (lots: Contract["lots"], sent: LotsSent): Contract["lots"] =>
  Object.fromEntries(
    Object.entries(lots).map(([name, lot]) => [name, { ...lot, sent: ownOf(sent, name) ?? null }]),
  );

const finalizedLots = (lots: Contract["lots"]): Contract["lots"] =>
  Object.fromEntries(
    Object.entries(lots).map(([name, lot]) => [name, { ...lot, sent: lot.added - lot.removed }]),
  );

/** What an event about a contract sets; undefined for one that this version does not know. */
const changed = (contract: Contract, event: Happened): Partial<Contract> | undefined => {
  if (event.type === ContractOpened.type) {
    const { was: _was, ...stated } = event.data as ContractOpened;
    return { ...stated, stated: true };
  }
  if (event.type === ContractAmended.type) return { stated: true, ...(event.data as ContractAmended).set };
  if (event.type === ContractTripSet.type) {
    const { leg, set } = event.data as ContractTripSet;
    const { [leg]: _before, ...others } = contract.trips ?? {};
    return { trips: set === null ? others : { ...others, [leg]: set } };
  }
  if (event.type === LotRecorded.type) {
    const { name, quantity, action, surplus = 0 } = event.data as LotRecorded;
    const { surplus: before = 0, ...lot }: Lot = ownOf(contract.lots, name) ?? {
      added: 0,
      removed: 0,
      sent: null,
    };
    const after: Lot = {
      ...lot,
      [action]: lot[action] + quantity - surplus,
      ...surplusOf(action === "removed" ? before + surplus : before - surplus),
    };
    return { lots: { ...contract.lots, [name]: after } };
  }
  if (!stateTypes.has(event.type)) return undefined;
  const { state, sent } = event.data as ContractStateSet;
  const set = { state, stateAt: event.receivedAt };
  if (sent !== undefined) return { ...set, lots: withSent(contract.lots, sent) };
  return event.type === ContractFinalized.type ? { ...set, lots: finalizedLots(contract.lots) } : set;
};

/**
 * Folds an event into the contracts it touches: the one definition of what the log says of a contract. Item events say their
 * moves themselves; an event that touches no contract changes nothing.
 */
export const foldContracts = (book: ContractBook, event: Happened): void => {
  const { tag, contract: number, pos } = event;
  if (!ownTypes.has(event.type)) {
    if (tag !== undefined) for (const move of movesOf(event.data)) moveMember(book, tag, pos, move);
    return;
  }
  if (number === undefined) return;
  const contract = book.contract(number) ?? namedContract(number, event.receivedAt);
  if (event.type === ContractMerged.type) return merge(book, contract, event);
  if (event.type === ContractUnmerged.type) return unmerge(book, contract, event);
  const set = changed(contract, event);
  if (set === undefined) return;
  book.putContract({ ...contract, ...set, version: contract.version + 1, pos });
};
