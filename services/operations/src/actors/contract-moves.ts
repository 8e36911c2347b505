import type { ContractMember, ContractMove, Item, ItemStatus, Scan, ScanType } from "@tagwire/messages";
import { endedThen } from "./late-end.ts";
import type { PastScan } from "./past-scans.ts";
import type { ContractsKnown } from "./scan-contract.ts";

/** Where an item with such a status stands on its contract. */
const standing: Partial<Record<ItemStatus, "staged" | "out">> = {
  staged: "staged",
  on_rent: "out",
  delivered: "out",
};

/** How an item stands on the contract it is on, by its status; undefined when it is on none. */
export const standsAs = ({ contract, status }: Pick<Item, "contract" | "status">) =>
  contract === null ? undefined : standing[status];

/** The class that an item went out as on the contract it is on: what it is called since changes nothing of that record. */
export const wentOutAs = (item: Item, { standings }: Pick<ContractsKnown, "standings">): string =>
  item.contract === null
    ? item.class
    : (standings(item.tag, [item.contract]).find(({ contract }) => contract === item.contract)?.class ??
      item.class);

/**
 * What a change of an item means for the contracts it was and is on. `wentAs` is the class that it has on the one it leaves.
 *
 *   set aside or gone out ──► it stands on the new contract so
 *   came back by a return ──► returned; anything else that took it off ──► not_recorded
 *   was only set aside    ──► it is off the contract, as if it never had been on it
 */
export const movesBetween = (
  before: Item,
  after: Item,
  { isReturn, at, wentAs }: { readonly isReturn: boolean; readonly at: string; readonly wentAs: string },
): ContractMove[] => {
  const stood = standing[before.status];
  const stands = standing[after.status];
  const moves: ContractMove[] = [];
  if (before.contract !== null && before.contract !== after.contract) {
    const to = stood === "staged" ? "none" : isReturn ? "returned" : "not_recorded";
    moves.push({ contract: before.contract, class: wentAs, to, at });
  }
  if (
    after.contract !== null &&
    stands !== undefined &&
    (after.contract !== before.contract || stands !== stood)
  )
    moves.push({ contract: after.contract, class: after.class, to: stands, at });
  return moves;
};

export const goesOut: ReadonlySet<ScanType> = new Set(["rental", "delivery"]);
export const isBack: ReadonlySet<ScanType> = new Set(["return", "pickup"]);

/** The one that went out last; of those that went out at the same instant, the one that the log tells of last. */
const newest = (members: readonly ContractMember[]): ContractMember | undefined =>
  members.toSorted(
    (left, right) =>
      Date.parse(right.outAt ?? "") - Date.parse(left.outAt ?? "") ||
      right.pos - left.pos ||
      (left.contract < right.contract ? -1 : 1),
  )[0];

/**
 * What a return that came too late to change its item still says of a contract.
 *
 *   the thing was out on one until then ─► it ended that, whatever was taken for the end of it since
 *   it had come back already ───────────► nothing
 *   it was taken off without a return ──► nobody had recorded one, and it was scanned after all: of what it went out on last
 *   it names one that it was on before ─► it is of that one, and of no other
 *
 * `past` is that of the item in the order of time.
 */
export const lateReturn = (
  item: Item,
  { contract: named, at }: { readonly contract: string | undefined; readonly at: string },
  { members, past }: { readonly members: readonly ContractMember[]; readonly past: readonly PastScan[] },
): ContractMove[] => {
  const of = (number: string | undefined) => members.filter(({ contract }) => contract === number);
  const last = past.findLast(({ atMs }) => atMs <= Date.parse(at));
  const isOfOther = of(named).length > 0 && (last?.does !== "goes_out" || named !== last.contract);
  if (last?.does === "goes_out" && !isOfOther) {
    const [member] = of(last.contract);
    const isOn = last.contract === item.contract;
    return member === undefined ? [] : endedThen(member, { past, at, isOn, to: "returned" });
  }
  const open = last?.does === "comes_back" ? [] : members;
  const owed = newest(
    (isOfOther ? of(named) : open).filter(
      ({ state, outAt }) => state === "not_recorded" && outAt !== null && Date.parse(outAt) <= Date.parse(at),
    ),
  );
  return owed === undefined ? [] : [{ contract: owed.contract, class: owed.class, to: "returned", at }];
};

/**
 * What a return settles besides the rental that it ends: the contract it names, when the item left that one without a return. Whoever
 * scanned it holds the paper of that contract, and nothing will ever come back for it otherwise.
 */
export const settledMoves = (
  item: Item,
  { type, contract }: Scan,
  at: string,
  contracts: ContractsKnown,
): ContractMove[] => {
  if (!isBack.has(type) || contract === undefined || contract === item.contract) return [];
  const owed = contracts
    .standings(item.tag, [contract])
    .find((member) => member.contract === contract && member.state === "not_recorded");
  return owed === undefined ? [] : [{ contract, class: owed.class, to: "returned", at }];
};
