import type { Sql } from "@tagwire/store";
import { findContract } from "./contracts.ts";

/** A merge may follow another. */
const mergesMax = 10;

/** The contract that a number stands for now. */
export const findReal = async (sql: Sql, site: string, written: string) => {
  let contract = await findContract(sql, site, written.trim());
  for (let merges = 0; contract?.mergedInto != null && merges < mergesMax; merges += 1)
    contract = await findContract(sql, site, contract.mergedInto);
  return contract;
};

/** The numbers of a contract: its own, those that were merged into it, and so on. */
export const findNumbers = async (sql: Sql, site: string, number: string): Promise<string[]> => {
  const rows = await sql<{ number: string }[]>`
    with recursive own (number) as (
      select ${number}::text collate "C"
      union
      select contract.number from own join contract on contract.site = ${site} and contract.doc->>'mergedInto' = own.number
        and contract.state = 'merged'
    ) select number from own`;
  return rows.map((row) => row.number);
};
