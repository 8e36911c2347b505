import type { Transaction } from "@tagwire/actor";
import type { Sql } from "@tagwire/store";

/** Anything that runs SQL: the pool, or a transaction. */
export type Reader = Sql | Transaction;

/** Rows as the one parameter of a set-based statement: `json_to_recordset(${recordset(rows)}::text::json)`. */
export const recordset = (rows: readonly Readonly<Record<string, unknown>>[]): string => JSON.stringify(rows);
