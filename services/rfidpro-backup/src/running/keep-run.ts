import type { Bus } from "@tagwire/bus";
import { Fault, type RfidproRun } from "@tagwire/messages";
import { inTransaction, type Sql, type Transaction } from "@tagwire/store";
import { sayRun } from "../live/rfidpro.ts";
import { findRun, holdSite, type KeptRun, saveRun } from "../store/runs.ts";

/** Where runs are kept, and told of. */
export type Keeping = { readonly sql: Sql; readonly bus: Bus };

/**
 * Changes a run in the turn of its site, and tells everybody who watches. `change` gives undefined where nothing is to be changed.
 *
 * @throws Fault `rfidpro.run_unknown`, and whatever `change` throws
 */
export const keepRun = async (
  { sql, bus }: Keeping,
  { site, id }: { readonly site: string; readonly id: string },
  change: (
    kept: KeptRun,
    transaction: Transaction,
  ) => Promise<RfidproRun | undefined> | RfidproRun | undefined,
): Promise<RfidproRun> => {
  const done = await inTransaction(sql, async (transaction) => {
    await holdSite(transaction, site);
    const kept = await findRun(transaction, id);
    if (kept === undefined) throw new Fault("rfidpro.run_unknown", id);
    const run = await change(kept, transaction);
    if (run === undefined) return { run: kept.run, pos: undefined };
    return { run, pos: await saveRun(transaction, run) };
  });
  if (done.pos !== undefined) sayRun(bus, done.run, done.pos);
  return done.run;
};
