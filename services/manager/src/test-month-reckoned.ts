import type { Contract, ContractMember } from "@tagwire/messages";
import type { MonthBoards } from "./test-month-boards.ts";
import { differences } from "./test-month-differences.ts";
import type { Reckoning } from "./test-month-reckoning.ts";

const dayMs = 86_400_000;
/** The windows of utilisation that are asked of each day, in days. */
const windowDays = [1, 7, 28] as const;

const lagsWrong = ({ minutes }: MonthBoards, { lags }: Reckoning): string[] => {
  const kept = [...minutes]
    .filter(([, { lagCounts }]) => lagCounts.some((count) => count > 0))
    .map(([minute, row]) => {
      const { lagCounts, lagMsSum, lagMsMax } = row;
      return [minute, { counts: [...lagCounts], sumMs: lagMsSum, maxMs: lagMsMax }] as const;
    });
  return differences("lags of", new Map(kept), lags);
};

const sinceWrong = ({ queued }: MonthBoards, reckoning: Reckoning): string[] =>
  differences(
    "waiting since, item",
    new Map([...queued].map(([tag, { since }]) => [tag, since as string | undefined])),
    new Map([...queued.keys()].map((tag) => [tag, reckoning.since(tag)])),
  );

/** Item-days as the rows of the view say: a day without a row ended as the one before did. */
const itemDaysOf = ({ use }: MonthBoards, from: string, to: string): Map<string, number> => {
  const days = new Map<string, number>();
  for (const [name, rows] of use)
    for (let atMs = Date.parse(from); atMs <= Date.parse(to); atMs += dayMs) {
      const day = new Date(atMs).toISOString().slice(0, 10);
      const { statuses = {} } = rows.findLast((row) => row.day <= day) ?? {};
      for (const [status, items] of Object.entries(statuses))
        if (items !== 0) days.set(`${name} ${status}`, (days.get(`${name} ${status}`) ?? 0) + items);
    }
  return days;
};

const usageWrong = (boards: MonthBoards, reckoning: Reckoning, today: string): string[] =>
  windowDays.flatMap((count) => {
    const from = new Date(Date.parse(today) - (count - 1) * dayMs).toISOString().slice(0, 10);
    return differences(
      `item-days from ${from} of`,
      itemDaysOf(boards, from, today),
      reckoning.itemDays(from, today),
    );
  });

/** When a contract is due, from its statement, its lots and where each item stands on it: day, or null when it is not. */
const dueOf = (contract: Contract, members: readonly ContractMember[]) => {
  const { kind, state, lines, outAt, dueAt } = contract;
  const lots = Object.values(contract.lots).map(({ added, removed, sent }) => {
    const balance = added - removed;
    if (kind !== "laundry") return { left: added, back: removed };
    const left = sent === null ? 0 : Math.max(sent, balance);
    return { left, back: sent === null ? 0 : left - balance };
  });
  const gone = members.filter((member) => member.state !== "staged");
  const isBack = gone.some((member) => member.state === "returned") || lots.some(({ back }) => back > 0);
  const isAnyGone = gone.length > 0 || lots.some(({ left }) => left > 0);
  const isLacking = lines.some(
    (line) => gone.filter((member) => member.class === line.class).length < line.quantity,
  );
  const isAway = gone.some((member) => member.state === "out") || lots.some(({ left, back }) => left > back);
  const isToGo = state === "open" && !isBack && (!isAnyGone || isLacking);
  const isToCome = state !== "merged" && (isAway || state === "finalized");
  const dayOf = (at: string | null) => (at === null ? null : new Date(at).toISOString().slice(0, 10));
  return { out: isToGo ? dayOf(outAt) : null, in: isToCome ? dayOf(dueAt) : null };
};

const dueWrong = ({ contracts, members, contractRows }: MonthBoards): string[] => {
  const byContract = Map.groupBy(members.values(), ({ contract }) => contract);
  const kept = [...contractRows].map(
    ([number, row]) => [number, { out: row.dueOutDay, in: row.dueInDay }] as const,
  );
  const byLog = [...contracts].map(
    ([number, contract]) => [number, dueOf(contract, byContract.get(number) ?? [])] as const,
  );
  return differences("due days of contract", new Map(kept), new Map(byLog));
};

/** What says otherwise than the log when contracts are due, and since when things wait. */
export const dueAndWaitingWrong = (boards: MonthBoards, reckoning: Reckoning): string[] => [
  ...sinceWrong(boards, reckoning),
  ...dueWrong(boards),
];

/** What boards that go by time say otherwise than the log, at the end of a day. */
export const reckonedWrong = (boards: MonthBoards, reckoning: Reckoning, today: string): string[] => [
  ...differences("flagged scan", boards.flagged, reckoning.flagged),
  ...lagsWrong(boards, reckoning),
  ...differences("available item", boards.available, reckoning.available()),
  ...differences("seen item", boards.unseen, reckoning.unseen()),
  ...usageWrong(boards, reckoning, today),
];
