import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type postgres from "postgres";

const changing: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

const refuse = async (): Promise<never> => {
  throw new Error("typed statements share the pool; a transaction is begun by inTransaction");
};

/** Every statement goes to the pool as it is, like those that are written by hand. */
const poolConnection = (sql: postgres.Sql<{ bigint: number }>): DatabaseConnection => ({
  executeQuery: async <R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
    const result = await sql.unsafe(text, parameters as never[], { prepare: true });
    const rows = [...result] as unknown as R[];
    return changing.has(result.command) ? { rows, numAffectedRows: BigInt(result.count) } : { rows };
  },
  // biome-ignore lint/correctness/useYield: it refuses before there is anything to give.
  streamQuery: async function* () {
    await refuse();
  },
});

/**
 * Kysely on postgres.js without reserving a connection for each statement, as the usual dialect does.
 *
 * Reserving is where the driver goes wrong: a connection that is opened for somebody who reserves, and that does not ask for
 * types first, is never handed to anybody. After a quiet minute, in which all connections were closed, each statement lost another
 * one that way, until the pool was empty and every request waited for ever. And a reserved connection that breaks while it is
 * written to ends the process.
 */
export const poolDialect = (sql: postgres.Sql<{ bigint: number }>): Dialect => {
  const connection = poolConnection(sql);
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: async () => {},
    // Whoever opened the pool closes it.
    destroy: async () => {},
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
};
