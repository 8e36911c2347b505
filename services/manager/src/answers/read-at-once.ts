import type { Transaction } from "@tagwire/actor";
import { Fault } from "@tagwire/messages";
import { isSchemaMissing, type Sql } from "@tagwire/store";

/**
 * Runs reads that must agree with each other: they all see the store at one instant, position included.
 *
 * @throws Fault `unavailable` while the projection is being made again.
 */
export const readAtOnce = async <T>(sql: Sql, read: (transaction: Transaction) => Promise<T>): Promise<T> => {
  try {
    const [result] = await sql.begin("isolation level repeatable read read only", async (transaction) => [
      await read(transaction),
    ]);
    return result as T;
  } catch (error) {
    if (isSchemaMissing(error)) throw new Fault("unavailable", "the projection is being made again");
    throw error;
  }
};
