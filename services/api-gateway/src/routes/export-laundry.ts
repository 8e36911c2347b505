import {
  AskContractRounds,
  AskRoundItems,
  type LaundryRound,
  type RoundClass,
  type RoundItem,
  type RoundLot,
} from "@tagwire/messages";
import Type from "typebox";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { said } from "./board-page.ts";
import { RoundItemsFilter, RoundParams, roundsPageMax } from "./contract-differences.ts";
import { ContractParams } from "./contracts.ts";
import { recordColumns, recordPages } from "./export-as-of.ts";
import { column, type ExportList, list, pageRows } from "./export-list.ts";

/** What was counted of a class or a lot in a round, with what the round is. */
type DifferenceRow = Omit<
  LaundryRound,
  "items" | "lots" | "classes" | "lotNames" | "missingTags" | "missingTagsMore"
> & {
  readonly contract: string;
  readonly counted: "scanned" | "by_hand";
  readonly name: string;
  readonly counts: Omit<RoundClass, "class"> | Omit<RoundLot, "name">;
};

const rowsOf = (
  contract: string,
  {
    items: _items,
    lots: _lots,
    classes,
    lotNames,
    missingTags: _tags,
    missingTagsMore: _more,
    ...round
  }: LaundryRound,
): DifferenceRow[] => [
  ...classes.map(({ class: name, ...counts }) => ({
    ...{ contract, ...round, counted: "scanned" as const, name, counts },
  })),
  ...lotNames.map(({ name, ...counts }) => ({
    ...{ contract, ...round, counted: "by_hand" as const, name, counts },
  })),
];

const nameOf = (by: LaundryRound["beganBy"]) => by?.person ?? by?.device ?? by?.reader;

const differenceColumns: readonly Column<DifferenceRow>[] = [
  ...(["contract", "round", "state", "counted", "name"] as const).map((name) =>
    column<DifferenceRow>(name, (row) => row[name]),
  ),
  ...(["sent", "returned", "missing", "surplus"] as const).map((name) =>
    column<DifferenceRow>(name, ({ counts }) => counts[name]),
  ),
  column("backLater", ({ counts }) => ("backLater" in counts ? counts.backLater : null)),
  column("notRecorded", ({ counts }) => ("notRecorded" in counts ? counts.notRecorded : null)),
  column("beganAt", ({ beganAt }) => beganAt),
  column("beganBy", ({ beganBy }) => nameOf(beganBy)),
  column("finalizedAt", ({ finalizedAt }) => finalizedAt),
  column("finalizedBy", ({ finalizedBy }) => nameOf(finalizedBy)),
  column("returnedAt", ({ returnedAt }) => returnedAt),
  column("returnedBy", ({ returnedBy }) => nameOf(returnedBy)),
  column("endedAt", ({ endedAt }) => endedAt),
  column("endedBy", ({ endedBy }) => nameOf(endedBy)),
];

const roundItemColumns: readonly Column<RoundItem>[] = (
  ["tag", "class", "finding", "sentAt", "backAt", "sentRound", "backRound"] as const
).map((name) => column<RoundItem>(name, (row) => row[name]));

/** What the laundry brought back, as files. */
export const laundryExports: readonly ExportList[] = [
  list({
    path: "/contracts/:number/differences",
    operationId: "exportContractDifferences",
    summary:
      "The difference report of laundry as a file, a row for each class and lot of each round, the newest first",
    params: ContractParams,
    query: Type.Object({}),
    columns: recordColumns(differenceColumns),
    pages: ({ bus }, { params }, note) =>
      recordPages(note, async (cursor) => {
        const asked = { ...params, limit: roundsPageMax, cursor };
        const { number, rounds, ...answer } = await inquire(bus, AskContractRounds, asked);
        return { rows: rounds.flatMap((round) => rowsOf(number, round)), ...answer };
      }),
  }),
  list({
    path: "/contracts/:number/differences/:round/items",
    operationId: "exportRoundItems",
    summary: "What became of each item in a round of laundry as a file, by tag",
    params: RoundParams,
    query: RoundItemsFilter,
    columns: recordColumns(roundItemColumns),
    pages: ({ bus }, { params, query: { finding } }, note) =>
      recordPages(note, async (cursor) => {
        const more = said({ finding: finding === undefined ? undefined : [finding] });
        const asked = { ...params, limit: pageRows, cursor, ...more };
        const { items, number: _, ...answer } = await inquire(bus, AskRoundItems, asked);
        return { rows: items, ...answer };
      }),
  }),
];
