import type { Position } from "@tagwire/messages";
import { inTransaction, type Sql, type Transaction } from "@tagwire/store";

type AtHead = Partial<Position> & { readonly asOf?: string };

/** Reads rows of a site and where its log is, as both were at one instant; what no site is has no position. */
export const readAtHead = <T extends object>(
  sql: Sql,
  site: string,
  read: (sql: Sql) => Promise<T>,
): Promise<T & AtHead> =>
  inTransaction(
    sql,
    async (transaction: Transaction) => {
      // What is read goes by the same tagged templates, inside a transaction and out of one. Both are on their way at once.
      const [rows, [head]] = await Promise.all([
        read(transaction as unknown as Sql),
        transaction<(Position & { as_of: Date })[]>`
          select epoch, pos, clock_timestamp() as as_of from site where site = ${site}`,
      ]);
      if (head === undefined) return rows;
      return { ...rows, epoch: head.epoch, pos: head.pos, asOf: head.as_of.toISOString() };
    },
    "isolation level repeatable read read only",
  );
