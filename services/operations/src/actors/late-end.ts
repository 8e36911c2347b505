import type { ContractMember, ContractMove } from "@tagwire/messages";
import type { PastScan } from "./past-scans.ts";

/*
 * What is told too late of one time that a thing was out on a contract, where other times there are known of since: that one is told as it
 * was by time, and then how the thing stands there as a later one left it.
 */

/** Whether a step of a thing's past takes it out on a contract. */
export const goesTo =
  (number: string) =>
  ({ does, contract }: PastScan): boolean =>
    does === "goes_out" && contract === number;

/** What became of a thing that had gone out on a contract, by what was scanned of it afterwards. */
export const endOf = (after: readonly PastScan[], number: string): PastScan | undefined => {
  const [next] = after;
  if (next?.does === "comes_back") return next;
  // It was never scanned back in, unless somebody who held the paper of that contract said so later.
  return after.find(({ does, contract }) => does === "comes_back" && contract === number) ?? next;
};

/** When the last time began that a thing went to a contract: who scans it out again where it is out begins no other. */
export const lastWentAt = (past: readonly PastScan[], number: string): string | undefined => {
  const goes = goesTo(number);
  const until = past.findLastIndex(goes);
  const begin = past.slice(0, until + 1).findLastIndex((one) => !goes(one)) + 1;
  return until === -1 ? undefined : past[begin]?.at;
};

/** Where a thing stands by a later time that it went to a contract, said again as it is. */
export const standingStill = (
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
 * A time on a contract that goes on until the first of `after`, told again from `outAt` on; where the thing went there again since, also how
 * it stands by that.
 */
const toldAgain = (
  member: ContractMember,
  {
    after,
    outAt,
    isOn,
  }: { readonly after: readonly PastScan[]; readonly outAt: string; readonly isOn: boolean },
): ContractMove[] => {
  const { contract, class: name } = member;
  const again = after.findIndex(goesTo(contract));
  const end = endOf(again === -1 ? after : after.slice(0, again), contract);
  if ((again === -1 && !isOn) || end === undefined)
    return [standingStill(member, { wentAt: outAt, at: outAt })];
  const to = end.does === "comes_back" ? "returned" : "not_recorded";
  return [
    { contract, class: name, to, at: end.at, outAt, endedBy: end.pos },
    standingStill(member, { wentAt: lastWentAt(after, contract), at: outAt }),
  ];
};

/** What follows the steps with which a thing went, and was scanned out again, to one contract. */
const afterGoing = (steps: readonly PastScan[], number: string): readonly PastScan[] => {
  const until = steps.findIndex((one) => !goesTo(number)(one));
  return until === -1 ? [] : steps.slice(until);
};

/** That a thing went to a contract before the first scan that was known to have sent it there, and was there since. */
export const begunEarlier = (
  member: ContractMember,
  { after, at }: { readonly after: readonly PastScan[]; readonly at: string },
): ContractMove[] =>
  toldAgain(member, {
    ...{ after: afterGoing(after, member.contract), outAt: at },
    isOn: member.state === "staged",
  });

/**
 * That a thing which was out on a contract came back from it, or left it, at an instant, and not by what was taken for the end of that.
 *
 *   it never went there again ──► so the line stands
 *   it did ─────────────────────► so it is told, and then that the line stands as that later time left it
 *   it was scanned out there again next ──► that one began a time of its own
 *   and nothing else came since ──► the open time is the one that ends, and it is out since the next
 */
export const endedThen = (
  member: ContractMember,
  told: {
    readonly past: readonly PastScan[];
    readonly at: string;
    readonly to: "returned" | "not_recorded";
    /** Whether the thing is on that contract now. */
    readonly isOn: boolean;
  },
): ContractMove[] => {
  const { past, at, to, isOn } = told;
  const { contract, class: name, state } = member;
  const goes = goesTo(contract);
  const atMs = Date.parse(at);
  const outAt = lastWentAt(
    past.filter((one) => one.atMs <= atMs),
    contract,
  );
  const after = past.filter((one) => one.atMs > atMs);
  const [next] = after;
  const own = { contract, class: name, to, at };
  const ended: ContractMove = outAt === undefined ? own : { ...own, outAt };
  if (next === undefined) return isOn ? [] : [ended];
  // The round of a time that is open is found by that, and not by when it began.
  if (state === "out" && after.every(goes)) return [own, { ...own, to: "out", at: next.at }];
  if (goes(next)) {
    const rest = afterGoing(after, contract);
    return [ended, ...toldAgain(member, { after: rest, outAt: next.at, isOn: state === "staged" })];
  }
  const isAgain = isOn || after.some(goes);
  return isAgain ? [ended, standingStill(member, { wentAt: lastWentAt(after, contract), at })] : [ended];
};
