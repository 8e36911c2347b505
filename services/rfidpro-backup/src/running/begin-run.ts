import { canonicalJson } from "@tagwire/digest";
import { Fault, type RfidproDataset, type RfidproRun } from "@tagwire/messages";
import { inTransaction } from "@tagwire/store";
import { sayRun } from "../live/rfidpro.ts";
import { addRun, findRun, findRunning, holdSite, saveRun } from "../store/runs.ts";
import type { Keeping } from "./keep-run.ts";
import { lostEnd, type RunEnd } from "./verdict.ts";

/** What is asked for when a run is begun. */
export type Asked = Pick<
  RfidproRun,
  "site" | "id" | "by" | "how" | "compare" | "import" | "incremental" | "rechecks" | "retries"
> & {
  readonly datasets: readonly RfidproDataset[];
};

const newRun = ({ datasets, ...asked }: Asked): RfidproRun => ({
  ...asked,
  ...{ state: "running", verdict: null, why: null, startedAt: new Date().toISOString(), endedAt: null },
  datasets: datasets.map((dataset) => ({
    ...{ dataset, rows: 0, total: null, pages: 0, requests: 0, passes: 0, verdict: null, why: null },
  })),
  ...{ differences: null, agreement: null, manifest: null },
});

/** A run as it is after it has ended. Data sets that were not come to say so. */
export const ended = (run: RfidproRun, { state, verdict, why }: RunEnd): RfidproRun => ({
  ...run,
  ...{ state, verdict, why, endedAt: new Date().toISOString() },
  datasets: run.datasets.map((one) =>
    one.verdict === null ? { ...one, verdict: "failed", why: one.why ?? "it was not read to its end" } : one,
  ),
});

/**
 * Begins a run for `owner`, unless one of the site is going on. One whose owner is gone is ended first. Whoever begins the same run again
 * is given it, and does not begin it.
 *
 * @throws Fault `rfidpro.running`; `id_reused` where the id stands for another run
 */
export const beginRun = async (
  { sql, bus }: Keeping,
  asked: Asked,
  owner: string,
): Promise<{ readonly run: RfidproRun; readonly isNew: boolean }> => {
  const { by: _by, ...what } = asked;
  const done = await inTransaction(sql, async (transaction) => {
    await holdSite(transaction, asked.site);
    const known = await findRun(transaction, asked.id);
    if (known !== undefined) {
      if (canonicalJson(known.asked) !== canonicalJson(what)) throw new Fault("id_reused", asked.id);
      return { run: known.run, isNew: false, said: [] };
    }
    const said: (readonly [RfidproRun, number])[] = [];
    const going = await findRunning(transaction, asked.site);
    if (going?.isLost === false)
      throw new Fault("rfidpro.running", `${going.run.id}, begun by ${going.run.by}`);
    if (going !== undefined) {
      const lost = ended(going.run, lostEnd);
      said.push([lost, await saveRun(transaction, lost)]);
    }
    const run = newRun(asked);
    said.push([run, await addRun(transaction, { run, asked: what, owner })]);
    return { run, isNew: true, said };
  });
  for (const [run, pos] of done.said) sayRun(bus, run, pos);
  return done;
};
