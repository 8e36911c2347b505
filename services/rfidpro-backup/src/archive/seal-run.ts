import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { manifestName, tombstoneName } from "./manifest.ts";
import type { ArchivePlace } from "./place.ts";

const putText = async (
  place: ArchivePlace,
  { run, path, text }: { readonly run: string; readonly path: string; readonly text: string },
): Promise<void> => {
  const spool = await place.spool(run);
  try {
    const draft = join(spool, path.slice(path.lastIndexOf("/") + 1));
    await writeFile(draft, text, { mode: 0o600, flush: true });
    await place.put(path, draft);
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
};

/** What a run's seal is, and where. */
export type Seal = { readonly run: string; readonly folder: string; readonly text: string };

/** Puts the last file of a run into the archive, which makes it whole; nothing where it is there already. */
export const sealRun = async (place: ArchivePlace, { run, folder, text }: Seal): Promise<void> => {
  const path = `${folder}/${manifestName}`;
  if (!(await place.has(path))) await putText(place, { run, path, text });
};

/** Lets the files of a run go: first it says so, so that at no moment something is missing without a reason. */
export const letGo = async (
  place: ArchivePlace,
  { run, folder, text, names }: Seal & { readonly names: readonly string[] },
): Promise<void> => {
  const path = `${folder}/${tombstoneName}`;
  if (!(await place.has(path))) await putText(place, { run, path, text });
  for (const name of names) await place.remove(`${folder}/${name}`);
};
