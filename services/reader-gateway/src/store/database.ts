import { Fault } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import postgres from "postgres";

export type { Sql } from "@tagwire/store";

/**
 * Runs a statement for somebody who asked. A Postgres that is away becomes a fault they can act on; a statement that
 * Postgres refuses is our own mistake and stays as it is.
 *
 * @throws Fault `store.unreachable` when Postgres did not answer.
 */
export const reached = async <T>(statement: PromiseLike<T>): Promise<T> => {
  try {
    return await statement;
  } catch (cause) {
    if (cause instanceof Fault || cause instanceof postgres.PostgresError) throw cause;
    throw new Fault("store.unreachable", "", { cause });
  }
};

export type Database = { readonly sql: Sql };
