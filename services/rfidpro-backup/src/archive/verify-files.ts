import type { ArchiveFault } from "./fault.ts";
import { type ManifestFile, manifestName, tombstoneName } from "./manifest.ts";

/** A file as it is there now. */
export type SeenFile = { readonly path: string; readonly bytes: number; readonly isPlain: boolean };

export type FolderCheck = {
  readonly folder: string;
  readonly files: readonly SeenFile[];
  readonly listed: readonly ManifestFile[];
  /** Whether a tombstone says that its files were let go. */
  readonly isLetGo: boolean;
  /** Reads a file, and gives its SHA-256 in hex. */
  readonly sum: (path: string) => Promise<string>;
  /** Whose content it is, by its SHA-256: names of files in the whole archive. */
  readonly ownerOf: (sha256: string) => string | undefined;
  /** Whether any file of the archive has so many bytes. */
  readonly isSizeOfAny: (bytes: number) => boolean;
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const isSeal = (path: string): boolean => [manifestName, tombstoneName].includes(nameOf(path));

const checkOne = async (
  check: FolderCheck,
  seen: SeenFile,
  listed: ManifestFile,
): Promise<ArchiveFault[]> => {
  const { path } = seen;
  const isSized = seen.bytes === listed.bytes;
  // What has the size of no file of the archive is none of them, and is not read: it may be of any size.
  const sha256 = isSized || check.isSizeOfAny(seen.bytes) ? await check.sum(path) : undefined;
  if (isSized && sha256 === listed.sha256) return [];
  const owner = sha256 === undefined ? undefined : check.ownerOf(sha256);
  if (owner !== undefined)
    return [{ code: "reordered", path, detail: `it holds what belongs into ${owner}` }];
  const detail = isSized
    ? "its content is not what was written"
    : `it has ${seen.bytes} bytes, and ${listed.bytes} were written`;
  return [{ code: "changed", path, detail }];
};

/** Compares the files of a run with what its manifest says of them. */
export const verifyFiles = async (check: FolderCheck): Promise<ArchiveFault[]> => {
  const { folder, files, listed, isLetGo } = check;
  const seen = new Map(files.filter(({ path }) => !isSeal(path)).map((one) => [nameOf(one.path), one]));
  const faults: ArchiveFault[] = [];
  for (const one of listed) {
    const there = seen.get(one.name);
    seen.delete(one.name);
    if (there !== undefined) faults.push(...(await checkOne(check, there, one)));
    else if (!isLetGo)
      faults.push({ code: "missing", path: `${folder}/${one.name}`, detail: "the manifest names it" });
  }
  for (const { path } of seen.values())
    faults.push({ code: "added", path, detail: "the manifest does not name it" });
  return faults;
};
