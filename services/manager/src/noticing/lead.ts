import { hostname } from "node:os";
import { claimLeases, type Transaction } from "@tagwire/actor";
import { Fault, newId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";

/** What a process may do only while it leads: hold it against each write. */
export type NoticesLease = {
  /**
   * Keeps the lease where it is until the transaction commits, so that nobody takes over between the look and the write.
   *
   * @throws Fault `lease.lost` when another process leads now.
   */
  readonly hold: (transaction: Transaction) => Promise<void>;
};

/** Something that runs while this process leads. Stopping resolves once nothing of it goes on. */
export type Work = (lease: NoticesLease) => { readonly stop: () => Promise<void> };

const onlyPartition = 0;

/**
 * Runs some works for as long as this process holds the one lease of the schema of notices, and stands by otherwise. It is not
 * the lease of the projection: whoever projects can lose its schema at any time, and what people were told must not go with it.
 *
 * @throws Fault `store.unreachable` when Postgres does not answer at the start.
 */
export const leadNotices = async (options: {
  readonly sql: Sql;
  readonly works: readonly Work[];
  readonly log: Logger;
}): Promise<{ readonly isLeading: () => boolean; readonly stop: () => Promise<void> }> => {
  const { sql, works, log } = options;
  const owner = `${hostname()}:${process.pid}:${newId()}`;
  let running: { readonly stop: () => Promise<void> }[] = [];
  let lose: () => void = () => {};

  const leases = await claimLeases({
    sql,
    owner,
    partitions: 1,
    gained: (_partition, epoch) => {
      const hold: NoticesLease["hold"] = async (transaction) => {
        const [row] = await transaction`
          select 1 from partition
          where partition = ${onlyPartition} and owner = ${owner} and epoch = ${epoch} for share`;
        if (row !== undefined) return;
        lose();
        throw new Fault("lease.lost", "another manager looks after notices now");
      };
      running = works.map((work) => work({ hold }));
    },
    lost: async () => {
      await Promise.all(running.map((work) => work.stop()));
      running = [];
    },
    log,
  });
  lose = () => leases.lose(onlyPartition);

  return { isLeading: () => running.length > 0, stop: () => leases.stop() };
};
