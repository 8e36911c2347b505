import type { Contract, ContractMember } from "@tagwire/messages";
import { contractOf, mergedInto } from "./actors/contract-book.ts";
import { addCounts, type StatusCounts, totalOf } from "./actors/status-counts.ts";
import type { MonthBoards } from "./test-month-boards.ts";
import { differences } from "./test-month-differences.ts";

/** What boards said at a position, kept so that the past can be asked for it. */
export type Remembered = {
  readonly pos: number;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly members: ReadonlyMap<string, readonly ContractMember[]>;
  readonly classes: ReadonlyMap<string, StatusCounts>;
};

const byTag = (one: ContractMember, other: ContractMember): number => (one.tag < other.tag ? -1 : 1);

export const remember = (boards: MonthBoards, pos: number): Remembered => ({
  pos,
  contracts: new Map(boards.contracts),
  members: new Map(
    [...Map.groupBy(boards.members.values(), ({ contract }) => contract)].map(([number, own]) => [
      number,
      own.sort(byTag),
    ]),
  ),
  classes: new Map([...boards.counts().classes].filter(([, counts]) => totalOf(counts) > 0)),
});

/** The steps of a contract up to a position, and of all that became part of it. */
const historyOf = (
  steps: ReadonlyMap<string, MonthBoards["steps"]>,
  number: string,
  pos: number,
): MonthBoards["steps"][number]["event"][] => {
  const known = new Set([number]);
  for (const one of known) {
    const own = (steps.get(one) ?? []).map(({ event }) => event).filter((event) => event.pos <= pos);
    for (const merged of mergedInto(one, own)) known.add(merged);
  }
  return [...known]
    .flatMap((one) => steps.get(one) ?? [])
    .map(({ event }) => event)
    .filter((event) => event.pos <= pos)
    .sort((one, other) => one.pos - other.pos);
};

/** What the past, told from what was kept for it, says otherwise than the boards did when it was the present. */
export const pastWrong = (
  boards: MonthBoards,
  { pos, contracts, members, classes }: Remembered,
): string[] => {
  const steps = Map.groupBy(boards.steps, ({ number }) => number);
  const told = [...steps.keys()].map(
    (number) => [number, contractOf(number, historyOf(steps, number, pos))] as const,
  );
  const found = told.flatMap(([number, past]) => (past === undefined ? [] : [[number, past] as const]));
  const then = [...contracts].map(
    ([number, contract]) => [number, { contract, members: members.get(number) ?? [] }] as const,
  );
  const counted = new Map<string, StatusCounts>();
  const count = (at: { class: string; status: string } | undefined, by: number): void => {
    if (at !== undefined) counted.set(at.class, addCounts(counted.get(at.class) ?? {}, { [at.status]: by }));
  };
  for (const move of boards.moves) {
    if (move.pos > pos) break;
    count(move.from, -1);
    count(move.to, 1);
  }
  return [
    ...differences(`as of ${pos}, contract`, new Map(found), new Map(then)),
    ...differences(
      `as of ${pos}, class`,
      new Map([...counted].filter(([, counts]) => totalOf(counts) > 0)),
      classes,
    ),
  ];
};
