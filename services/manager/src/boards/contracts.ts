import {
  type ContractChanges,
  concernsContracts,
  foldContractRun,
  type KnownContracts,
} from "../actors/contract-book.ts";
import { calendarOf } from "../actors/day.ts";
import { findContracts, saveContracts } from "../store/contracts.ts";
import { board } from "./board.ts";

/** Every contract with its items, row for row as operations has them, and each step on the way there. */
export const contracts = board<KnownContracts, ContractChanges>({
  name: "contracts.3",
  tables: ["contract", "contract_member", "contract_step"],
  concerns: concernsContracts,
  find: findContracts,
  fold: (known, { happenings, timeZone }) => foldContractRun(known, happenings, calendarOf(timeZone)),
  save: saveContracts,
  news: ({ rows }) => ({
    contracts: [...rows.values()]
      .map((row) => ({ pos: row.pos, change: { key: row.number, version: row.version, put: row } }))
      .sort((left, right) => left.pos - right.pos),
  }),
});
