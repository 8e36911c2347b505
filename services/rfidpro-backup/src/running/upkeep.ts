import type { Logger } from "@tagwire/service";
import { type Manifest, sealTombstone } from "../archive/manifest.ts";
import { letGo } from "../archive/seal-run.ts";
import { findToClear, noteCleared, noteUncleared } from "../store/left-files.ts";
import { findManifest, findOld, findUnsealed, noteLetGo } from "../store/manifests.ts";
import { forgetOldComparisons } from "../store/old-comparisons.ts";
import { findOutcomes } from "../store/pulled-datasets.ts";
import { findLeftPages, forgetPages } from "../store/pulled-pages.ts";
import { forgetOldRows } from "../store/staged-rows.ts";
import { type Archive, clearUnkept, layManifest } from "./archive-run.ts";
import { ended } from "./begin-run.ts";
import { type Keeping, keepRun } from "./keep-run.ts";
import { progressOf } from "./progress.ts";
import { endOfManifest, lostEnd } from "./verdict.ts";

export type Upkeep = Keeping & {
  readonly log: Logger;
  /** Undefined where none is set up. */
  readonly archive: Archive | undefined;
  /** What was pulled is in the archive for so many days; 0 for ever. */
  readonly archiveKeepDays: number;
  readonly stagedKeepDays: number;
  readonly comparedKeepDays: number;
};

/** Ends a run whose process is gone, so that nobody waits for it, and takes away what it has left in the archive. */
export const endLostRun = async (
  upkeep: Upkeep,
  { id, site }: { readonly id: string; readonly site: string },
): Promise<void> => {
  const { sql, archive, log } = upkeep;
  const kept = await findManifest(sql, id);
  // It died after all was kept, and only could not say so any more.
  const end = kept === undefined ? lostEnd : endOfManifest(JSON.parse(kept.body) as Manifest);
  const read = new Map((await findOutcomes(sql, id)).map((one) => [one.dataset, progressOf(one)]));
  const run = await keepRun(upkeep, { id, site }, ({ run: now, isLost }) =>
    isLost
      ? ended({ ...now, datasets: now.datasets.map((one) => read.get(one.dataset) ?? one) }, end)
      : undefined,
  );
  // Somebody was faster, and goes on with it.
  if (run.state === "running") return;
  log.warn({ run: id, site }, "the process that pulled is gone");
  if (archive !== undefined) await clearLeft(upkeep, archive);
};

/**
 * Takes away what runs have left in the archive that ended without a manifest, until that has succeeded. What cannot be taken away now is
 * tried again later, and stands in the way of nothing else.
 */
export const clearLeft = async (
  { sql, log }: Pick<Upkeep, "sql" | "log">,
  { place }: Archive,
): Promise<void> => {
  for (const run of await findToClear(sql)) {
    try {
      await clearUnkept(sql, place, run, null);
    } catch (err) {
      log.warn({ err, run: run.id }, "what a run left in the archive cannot be taken away yet");
      await noteUncleared(sql, run);
      return;
    }
    await noteCleared(sql, run);
  }
};

/** Lays manifests into the archive that could not be laid there when their runs ended. */
export const layManifests = async ({ sql }: Keeping, { place }: Archive): Promise<void> => {
  for (const one of await findUnsealed(sql)) await layManifest(sql, place, one);
};

/** Lets go what was archived longer ago than so many days. Its manifest stays, so that the chain has no gap, and a tombstone says why. */
export const letOldRunsGo = async (
  { sql }: Keeping,
  { place, key }: Archive,
  keptDays: number,
): Promise<number> => {
  if (keptDays === 0) return 0;
  let count = 0;
  for (let old = await findOld(sql, keptDays); old.length > 0; old = await findOld(sql, keptDays)) {
    for (const { site, run, sha256, folder, body } of old) {
      const text = sealTombstone(
        {
          ...{ format: "tagwire.rfidpro-tombstone.v1", site, run, manifest: sha256 },
          ...{ removedAt: new Date().toISOString(), keptDays },
        },
        key,
      );
      const names = (JSON.parse(body) as Manifest).files.map(({ name }) => name);
      await letGo(place, { run, folder, text, names });
      await noteLetGo(sql, run);
      count += 1;
    }
  }
  return count;
};

/** Everything that is looked after now and then. */
export const lookAfter = async (upkeep: Upkeep): Promise<void> => {
  const { sql, archive, archiveKeepDays, stagedKeepDays, comparedKeepDays } = upkeep;
  if (archive !== undefined) {
    await clearLeft(upkeep, archive);
    await layManifests(upkeep, archive);
    await letOldRunsGo(upkeep, archive, archiveKeepDays);
  }
  for (const { id } of await findLeftPages(sql)) await forgetPages(sql, id);
  await forgetOldRows(sql, stagedKeepDays);
  await forgetOldComparisons(sql, comparedKeepDays);
};
