import { Fault, type RfidproRun } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { PullOutcome } from "../actors/rows.ts";
import { folderOf, type ManifestFile, manifestName, sealManifest, sha256Of } from "../archive/manifest.ts";
import type { ArchivePlace } from "../archive/place.ts";
import { openRunFiles, type RunFiles } from "../archive/run-files.ts";
import { sealRun } from "../archive/seal-run.ts";
import type { SigningKey } from "../archive/signing-key.ts";
import { lookAgain, mayClear } from "../store/left-files.ts";
import { addManifest, findHead, noteSealed } from "../store/manifests.ts";
import { readPages } from "../store/pulled-pages.ts";
import { holdSite, isOwned } from "../store/runs.ts";
import { readNormalised } from "../store/staged-rows.ts";
import { type Keeping, keepRun } from "./keep-run.ts";
import type { RunEnd } from "./verdict.ts";

/** The archive of this service, and who signs it. */
export type Archive = { readonly place: ArchivePlace; readonly key: SigningKey };

export type Archiving = {
  readonly archive: Archive;
  readonly owner: string;
  readonly run: RfidproRun;
  readonly outcomes: readonly PullOutcome[];
  readonly end: RunEnd;
  /** What is said of where it was read. */
  readonly source: {
    readonly origin: string;
    readonly timeZone: string;
    readonly ids: Record<string, string>;
  };
};

const tool = "tagwire rfidpro-backup 0.1.0";

type Kept = { readonly files: RunFiles; readonly kept: readonly ManifestFile[] };

const manifestOf = (
  { archive, run, outcomes, end, source }: Archiving,
  { files, kept, number, previous }: Kept & { number: number; previous: string | null },
): string =>
  sealManifest(
    {
      ...{ format: "tagwire.rfidpro-archive.v1", site: run.site, number, previous, run: run.id },
      ...{ by: run.by, how: run.how, tool, source: source.origin, timeZone: source.timeZone },
      ...{ startedAt: run.startedAt, endedAt: new Date().toISOString(), ...end },
      datasets: outcomes.map(({ since, until, ...outcome }) => ({
        ...outcome,
        ...{ id: source.ids[outcome.dataset] ?? "", window: { since, until } },
        pageSha256: [...files.pageSha256(outcome.dataset)],
      })),
      files: [...kept],
    },
    archive.key,
  );

/** Writes the files of a run from what is kept of it here, and takes them into the archive. */
const keepFiles = async (
  sql: Sql,
  { archive, owner, run, outcomes }: Archiving,
  folder: string,
): Promise<Kept> => {
  // Whoever carried it out before may have come as far as here, too.
  if (run.continued !== undefined && !(await clearUnkept(sql, archive.place, run, owner)))
    throw new Fault("lease.lost", run.id);
  const files = await openRunFiles(archive.place, run.id);
  try {
    for (const { dataset } of outcomes) {
      const of = { run: run.id, dataset };
      for await (const page of readPages(sql, of)) await files.page(page);
      await files.rows(dataset, readNormalised(sql, of));
    }
    return { files, kept: await files.keep(folder, () => isOwned(sql, run.id, owner)) };
  } finally {
    await files.drop();
  }
};

/** Takes the files of a run into the archive, and keeps and anchors its manifest here. @returns the manifest */
const keepAll = async (keeping: Keeping, archiving: Archiving, folder: string): Promise<string> => {
  const { owner, run } = archiving;
  const kept = await keepFiles(keeping.sql, archiving, folder);
  let body = "";
  await keepRun(keeping, run, async (now, transaction) => {
    if (now.owner !== owner || now.run.state !== "running") throw new Fault("lease.lost", run.id);
    const { manifests, head } = await findHead(transaction, run.site);
    body = manifestOf(archiving, { ...kept, number: manifests + 1, previous: head });
    const [sha256, endedAt] = [sha256Of(body), new Date().toISOString()];
    await addManifest(transaction, {
      ...{ site: run.site, number: manifests + 1, run: run.id, sha256, folder, body, endedAt },
    });
    return { ...now.run, manifest: sha256 };
  });
  return body;
};

/**
 * Takes back what failed, unless its manifest was kept though nobody heard so, or the run is another's by then, whose files these may be:
 * that is looked at once it has ended.
 */
const takeBack = async (sql: Sql, { archive, owner, run }: Archiving): Promise<void> => {
  if (!(await clearUnkept(sql, archive.place, run, owner))) await lookAgain(sql, run.id);
};

/**
 * Archives a run: its files, then its manifest, which is kept and anchored here before it is laid beside them. Gives false where it could
 * not be laid there yet.
 *
 * @throws Fault `lease.lost` where the run is another's by now
 */
export const archiveRun = async (keeping: Keeping, archiving: Archiving): Promise<boolean> => {
  const { archive, run } = archiving;
  const folder = folderOf({ site: run.site, startedAt: run.startedAt, run: run.id });
  const body = await keepAll(keeping, archiving, folder).catch(async (error: unknown) => {
    // What stands in the way of the one often stands in the way of the other: then it is cleared when that can be.
    await takeBack(keeping.sql, archiving).catch(() => {});
    throw error;
  });
  return layManifest(keeping.sql, archive.place, { run: run.id, folder, body }).then(
    () => true,
    () => false,
  );
};

/**
 * Takes away what a run has brought into the archive, where no manifest speaks of it: it would look like what somebody has put there. Where
 * one lies there that is not known here the database was set back, and what it speaks of was archived: that stays.
 *
 * Each file goes in a turn of the site of its own, in which the run is asked for again: whoever keeps a manifest or goes on with a run does so
 * in that turn, so that nothing is taken from them, however long whoever clears has slept.
 *
 * @param owner who carries the run out and clears; null where it has ended
 * @returns false where it is not, or not any more, for whoever asks to clear
 */
export const clearUnkept = async (
  sql: Sql,
  place: ArchivePlace,
  run: Pick<RfidproRun, "site" | "startedAt" | "id">,
  owner: string | null,
): Promise<boolean> => {
  const inTurn = (work: () => Promise<void>): Promise<boolean> =>
    inTransaction(sql, async (transaction) => {
      await holdSite(transaction, run.site);
      const isAllowed = await mayClear(transaction, run.id, owner);
      if (isAllowed) await work();
      return isAllowed;
    });
  if (!(await inTurn(async () => {}))) return false;
  const folder = folderOf({ site: run.site, startedAt: run.startedAt, run: run.id });
  const paths: string[] = [];
  for await (const { path } of place.list(folder)) paths.push(path);
  if (paths.includes(`${folder}/${manifestName}`)) return true;
  for (const path of paths) if (!(await inTurn(() => place.remove(path)))) return false;
  await place.clear(run.id);
  return true;
};

/** Lays a manifest that is kept here into the archive; repeating it changes nothing. */
export const layManifest = async (
  sql: Sql,
  place: ArchivePlace,
  { run, folder, body }: { readonly run: string; readonly folder: string; readonly body: string },
): Promise<void> => {
  await sealRun(place, { run, folder, text: body });
  await noteSealed(sql, run);
};
