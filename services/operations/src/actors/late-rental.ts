import type { ContractMember, ContractMove, Flag, Item } from "@tagwire/messages";
import { inTime, type PastScan } from "./past-scans.ts";
import type { ContractsKnown } from "./scan-contract.ts";

/** What a rental or delivery that came too late tells of contracts, and what is odd about it. */
export type LateRental = { readonly moves: readonly ContractMove[]; readonly flags: readonly Flag[] };

const nothing: LateRental = { moves: [], flags: [] };

/** What became of a thing that had gone out on a contract, by what was scanned of it afterwards. */
const endOf = (after: readonly PastScan[], number: string): PastScan | undefined => {
  const [next] = after;
  if (next?.does === "comes_back") return next;
  // It was never scanned back in, unless somebody who held the paper of that contract said so later.
  return after.find(({ does, contract }) => does === "comes_back" && contract === number) ?? next;
};

/**
 * The contract that the thing was out on until then, which another return was taken for the end of: that return is of the one that is
 * told now. One that names the contract, or another rental on it since, leaves it as it is.
 */
const takenFrom = (
  last: PastScan,
  after: readonly PastScan[],
  { members, at }: { readonly members: readonly ContractMember[]; readonly at: string },
): ContractMove[] => {
  const member = members.find(({ contract }) => contract === last.contract);
  if (member?.state !== "returned" || member.backAt === null || Date.parse(member.backAt) <= Date.parse(at))
    return [];
  if (after.some(({ does, contract }) => does !== "is_taken_off" && contract === member.contract)) return [];
  return [{ contract: member.contract, class: member.class, to: "not_recorded", at, outAt: last.at }];
};

/** A thing's past in the order of time, by the numbers that contracts have now. */
export const pastInTime = (tag: string, contracts: ContractsKnown): PastScan[] =>
  inTime(contracts.past(tag)).map((one) => {
    const { contract: written } = one;
    const contract = written === undefined ? undefined : (contracts.contract(written)?.number ?? written);
    return { ...one, contract };
  });

/** Where a thing stands by a later time that it went to a contract, said again as it is. */
const standingStill = (
  { contract, class: name, state, outAt, backAt }: ContractMember,
  { wentAt, at }: { readonly wentAt: string | undefined; readonly at: string },
): ContractMove => {
  const move = { contract, class: name, to: state };
  const since = wentAt ?? outAt ?? at;
  return state === "out" || state === "staged"
    ? { ...move, at: since }
    : { ...move, at: backAt ?? at, outAt: since };
};

/**
 * What a rental or delivery that came too late to change its item still says of contracts: that the item went out on this one, and what
 * ended that, by the time at which things were scanned and not by what is known last of the item, nor by whether it was on that contract
 * before. So the same scans leave the same record, in whatever order they arrive.
 *
 *   it was out there already, or nothing came between that and the next time ──► nothing new
 *   a return or pickup came next ──► returned, at its instant
 *   anything else, or nothing ─────► not_recorded, and flagged
 *   it went out there again since ─► so it is told, and then that it stands as that later time left it
 *   it was out on another contract ► flagged; and that one was never returned, if the return that ended it is of this one
 */
export const lateRental = (
  item: Item,
  { contract: number, at }: { readonly contract: string; readonly at: string },
  contracts: ContractsKnown,
): LateRental => {
  const atMs = Date.parse(at);
  const past = pastInTime(item.tag, contracts);
  const last = past.findLast((one) => one.atMs <= atMs);
  const after = past.filter((one) => one.atMs > atMs);
  const goesThere = ({ does, contract }: PastScan) => does === "goes_out" && contract === number;
  const [next] = after;
  const isSame = (last !== undefined && goesThere(last)) || (next !== undefined && goesThere(next));
  if (isSame || (next === undefined && item.contract === number)) return nothing;
  const numbers = [number, ...(last?.contract === undefined ? [] : [last.contract])];
  const members = contracts.standings(item.tag, numbers);
  const member = members.find(({ contract }) => contract === number);
  const again = after.findIndex(goesThere);
  const end = endOf(again === -1 ? after : after.slice(0, again), number);
  const isBack = end?.does === "comes_back";
  const own: ContractMove = {
    ...{ contract: number, class: member?.class ?? item.class, to: isBack ? "returned" : "not_recorded" },
    ...{ at: end?.at ?? at, outAt: at },
    ...(end === undefined ? {} : { endedBy: end.pos }),
  };
  const isAgain = again !== -1 || item.contract === number;
  // Of what is there no more, as after a change of tags, nothing can be said again.
  if (isAgain && member === undefined) return nothing;
  const wentAt = after.findLast(goesThere)?.at;
  const wasElsewhere = last?.does === "goes_out";
  const isReturned = next?.does === "comes_back" && !wasElsewhere;
  return {
    moves: [
      own,
      ...(isAgain && member !== undefined ? [standingStill(member, { wentAt, at })] : []),
      ...(wasElsewhere ? takenFrom(last, after, { members, at }) : []),
    ],
    flags: isReturned ? [] : ["return_not_recorded"],
  };
};
