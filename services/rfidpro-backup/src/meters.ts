import { meter } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { countRuns, lastCompleted, newestRows } from "./store/run-figures.ts";

/** What the service tells of itself when somebody looks. A site whose pulls do not come to a good end grows old here. */
export const observeRuns = (sql: Sql): { readonly close: () => Promise<void> } => {
  const instruments = meter();
  const age = instruments.createObservableGauge("tagwire_rfidpro_last_success_age_seconds", {
    description: "How long ago RFIDpro was last read whole for a site",
    unit: "s",
  });
  const rows = instruments.createObservableGauge("tagwire_rfidpro_rows", {
    description: "Rows of the newest pull of RFIDpro that has ended, by site and data set",
  });
  const runs = instruments.createObservableGauge("tagwire_rfidpro_runs", {
    description: "Pulls of RFIDpro that are kept, by site, state and verdict",
  });
  const all = [age, rows, runs];
  const observe: Parameters<typeof instruments.addBatchObservableCallback>[0] = async (result) => {
    for (const { site, completedAt } of await lastCompleted(sql))
      result.observe(age, (Date.now() - completedAt.getTime()) / 1_000, { site });
    for (const { site, dataset, count } of await newestRows(sql))
      result.observe(rows, count, { site, dataset });
    for (const { site, state, verdict, count } of await countRuns(sql))
      result.observe(runs, count, { site, state, verdict });
  };
  instruments.addBatchObservableCallback(observe, all);
  return { close: async () => instruments.removeBatchObservableCallback(observe, all) };
};
