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

/**
 * What a rental or delivery that came too late to change its item still says of contracts: that the item went out on this one, and what
 * ended that, by the time at which things were scanned and not by what is known last of the item. So the same scans leave the same
 * record, in whatever order they arrive.
 *
 *   a return or pickup came next ──► returned, at its instant
 *   anything else, or nothing ─────► not_recorded, and flagged
 *   it was out on another contract ► flagged; and that one was never returned, if the return that ended it is of this one
 */
export const lateRental = (
  item: Item,
  { contract: number, at }: { readonly contract: string; readonly at: string },
  contracts: ContractsKnown,
): LateRental => {
  const atMs = Date.parse(at);
  const nowOf = (written: string | undefined) =>
    written === undefined ? undefined : (contracts.contract(written)?.number ?? written);
  const past = inTime(contracts.past(item.tag)).map((one) => ({ ...one, contract: nowOf(one.contract) }));
  const last = past.findLast((one) => one.atMs <= atMs);
  const numbers = [number, ...(last?.contract === undefined ? [] : [last.contract])];
  const members = contracts.standings(item.tag, numbers);
  if (
    number === item.contract ||
    members.some((member) => member.contract === number && member.state !== "staged")
  )
    return nothing;
  const after = past.filter((one) => one.atMs > atMs);
  const end = endOf(after, number);
  const isBack = end?.does === "comes_back";
  const own: ContractMove = {
    ...{ contract: number, class: item.class, to: isBack ? "returned" : "not_recorded" },
    ...{ at: end?.at ?? at, outAt: at },
    ...(end === undefined ? {} : { endedBy: end.pos }),
  };
  const wasElsewhere = last?.does === "goes_out" && last.contract !== number;
  const isReturned = after[0]?.does === "comes_back" && !wasElsewhere;
  return {
    moves: [own, ...(wasElsewhere ? takenFrom(last, after, { members, at }) : [])],
    flags: isReturned ? [] : ["return_not_recorded"],
  };
};
