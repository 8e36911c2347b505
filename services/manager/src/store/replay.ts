import { inTransaction, type Sql } from "@tagwire/store";

const onlyPartition = 0;

/**
 * Forgets where a site stands and ends the lease of whoever projects: nothing more is committed under it, and whoever claims the next
 * one makes the rows of the site anew from the log. Gives false for a site of which there are no rows.
 */
export const beginAnew = (sql: Sql, site: string): Promise<boolean> =>
  inTransaction(sql, async (transaction) => {
    // Whoever projects holds the lease before it moves a site: the other way round, each of us would wait for the other.
    await transaction`select 1 from partition where partition = ${onlyPartition} for update`;
    const gone = await transaction`delete from site_position where site = ${site} returning site`;
    if (gone.length === 0) return false;
    await transaction`
      update partition set owner = null, until = 'epoch', epoch = epoch + 1 where partition = ${onlyPartition}`;
    return true;
  });
