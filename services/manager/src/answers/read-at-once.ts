import type { Transaction } from "@tagwire/actor";
import { Fault } from "@tagwire/messages";
import { inTransaction, isSchemaMissing, type Sql } from "@tagwire/store";

/**
 * Runs reads that must agree with each other: they all see the store at one instant, position included.
 *
 * @throws Fault `unavailable` while the projection is being made again.
 */
export const readAtOnce = async <T>(sql: Sql, read: (transaction: Transaction) => Promise<T>): Promise<T> => {
  try {
    return await inTransaction(sql, read, "isolation level repeatable read read only");
  } catch (error) {
    if (isSchemaMissing(error)) throw new Fault("unavailable", "the projection is being made again");
    throw error;
  }
};
