import type { ContractMember, ContractMove, Flag, Item } from "@tagwire/messages";
import { begunEarlier, endedThen, endOf, goesTo, lastWentAt, standingStill } from "./late-end.ts";
import { inTime, type PastScan } from "./past-scans.ts";
import type { ContractsKnown } from "./scan-contract.ts";

/** What a rental or delivery that came too late tells of contracts, and what is odd about it. */
export type LateRental = { readonly moves: readonly ContractMove[]; readonly flags: readonly Flag[] };

const nothing: LateRental = { moves: [], flags: [] };

/**
 * The contract that the thing was out on until then, which another return was taken for the end of: that return is of the one that is
 * told now. One that names the contract leaves it as it is; where the thing went there again since, only that time is told so.
 */
const takenFrom = (
  member: ContractMember | undefined,
  told: { readonly past: readonly PastScan[]; readonly at: string; readonly isOn: boolean },
): ContractMove[] => {
  if (member === undefined) return [];
  const { past, at, isOn } = told;
  const atMs = Date.parse(at);
  const goes = goesTo(member.contract);
  const after = past.filter((one) => one.atMs > atMs);
  const again = after.findIndex(goes);
  const until = again === -1 ? after : after.slice(0, again);
  const [end] = until;
  if (until.some(({ does, contract }) => does === "comes_back" && contract === member.contract)) return [];
  const isReturned =
    again !== -1 || isOn
      ? end === undefined || end.does === "comes_back"
      : member.state === "returned" && member.backAt !== null && Date.parse(member.backAt) > atMs;
  return isReturned ? endedThen(member, { past, at, isOn, to: "not_recorded" }) : [];
};

/** A thing's past in the order of time, by the numbers that contracts have now. */
export const pastInTime = (tag: string, contracts: ContractsKnown): PastScan[] =>
  inTime(contracts.past(tag)).map((one) => {
    const { contract: written } = one;
    const contract = written === undefined ? undefined : (contracts.contract(written)?.number ?? written);
    return { ...one, contract };
  });

/**
 * What a rental or delivery that came too late to change its item still says of contracts: that the item went out on this one, and what
 * ended that, by the time at which things were scanned and not by what is known last of the item, nor by whether it was on that contract
 * before. So the same scans leave the same record, in whatever order they arrive.
 *
 *   it was out there already ──────► nothing new
 *   it went there next as well ────► it was out since then, and stands as it did
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
  const goesThere = goesTo(number);
  const [next] = after;
  const isSame = last !== undefined && goesThere(last);
  if (isSame || (next === undefined && item.contract === number)) return nothing;
  const numbers = [number, ...(last?.contract === undefined ? [] : [last.contract])];
  const members = contracts.standings(item.tag, numbers);
  const member = members.find(({ contract }) => contract === number);
  // Whatever was missed before it is told by the scan that was known.
  if (next !== undefined && goesThere(next))
    return member === undefined ? nothing : { moves: begunEarlier(member, { after, at }), flags: [] };
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
  const wentAt = lastWentAt(after, number);
  const wasElsewhere = last?.does === "goes_out";
  const elsewhere = members.find(({ contract }) => wasElsewhere && contract === last.contract);
  const isReturned = next?.does === "comes_back" && !wasElsewhere;
  return {
    moves: [
      own,
      ...(isAgain && member !== undefined ? [standingStill(member, { wentAt, at })] : []),
      ...takenFrom(elsewhere, { past, at, isOn: elsewhere?.contract === item.contract }),
    ],
    flags: isReturned ? [] : ["return_not_recorded"],
  };
};
