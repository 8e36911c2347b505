import {
  Fault,
  newId,
  type RfidproImport,
  type RfidproImportPart,
  type RfidproImportPreview,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { followOperations } from "../comparing/follow-operations.ts";
import type { ImportedRun } from "../store/importable-run.ts";
import { claimImport, findImport, findNewcomer, findPreview } from "../store/imports.ts";
import type { Importing, OwnedImport } from "./importing.ts";

export type Confirmed = {
  readonly digest: string;
  readonly by: string;
  readonly add: readonly RfidproImportPart[];
};

const rowsOf = ({ classes, items, baselines, history, held, ended }: RfidproImportPreview): number =>
  classes + items + baselines + history + held + ended;

/** An import as it is, with what there is to say while nobody carries it out. */
export const importAsItIs = async (sql: Sql, run: string): Promise<RfidproImport | undefined> => {
  const found = await findImport(sql, run);
  if (found === undefined || !found.isUnheard) return found?.import;
  const why = found.isLost
    ? "It was cut off, and goes on by itself within half a minute; nothing is done twice."
    : "Whoever carries it out has not been heard of for some seconds. Should that process be gone, it goes on by itself within half a minute; nothing is done twice.";
  return { ...found.import, why };
};

/**
 * Begins an import that a person has confirmed, or one again that has failed. One that goes on or is done is told again, and nothing is
 * sent for it.
 *
 * @returns the import as it is, and what there is to carry out
 * @throws Fault `rfidpro.preview_stale` when this is not what was previewed, or the site has changed since; `rfidpro.site_not_empty` when
 * what may be added was not named; `rfidpro.running` when another import of the site is under way, `rfidpro.import_unfinished` when another ended
 * early and can be gone on with
 */
export const beginImport = async (
  { bus, sql, now = Date.now }: Importing,
  run: ImportedRun,
  { digest, by, add }: Confirmed,
): Promise<{ readonly import: RfidproImport; readonly begun: OwnedImport | undefined }> => {
  const preview = await findPreview(sql, run.id);
  if (preview?.digest !== digest) throw new Fault("rfidpro.preview_stale", digest);
  const before = await importAsItIs(sql, run.id);
  const isSame = before?.digest === digest;
  if (isSame && before.state !== "failed") return { import: before, begun: undefined };
  const missing = preview.needs.filter((part) => !add.includes(part));
  if (missing.length > 0) throw new Fault("rfidpro.site_not_empty", missing.join(", "));
  if (!isSame) {
    // What one that goes on finds there is what it made itself; what others made meanwhile it leaves alone, as every import does.
    await followOperations({ bus, sql }, run.site);
    const newcomer = await findNewcomer(sql, { run: run.id, site: run.site });
    if (newcomer !== undefined) throw new Fault("rfidpro.preview_stale", `${newcomer} was made since`);
  }
  const begun: RfidproImport = {
    ...{ run: run.id, site: run.site, digest, by, state: "running", why: null },
    ...{ startedAt: new Date(now()).toISOString(), endedAt: null, step: "classes", total: rowsOf(preview) },
    ...{ sent: 0, recorded: 0, replayed: 0, refused: 0, refusals: [] },
  };
  const owner = newId();
  if (!(await claimImport(sql, begun, owner))) throw new Fault("rfidpro.running", `an import of ${run.site}`);
  return { import: begun, begun: { import: begun, owner } };
};
