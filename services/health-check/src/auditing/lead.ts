import { hostname } from "node:os";
import { claimLeases } from "@tagwire/actor";
import { newId } from "@tagwire/messages";
import type { RunOptions } from "./run-audit.ts";
import { type Auditing, keepAuditing } from "./schedule.ts";

/**
 * Keeps the audits for as long as this process holds the one lease of its schema, and stands by otherwise: two that audit the same site
 * would tell each other's findings.
 *
 * @throws Fault `store.unreachable` when Postgres does not answer at the start.
 */
export const leadAudits = async (
  options: RunOptions,
): Promise<{ readonly leading: () => Auditing | undefined; readonly stop: () => Promise<void> }> => {
  const { sql, log } = options;
  let running: Auditing | undefined;
  const leases = await claimLeases({
    sql,
    owner: `${hostname()}:${process.pid}:${newId()}`,
    partitions: 1,
    gained: () => {
      running = keepAuditing(options);
    },
    lost: async () => {
      const ending = running;
      running = undefined;
      await ending?.stop();
    },
    log,
  });
  return { leading: () => running, stop: () => leases.stop() };
};
