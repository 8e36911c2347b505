import { createHash } from "node:crypto";
import type { Sql } from "@tagwire/store";

/** Turns lie no further ahead than this: a clock of the database that was set back holds nobody up for longer. In ms. */
const aheadMsMax = 10_000;

/** By what an account is known here: neither where it reads nor its name can be read from it. */
export const accountKey = (origin: string, username: string): string =>
  createHash("sha256").update(`${origin}\n${username}`).digest("hex");

/**
 * Takes the next turn of an account, for whichever process asks, and gives in how many ms it comes, by the clock of the database. A turn that is
 * taken and not used is lost.
 */
export const takeTurnOf = async (sql: Sql, account: string, gapMs: number): Promise<number> => {
  const [row] = await sql<[{ in_ms: number }]>`
    insert into asked_account as known (account, next_at)
    values (${account}, clock_timestamp() + ${gapMs} * interval '1 ms')
    on conflict (account) do update set next_at = ${gapMs} * interval '1 ms' + greatest(clock_timestamp(),
      least(known.next_at, clock_timestamp() + ${aheadMsMax} * interval '1 ms'))
    returning (extract(epoch from next_at - clock_timestamp()) * 1000)::float8 - ${gapMs}::float8 as in_ms`;
  return Math.max(0, row.in_ms);
};
