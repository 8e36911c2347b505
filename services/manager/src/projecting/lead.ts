import { hostname } from "node:os";
import { claimLeases, type Projection } from "@tagwire/actor";
import type { Bus } from "@tagwire/bus";
import { type LoggedEvent, newId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import type { Meters } from "./meters.ts";
import { project } from "./project.ts";

export type Leading = {
  readonly isLeading: () => boolean;
  /**
   * Whether the rows are as new as the log was when this process began to project. A standby has nothing to catch up, but
   * without somebody who leads there may be no rows.
   */
  readonly isReady: () => Promise<boolean>;
  readonly lagEvents: () => number;
  readonly lagSeconds: () => number;
  readonly stop: () => Promise<void>;
};

export type LeadOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly databaseUrl: string;
  readonly meters: Pick<Meters, "applied" | "said">;
  readonly log: Logger;
};

const onlyPartition = 0;

const hasLeader = async (sql: Sql): Promise<boolean> => {
  const rows = await sql`
    select 1 from partition where partition = ${onlyPartition} and owner is not null and until > clock_timestamp()`;
  return rows.length > 0;
};

/**
 * Projects for as long as this process holds the one lease that all managers share, and stands by otherwise.
 *
 * @throws Fault `store.unreachable` when Postgres does not answer at the start.
 */
export const leadWhenOurs = async (options: LeadOptions): Promise<Leading> => {
  const { bus, sql, databaseUrl, meters, log } = options;
  const owner = `${hostname()}:${process.pid}:${newId()}`;
  let running: Projection | undefined;
  let newest: LoggedEvent | undefined;
  let lose: () => void = () => {};

  const leases = await claimLeases({
    sql,
    owner,
    partitions: 1,
    gained: (_partition, epoch) => {
      running = project({
        bus,
        sql,
        databaseUrl,
        meters,
        lease: { owner, epoch, lose: () => lose() },
        applied: (event) => {
          newest = event;
        },
        log,
      });
    },
    lost: async () => {
      await running?.stop();
      running = undefined;
    },
    log,
  });
  lose = () => leases.lose(onlyPartition);

  const lagEvents = () => running?.lag() ?? 0;
  return {
    isLeading: () => running !== undefined,
    isReady: async () => (running === undefined ? hasLeader(sql) : running.isCaughtUp()),
    lagEvents,
    lagSeconds: () =>
      lagEvents() === 0 || newest === undefined
        ? 0
        : Math.max(0, Date.now() - Date.parse(newest.recordedAt)) / 1_000,
    stop: () => leases.stop(),
  };
};
