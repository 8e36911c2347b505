import { createReadStream } from "node:fs";
import { chmod, link, lstat, mkdir, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { contentSum } from "./content-sum.ts";
import { type ArchivedFile, type ArchivePlace, clearSpools } from "./place.ts";

/** What is written here is no part of the archive yet. On the same disk, so that taking it over is one step. */
const spoolName = ".spool";

/** Nobody writes into what is archived, its owner neither. */
const archivedMode = 0o444;

/** What a disk answers that knows no hard links, or none to another folder: FAT, and many shares on a network. */
const noLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EINVAL"]);
/** What a disk answers that does not know how to write a folder out: it does so by itself, or nobody can make it. */
const noFolderSync: ReadonlySet<string> = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";

/** Nothing is there; of what else a disk says nobody knows whether something is. */
const noneWhere = (error: unknown): false => {
  if (codeOf(error) === "ENOENT") return false;
  throw error;
};

/** Whether a file is there. An empty one is a name that is held for what is about to come; nothing that is archived is empty. */
const isThere = (path: string): Promise<boolean> => stat(path).then(({ size }) => size > 0, noneWhere);

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then((found) => found.isDirectory(), noneWhere);

const unless = <T>(code: string, work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: unknown) => {
    if (codeOf(error) === code) return undefined;
    throw error;
  });

/** Holds a name that nothing has by an empty file, and tells which file that is; undefined where something has the name. */
const hold = (full: string): Promise<number | undefined> =>
  unless(
    "EEXIST",
    open(full, "wx", archivedMode).then(async (handle) => {
      try {
        return (await handle.stat()).ino;
      } finally {
        await handle.close();
      }
    }),
  );

/** A name that is held for longer is held by a process that died; one that lives moves its file there at once. */
const heldMsMax = 60_000;

/**
 * Gives a whole file its name where the disk knows no hard links: the name is held first, which only one process can do, and the file
 * moved over that. @returns whether something has the name already
 */
const moveInto = async (file: string, full: string): Promise<boolean> => {
  const held = "another process holds its name";
  let ours = await hold(full);
  if (ours === undefined) {
    const { size, mtimeMs } = await stat(full);
    if (size > 0) return true;
    if (Date.now() - mtimeMs < heldMsMax) throw new Error(held);
    await rm(full);
    ours = await hold(full);
  }
  // Whoever slept in between finds that another holds it now.
  if ((await stat(full)).ino !== ours) throw new Error(held);
  await rename(file, full);
  return false;
};

type Link = (from: string, to: string) => Promise<void>;

/**
 * Gives a whole file its name in the archive. Where the disk knows hard links the system itself refuses a name that is there, however
 * long whoever asks has slept before. @returns whether something has the name already
 */
const isNameTaken = async (file: string, full: string, makeLink: Link): Promise<boolean> => {
  try {
    await makeLink(file, full);
    return false;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return true;
    if (!noLinks.has(codeOf(error))) throw error;
    return moveInto(file, full);
  }
};

const isSame = async (one: string, other: string): Promise<boolean> => {
  const [left, right] = await Promise.all([one, other].map((file) => contentSum(createReadStream(file))));
  return left !== undefined && right !== undefined && left.equals(right);
};

/** A name is there after a power failure only when its folder was written out, too. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!noFolderSync.has(codeOf(error))) throw error;
  } finally {
    await handle.close();
  }
};

/** Makes the folders that lead to a file, and sees each one kept by the one above it. */
const makeFolders = async (top: string, folder: string): Promise<void> => {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let at = folder; at.length > top.length; at = dirname(at)) await syncFolder(dirname(at));
};

async function* filesBelow(top: string, folder: string): AsyncIterable<ArchivedFile> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = join(folder, entry.name);
    if (folder === top && entry.name === spoolName) continue;
    if (entry.isDirectory()) {
      yield* filesBelow(top, full);
      continue;
    }
    const path = relative(top, full).split(sep).join("/");
    yield { path, bytes: (await lstat(full)).size, isPlain: entry.isFile() };
  }
}

/** An archive in a folder. Tests have a disk that knows no hard links. */
export const openFolder = (top: string, makeLink: Link = link): ArchivePlace => {
  const fullOf = (path: string) => join(top, ...path.split("/"));
  const spools = join(top, spoolName);
  return {
    spool: async (run) => {
      await mkdir(spools, { recursive: true, mode: 0o700 });
      return mkdtemp(join(spools, `${run}-`));
    },
    clear: (run) => clearSpools(spools, run),
    put: async (path, file) => {
      const full = fullOf(path);
      await makeFolders(top, dirname(full));
      await chmod(file, archivedMode);
      if ((await isNameTaken(file, full, makeLink)) && !(await isSame(file, full)))
        throw new Error(`${path} is in the archive already`);
      await rm(file, { force: true });
      await syncFolder(dirname(full));
    },
    has: (path) => isThere(fullOf(path)),
    read: (path) => createReadStream(fullOf(path)),
    list: async function* (folder) {
      if (folder === undefined) yield* filesBelow(top, top);
      else if (await isFolder(fullOf(folder))) yield* filesBelow(top, fullOf(folder));
    },
    remove: async (path) => {
      await rm(fullOf(path), { force: true });
      await syncFolder(dirname(fullOf(path)));
    },
  };
};
