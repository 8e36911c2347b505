import type { Transaction } from "@tagwire/actor";
import type { Sql } from "@tagwire/store";

/** Anything that runs SQL: the pool, or a transaction. */
export type Reader = Sql | Transaction;

/** Rows as the one parameter of a set-based statement: `json_to_recordset(${recordset(rows)}::text::json)`. */
export const recordset = (rows: readonly Readonly<Record<string, unknown>>[]): string => JSON.stringify(rows);

const special = /["\\]/;
const everySpecial = new RegExp(special, "g");

const quoted = (value: string): string =>
  `"${special.test(value) ? value.replace(everySpecial, "\\$&") : value}"`;

/**
 * A column as one parameter: `unnest(${textArray(values)}::text::text[])`, in the spelling that the manual of Postgres calls
 * array input syntax. The driver would go through each value twice.
 */
export const textArray = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? "NULL" : quoted(value))).join(",")}}`;

/** Text that `like` takes literally. */
export const likeEscape = (text: string): string => text.replaceAll(/[\\%_]/g, (found) => `\\${found}`);
