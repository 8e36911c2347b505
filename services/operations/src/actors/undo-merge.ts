import {
  type Contract,
  type ContractMember,
  type ContractMerged,
  ContractTripSet,
  ContractUnmerged,
  ItemReassigned,
  type Lot,
  type MergeTarget,
  movesOf,
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
import { fitsIntoEvent, type Said } from "./decision.ts";
import { stateLater } from "./undo-contract.ts";
import { takeBackPart } from "./undo-item.ts";
import { around, effective, type PastEvent } from "./undo-log.ts";
import { takeBackTrip } from "./undo-trip.ts";

const instead = { instead: "PATCH /contracts/{number}" };

const earliest = (instants: readonly (string | null)[]): string | null =>
  instants.reduce(
    (left, right) =>
      left === null || (right !== null && Date.parse(right) < Date.parse(left)) ? right : left,
    null,
  );
const latest = (instants: readonly (string | null)[]): string | null =>
  instants.reduce(
    (left, right) =>
      left === null || (right !== null && Date.parse(right) > Date.parse(left)) ? right : left,
    null,
  );

/** What has happened since to an item of the merge on the contract that it came to by it. */
const movedSince = ({ event, history }: Undoing, { into, members }: ContractMerged): PastEvent | undefined =>
  members
    .flatMap(({ tag }) => effective(history.ofTag(tag).filter(({ pos }) => pos > event.pos)))
    .filter(({ data }) => movesOf(data).some(({ contract }) => contract === into))
    .toSorted((left, right) => left.pos - right.pos)[0];

/** What is left of the other contract's lots of the same names; undefined when more was taken off them than it has itself. */
const lotsLeft = (target: Contract, { lots, was }: ContractMerged): MergeTarget["lots"] | undefined => {
  const left = Object.entries(lots).flatMap(([name, own]) => {
    const now: Lot = ownOf(target.lots, name) ?? { added: 0, removed: 0, sent: null };
    const before = was === undefined ? undefined : ownOf(was.target.lots, name);
    const [added, removed] = [now.added - own.added, now.removed - own.removed];
    const surplus = (now.surplus ?? 0) - (own.surplus ?? 0);
    const isNothing = before === undefined && added === 0 && removed === 0 && surplus === 0;
    const lot = { added, removed, sent: before?.sent ?? null, ...(surplus === 0 ? {} : { surplus }) };
    return isNothing ? [] : [[name, lot] as const];
  });
  return left.some(([, { added, removed }]) => removed > added) ? undefined : Object.fromEntries(left);
};

/** The other contract without the manual one: what it was, and what it has become since. */
const targetWithout = (
  { book }: Undoing,
  target: Contract,
  merge: ContractMerged,
  was: MergeTarget,
): MergeTarget | undefined => {
  const lots = lotsLeft(target, merge);
  if (lots === undefined) return undefined;
  const leaving = new Set(merge.members.map(({ tag }) => tag));
  const staying: readonly ContractMember[] = [
    ...was.members,
    ...[...book.members(target.number).values()].filter(({ tag }) => !leaving.has(tag)),
  ];
  const backs = staying.map(({ state, backAt }) => (state === "returned" ? backAt : null));
  const tookLines = was.lines.length === 0 && JSON.stringify(target.lines) === JSON.stringify(merge.lines);
  return {
    ...{ lots, lines: tookLines ? [] : target.lines, members: was.members },
    firstOutAt: earliest([was.firstOutAt, ...staying.map(({ outAt }) => outAt)]),
    lastBackAt: latest([was.lastBackAt, ...backs]),
  };
};

/**
 * Takes the trips off the other contract that it got with the merge, on a site where that is taken back; what was stated of such a leg since
 * is its own.
 */
const tripsBack = (undoing: Undoing, { into, trips = [] }: ContractMerged, says: readonly Said[]): Said[] => {
  const { event, book, history, nextPos } = undoing;
  if (trips.length === 0) return [];
  const scratch = book.fork();
  for (const [index, said] of says.entries()) scratch.fold(said, nextPos + index);
  return trips.flatMap((leg) => {
    const own = history
      .ofContract(into)
      .find(
        ({ type, pos, data }) =>
          type === ContractTripSet.type && pos > event.pos && (data as ContractTripSet).leg === leg,
      );
    return own === undefined ? [] : takeBackTrip({ ...undoing, event: own, book: scratch }).says;
  });
};

/** Brings the items back that went with the merge, on a site where it is taken back already; the first that stays refuses all. */
const itemsBack = (undoing: Undoing, { into, members }: ContractMerged, unmerged: Said): Compensation => {
  const { event, book, history, nextPos } = undoing;
  const scratch = book.fork();
  scratch.fold(unmerged, nextPos);
  const says: Said[] = [];
  for (const { tag } of members) {
    const reassigned = history
      .ofTag(tag)
      .find(
        ({ type, pos, contract }) => type === ItemReassigned.type && pos > event.pos && contract === into,
      );
    // What was on it in the record alone has stayed what it was.
    if (reassigned === undefined || reassigned.pos > event.pos + members.length) continue;
    const part = takeBackPart({ ...undoing, event: reassigned, book: scratch });
    if (part.verdict.outcome === "refused") return part;
    says.push(...part.says);
  }
  return undone(says);
};

/**
 * Takes a merge back: lots, lines and items that it moved are those of the manual contract again, and that has its number. What else
 * has happened on the other one since stays there; a later state of it, or what has become there of an item of the merge, depends on
 * the merge.
 */
export const takeBackMerge: TakeBack = (undoing) => {
  const { event, book, history, origin } = undoing;
  const merge = event.data as ContractMerged;
  const others = around(event, history.ofSame(event));
  if (others === undefined || event.contract === undefined) return nothing;
  const { into, members, lots, was } = merge;
  if (was === undefined)
    return refused("it is of before merges could be taken back: state the contracts anew", instead);
  const target = book.contract(event.contract);
  const own = effective(history.ofContract(into)).filter(({ pos }) => pos > event.pos);
  if (target === undefined || target.number !== into) {
    const onward = own.find(({ type }) => type === event.type);
    return onward === undefined ? refused(`${into} was merged itself`) : blocked(onward);
  }
  const later = stateLater(undoing, target, own) ?? movedSince(undoing, merge);
  if (later !== undefined) return blocked(later);
  const left = targetWithout(undoing, target, merge, was.target);
  if (left === undefined) return refused(`more was taken off lots of ${into} since than it has itself`);
  const data = { undoes: event.pos, into, state: was.state, members, lots, target: left };
  if (!fitsIntoEvent(data)) return refused(`${members.length} items are too many for one event`);
  const unmerged: Said = { type: ContractUnmerged.type, contract: event.contract, data, ...origin };
  const back = itemsBack(undoing, merge, unmerged);
  if (back.verdict.outcome === "refused") return back;
  const says = [unmerged, ...back.says];
  return undone([...says, ...tripsBack(undoing, merge, says)], { state: was.state, mergedInto: null });
};
