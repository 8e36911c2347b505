import { Fault } from "@tagwire/messages";

export type { Sql } from "@tagwire/store";

/** The SQLSTATE of an error that Postgres itself answered with; undefined for a connection that failed. */
const sqlStateOf = (error: unknown): string | undefined =>
  error instanceof Error && error.name === "PostgresError" && "code" in error
    ? String(error.code)
    : undefined;

/** Data that Postgres will never take (SQLSTATE classes 22 and 23), as opposed to a Postgres that cannot take anything now. */
export const isRefused = (error: unknown): boolean => /^2[23]/.test(sqlStateOf(error) ?? "");

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
    if (sqlStateOf(cause) !== undefined) throw cause;
    throw new Fault("store.unreachable", "", { cause });
  }
};
