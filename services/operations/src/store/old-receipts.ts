import type { Transaction } from "@tagwire/actor";
import type { Sql } from "@tagwire/store";

/** Receipts older than that answer nobody any more; the page promises 90 days. */
export const receiptsKeptMs = 90 * 86_400_000;

/**
 * Deletes receipts recorded, and quarantined scans released, before an instant: the oldest first, at most so many of each, and
 * says how many of the two that had more. Scans that still wait for their tag are no rest of anything and stay.
 *
 * Rows are looked up by age and deleted by where they lie, so that no plan ever reads the whole table. Safe to repeat, and to run
 * beside turns: no turn touches a receipt that old.
 */
export const deleteOldReceipts = async (
  sql: Sql | Transaction,
  before: Date,
  limit: number,
): Promise<number> => {
  const receipts = await sql`
    delete from receipt where ctid = any(array(
      select ctid from receipt where recorded_at < ${before} order by recorded_at limit ${limit}))`;
  const released = await sql`
    delete from quarantine where ctid = any(array(
      select ctid from quarantine where released_at < ${before} order by released_at limit ${limit}))`;
  return Math.max(receipts.count, released.count);
};
