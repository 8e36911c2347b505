import type { ProjectionOptions, Transaction } from "@tagwire/actor";
import type { Position } from "@tagwire/messages";
import { listRebuilds, saveRebuild } from "../store/rebuilds.ts";

type Log = Pick<ProjectionOptions, "readLog" | "listSites">;

/**
 * Knows which sites' rows are being made again. Until they have what the log had when that began, they are those of some day long
 * ago: right for their position, and no picture of the floor that anybody may be shown.
 *
 * The store holds it too, for whoever answers and whoever leads next.
 */
export const createRebuilds = (log: Log) => {
  const logHeads = new Map<string, Position>();
  let wholeFrom: Map<string, Position> | undefined;
  return {
    /** The log, overheard: how far it is when rows are begun. */
    log: {
      readLog: async (site, after) => {
        const page = await log.readLog(site, after);
        logHeads.set(site, { epoch: page.epoch, pos: page.head });
        return page;
      },
      listSites: async () => {
        const sites = await log.listSites();
        for (const { id, epoch, pos } of sites) logHeads.set(id, { epoch, pos });
        return sites;
      },
    } satisfies Log,
    /** Learns what the store holds, once. */
    load: async (transaction: Transaction): Promise<void> => {
      wholeFrom ??= new Map(await listRebuilds(transaction));
    },
    /** The rows of a site are begun anew in this transaction. */
    begin: async (transaction: Transaction, site: string): Promise<void> => {
      const head = logHeads.get(site);
      if (head === undefined) return;
      await saveRebuild(transaction, site, head);
      wholeFrom?.set(site, head);
    },
    /** Whether rows of a site at a position lack some of what was in the log when they were begun. */
    isUnderWay: (site: string, { epoch, pos }: Position): boolean => {
      const whole = wholeFrom?.get(site);
      return whole?.epoch === epoch && pos < whole.pos;
    },
  };
};
