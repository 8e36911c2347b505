import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** A file of the archive, by its path from the archive's top, with `/` between its parts. */
export type ArchivedFile = {
  readonly path: string;
  readonly bytes: number;
  /** False for a link, a device and whatever else is no file of its own. */
  readonly isPlain: boolean;
};

/** Where the archive lies. Nothing in it is ever overwritten. */
export type ArchivePlace = {
  /**
   * A folder for the files of a run while they are written, another one each time; {@link put} takes them from there. Whoever asked
   * for it takes it away.
   */
  readonly spool: (run: string) => Promise<string>;
  /** Throws away what is left of a run that is under way no more. */
  readonly clear: (run: string) => Promise<void>;
  /**
   * Takes a file that is whole into the archive, and resolves when it is there also after the power failed. Where the very same bytes are
   * there nothing is done: two processes may come as far with the same run, and the second one does no harm.
   *
   * @throws Error where another file has its path
   */
  readonly put: (path: string, file: string) => Promise<void>;
  readonly has: (path: string) => Promise<boolean>;
  readonly read: (path: string) => Readable;
  /** Everything that is there, or what lies in one folder and below it. */
  readonly list: (folder?: string) => AsyncIterable<ArchivedFile>;
  readonly remove: (path: string) => Promise<void>;
};

/** As much of an archive as it takes to verify it. */
export type ReadArchive = Pick<ArchivePlace, "list" | "read">;

/** Throws away the folders below `spools` that were made for a run. */
export const clearSpools = async (spools: string, run: string): Promise<void> => {
  const names = await readdir(spools).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names)
    if (name.startsWith(run)) await rm(join(spools, name), { recursive: true, force: true });
};
