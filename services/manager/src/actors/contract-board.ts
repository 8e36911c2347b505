import {
  boardDaysDefault,
  type ContractBoardFilter,
  type ContractBucket,
  type ContractKind,
  type ContractState,
  type Day,
} from "@tagwire/messages";
import { daysAfter } from "./day.ts";

/** The days between which something is due, and which way. An open end is as far as it goes. */
export type DueDays = {
  readonly way: "out" | "in";
  readonly from: Day | undefined;
  readonly to: Day;
};

/** What a part of the board is made of. */
export type BoardPart = {
  readonly due?: DueDays;
  readonly isOut?: true;
  readonly kind?: ContractKind;
  readonly states?: readonly ContractState[];
};

/** What is not over yet. */
export const currentStates: readonly ContractState[] = ["open", "finalized", "returned"];

type Part = (today: Day, filter: ContractBoardFilter) => BoardPart;

const due =
  (way: DueDays["way"]): Part =>
  (today, { day, days = boardDaysDefault }) => ({
    due: { way, from: day ?? today, to: day ?? daysAfter(today, days) },
  });
const late =
  (way: DueDays["way"]): Part =>
  (today) => ({ due: { way, from: undefined, to: daysAfter(today, -1) } });

const parts: Readonly<Record<ContractBucket, Part>> = {
  open: () => ({ states: ["open"] }),
  out: () => ({ isOut: true }),
  due_out: due("out"),
  late_out: late("out"),
  due_in: due("in"),
  overdue: late("in"),
  laundry: () => ({ kind: "laundry", states: currentStates }),
};

/** What a filter asks for, on a day. */
export const partOf = (filter: ContractBoardFilter, today: Day): BoardPart =>
  filter.bucket === undefined ? {} : parts[filter.bucket](today, filter);

/** Where a page of the board begins: behind a contract, in the order of due days where the page is of what is due. */
export type BoardCursor = { readonly day: Day | undefined; readonly number: string };

const placed = /^(?:(\d{4}-\d{2}-\d{2})|-) ([\s\S]+)$/;

export const cursorText = ({ day, number }: BoardCursor): string => `${day ?? "-"} ${number}`;

/** Reads what {@link cursorText} wrote; undefined when it did not. */
export const parseCursor = (text: string): BoardCursor | undefined => {
  const [, day, number] = placed.exec(text) ?? [];
  return number === undefined ? undefined : { day, number };
};
