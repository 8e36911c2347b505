import { Fault, rfidproDatasets } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";
import { findRun } from "./runs.ts";
import { countStaged } from "./staged-pages.ts";

/** A pull that is to be imported. */
export type ImportedRun = {
  readonly id: string;
  readonly site: string;
  readonly startedAt: string;
  readonly endedAt: string;
};

/**
 * A pull that can be imported: everything of all three data sets, read whole, and still staged.
 *
 * @throws Fault `rfidpro.run_unknown`, or `rfidpro.not_importable` and why
 */
export const getImportableRun = async (sql: Sql | Transaction, id: string): Promise<ImportedRun> => {
  const kept = await findRun(sql, id);
  if (kept === undefined) throw new Fault("rfidpro.run_unknown", id);
  if (!kept.run.import)
    throw new Fault("rfidpro.not_importable", "it was begun as one that is not to be imported");
  if (kept.run.incremental === true)
    throw new Fault("rfidpro.not_importable", "it read only the scans that were new");
  const { site, startedAt, endedAt, verdict, datasets } = kept.run;
  if (endedAt === null || verdict === null)
    throw new Fault("rfidpro.not_importable", "the pull has not ended");
  for (const name of rfidproDatasets) {
    const found = datasets.find(({ dataset }) => dataset === name);
    if (found?.verdict !== "complete")
      throw new Fault("rfidpro.not_importable", `${name} were ${found?.verdict ?? "not pulled"}`);
  }
  const staged = await countStaged(sql, id);
  const gone = datasets.find(({ dataset, rows }) => rows > 0 && (staged[dataset] ?? 0) === 0);
  if (gone !== undefined)
    throw new Fault("rfidpro.not_importable", `the rows of ${gone.dataset} are not staged any more`);
  return { id, site, startedAt, endedAt };
};

/** Whether an import of a run can be carried out, or gone on with. */
export const canGoOn = async (sql: Sql | Transaction, id: string): Promise<boolean> => {
  try {
    await getImportableRun(sql, id);
    return true;
  } catch (error) {
    if (!(error instanceof Fault) || error.retryable) throw error;
    return false;
  }
};
