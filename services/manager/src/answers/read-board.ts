import type { Transaction } from "@tagwire/actor";
import type { AsOf } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { asOfNow, type Now } from "./as-of.ts";
import { readAtOnce } from "./read-at-once.ts";

/**
 * Reads a board as it stands: all of it at one instant, and beside it what the answer says of that instant.
 *
 * @throws Fault `unavailable` while the rows of the site are being made again.
 */
export const readBoard = <Board extends object>(
  sql: Sql,
  site: string,
  now: Now,
  read: (transaction: Transaction) => Promise<Board>,
): Promise<AsOf & Board> =>
  readAtOnce(sql, async (transaction) => {
    const [of, board] = await Promise.all([asOfNow(transaction, site, now), read(transaction)]);
    return { ...of, ...board };
  });
