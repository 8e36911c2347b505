import postgres from "postgres";
import type { Sql } from "./store.ts";
import { isWayBroken } from "./store-away.ts";

export type Transaction = postgres.TransactionSql<{ bigint: number }>;

/**
 * Postgres says so itself when it is about to close the connection; everything that is not from Postgres is the way to it. A connection
 * that is reset tells its statement first and is closed after that, so a reset is a cut like any other.
 */
const isCut = (error: unknown): boolean =>
  error instanceof postgres.PostgresError ? error.severity === "FATAL" : isWayBroken(error);

/**
 * How long the driver may take to notice that a connection is closed, once its work has failed for that reason: on a machine that does
 * everything at once Postgres takes seconds to end a session.
 */
const cutNoticedMsMax = 5_000;

/**
 * Runs a transaction whose connection may be cut under it, by a time limit of the server or on the way.
 *
 * The driver answers a failure of the work with a rollback. On a closed connection that rollback ends the process, or waits there and
 * spoils the connection for whoever opens it next. So work that failed because its connection was cut is not reported to the
 * driver, which refuses the transaction on its own account once the connection is closed; when it does not, the failure was another's.
 *
 * @param mode what follows `begin`, such as `isolation level repeatable read read only`.
 */
export const inTransaction = <T>(
  sql: Sql,
  work: (transaction: Transaction) => Promise<T>,
  mode = "",
): Promise<T> => {
  let isOver = false;
  const running = sql.begin(
    mode,
    (transaction) =>
      new Promise<T>((resolve, reject) => {
        work(transaction).then(resolve, (error: unknown) => {
          if (!isCut(error)) return reject(error);
          // A process that was starved meanwhile has not read yet what has long come: first what is on the way, then the verdict.
          setTimeout(() => {
            setImmediate(() =>
              setImmediate(() => {
                if (!isOver) reject(error);
              }),
            );
          }, cutNoticedMsMax);
        });
      }),
  ) as Promise<T>;
  return running.finally(() => {
    isOver = true;
  });
};
