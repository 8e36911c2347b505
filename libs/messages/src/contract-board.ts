import Type, { type Static } from "typebox";
import { type Contract, ContractView, contractView, lotsStillOut } from "./contracts.ts";

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Day = Type.String({
  pattern: "^\\d{4}-\\d{2}-\\d{2}$",
  description: "a calendar day in the site's time zone",
});
export type Day = Static<typeof Day>;

/**
 * A contract on the board, and a row of the live view `contracts` with its number as the key. The days are of the site's own
 * calendar, so that what is due can be told from the row and today's date alone: nothing has to be said at midnight.
 */
export const ContractRow = Type.Object({
  ...ContractView.properties,
  expectedItems: Type.Integer(),
  stagedItems: Type.Integer(),
  outItems: Type.Integer({ description: "different items that left" }),
  returnedItems: Type.Integer(),
  stillOutItems: Type.Integer({ description: "items that left and have not come back" }),
  stillOutLots: Type.Integer({ description: "hand-counted goods that left and have not come back" }),
  dueOutDay: nullable(
    Type.String({ description: "when it is to go out; null once it has, or when no day is stated" }),
  ),
  dueInDay: nullable(
    Type.String({ description: "when it is due back; null while nothing is out, or when no day is stated" }),
  ),
});
export type ContractRow = Static<typeof ContractRow>;

const total = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0);

/** A contract as a row of the board. `dayOf` tells the site's calendar day of an instant. */
export const contractRow = (contract: Contract, dayOf: (instant: string) => Day): ContractRow => {
  const view = contractView(contract);
  const { lines, state, progress, outAt, dueAt } = view;
  const stillOutItems = total(lines, (line) => line.stillOut);
  // What has begun to come back is past going out, however much of it never left.
  const isToGoOut = state === "open" && ["empty", "ready", "partial_out"].includes(progress);
  const stillOutLots = lotsStillOut(view);
  const isAway = state !== "merged" && (stillOutItems + stillOutLots > 0 || state === "finalized");
  return {
    ...view,
    expectedItems: total(lines, (line) => line.expected),
    stagedItems: total(lines, (line) => line.staged),
    outItems: total(lines, (line) => line.out),
    returnedItems: total(lines, (line) => line.returned),
    stillOutItems,
    stillOutLots,
    dueOutDay: isToGoOut && outAt !== null ? dayOf(outAt) : null,
    dueInDay: isAway && dueAt !== null ? dayOf(dueAt) : null,
  };
};
