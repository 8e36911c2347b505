import { type ContractRow, contractRow } from "@tagwire/messages";
import {
  type ContractChanges,
  concernsContracts,
  foldContractRun,
  type KnownContracts,
} from "../actors/contract-book.ts";
import { calendarOf } from "../actors/day.ts";
import { findContracts, saveContracts } from "../store/contracts.ts";
import { board } from "./board.ts";

/** What a run makes of contracts, with the rows of the board that show them. */
export type ContractsTurned = ContractChanges & { readonly rows: ReadonlyMap<string, ContractRow> };

/** Every contract with its items, row for row as operations has them, and each step on the way there. */
export const contracts = board<KnownContracts, ContractsTurned>({
  name: "contracts.1",
  tables: ["contract", "contract_member", "contract_step"],
  concerns: concernsContracts,
  find: findContracts,
  fold: (known, { happenings, timeZone }) => {
    const changes = foldContractRun(known, happenings);
    const dayOf = calendarOf(timeZone);
    const rows = new Map(
      [...changes.contracts].map(([number, contract]) => [number, contractRow(contract, dayOf)]),
    );
    return { ...changes, rows };
  },
  save: saveContracts,
  news: ({ rows }) => ({
    contracts: [...rows.values()]
      .map((row) => ({ pos: row.pos, change: { key: row.number, version: row.version, put: row } }))
      .sort((left, right) => left.pos - right.pos),
  }),
});
