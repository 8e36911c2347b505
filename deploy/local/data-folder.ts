import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readChildren } from "./children.ts";
import { readEndpoints } from "./endpoints.ts";
import type { Halt } from "./halt.ts";
import { type Holder, stillRuns, tryLock } from "./process-lock.mjs";
import type { Progress } from "./progress.ts";
import { sendSignal } from "./send-signal.ts";

/** Where everything lies below the data folder. */
export interface DataFolder {
  readonly postgres: string;
  readonly nats: string;
  readonly logs: string;
  /** What readers said, while somebody had them recorded. */
  readonly recordings: string;
  /** How much readers told, as the reader-gateway counts it ahead of its store. */
  readonly tallies: string;
  /** What was pulled of the old system, and the key that signs it. */
  readonly rfidpro: string;
  readonly run: string;
  readonly endpoints: string;
  readonly children: string;
  readonly lock: string;
}

/** The folder cannot be used now; the message says why. */
export class DataFolderError extends Error {}

export const layOut = (dataDir: string): DataFolder => ({
  postgres: join(dataDir, "postgres"),
  nats: join(dataDir, "nats"),
  logs: join(dataDir, "logs"),
  recordings: join(dataDir, "recordings"),
  tallies: join(dataDir, "tallies"),
  rfidpro: join(dataDir, "rfidpro"),
  run: join(dataDir, "run"),
  endpoints: join(dataDir, "endpoints.json"),
  children: join(dataDir, "run", "children.json"),
  lock: join(dataDir, "lock"),
});

const orphanPollMs = 50;
/** PROC_SUPER_MAGIC of statfs(2): root may "write" there, and making a folder recursively spins for ever. */
const procFileSystem = 0x9fa0;

/** What is done, in turn, about processes of an earlier start that still run, and how long each is given. */
export type OrphanPlan = readonly {
  readonly signal: NodeJS.Signals | undefined;
  readonly patienceMs: number;
}[];

export interface OpenOptions {
  /** Delete the data first. */
  readonly fresh: boolean;
  readonly progress: Progress;
  /** A wish to stop ends the waiting for an earlier start's processes. */
  readonly halt: Halt;
  readonly orphanPlan?: OrphanPlan;
}

/** Orphans end by themselves when the kernel tells them; then they are asked, then made to. */
const orphanPlanDefault: OrphanPlan = [
  { signal: undefined, patienceMs: 5_000 },
  { signal: "SIGTERM", patienceMs: 5_000 },
  { signal: "SIGKILL", patienceMs: 2_000 },
];

const pidsOf = (processes: readonly Holder[]): string => processes.map(({ pid }) => pid).join(", ");

const awaitOrphans = async (childrenFile: string, options: OpenOptions): Promise<void> => {
  const left = (): Holder[] => readChildren(childrenFile).filter(stillRuns);
  const seeOut = async (note: (text: string) => void): Promise<{ done: string }> => {
    for (const { signal, patienceMs } of options.orphanPlan ?? orphanPlanDefault) {
      const deadlineMs = performance.now() + patienceMs;
      note(`waiting for processes of an earlier start to end: ${pidsOf(left())}`);
      if (signal !== undefined) for (const { pid } of left()) sendSignal(pid, signal);
      while (performance.now() < deadlineMs) {
        if (left().length === 0) return { done: "processes of an earlier start have ended" };
        await options.halt.unless(wait(orphanPollMs));
      }
    }
    throw new DataFolderError(`Processes of an earlier start do not end: ${pidsOf(left())}.`);
  };
  const orphans = left();
  if (orphans.length === 0) return;
  options.progress.say(`waiting for processes of an earlier start to end: ${pidsOf(orphans)}`);
  await options.progress.step("waiting for processes of an earlier start", seeOut);
};

const inUse = (dataDir: string, pid: number): DataFolderError => {
  const at = readEndpoints(layOut(dataDir).endpoints)?.http;
  const where = at === undefined ? "and is still starting" : `at ${at}`;
  return new DataFolderError(
    `Tagwire already runs on ${dataDir} (process ${pid}, ${where}).\n` +
      `Stop it with "kill ${pid}", or start another one with --data DIR --port N.`,
  );
};

/** Only what Tagwire makes is deleted, never the folder: a mistyped --data must not cost anybody's files. */
const deleteData = (dataDir: string): void => {
  const folder = layOut(dataDir);
  for (const name of readdirSync(dataDir).filter((entry) => /^postgres\.(password$|new-)/.test(entry))) {
    rmSync(join(dataDir, name), { recursive: true, force: true });
  }
  for (const path of [
    folder.postgres,
    folder.nats,
    folder.logs,
    folder.recordings,
    folder.tallies,
    folder.rfidpro,
    folder.run,
    folder.endpoints,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
};

/** The nearest folder above that exists already. */
const existingAbove = (path: string): string => (existsSync(path) ? path : existingAbove(dirname(path)));

/** Makes the folder and takes its lock. Looks before it makes: on some file systems making a folder never comes back. */
const takeLock = (dataDir: string, lockFile: string): ReturnType<typeof tryLock> => {
  try {
    accessSync(existingAbove(dataDir), constants.W_OK | constants.X_OK);
    if (statfsSync(existingAbove(dataDir)).type === procFileSystem)
      throw new Error("it is no place for files");
    // Those above it may serve others too; a mode would go to them as well.
    mkdirSync(dirname(dataDir), { recursive: true });
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return tryLock(lockFile);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DataFolderError(
      `The data folder ${dataDir} cannot be used: ${why}. Name another one with --data DIR.`,
    );
  }
};

/**
 * Takes the data folder for this process, also from a start that was killed, whose processes are seen out first.
 * With `fresh` the data in it is deleted. `release` gives it back.
 *
 * Throws `DataFolderError` when another start holds it, naming its process and address, and `Halted`.
 */
export const openDataFolder = async (
  dataDir: string,
  options: OpenOptions,
): Promise<DataFolder & { readonly release: () => void }> => {
  const folder = layOut(dataDir);
  const lock = takeLock(dataDir, folder.lock);
  if (!lock.held) throw inUse(dataDir, lock.holder.pid);
  try {
    await awaitOrphans(folder.children, options);
    if (options.fresh) deleteData(dataDir);
    // Addresses and one-time keys of an earlier start must not be taken for ours.
    for (const path of [folder.run, folder.endpoints]) rmSync(path, { recursive: true, force: true });
    for (const path of [folder.logs, folder.run]) mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(folder.run, 0o700);
  } catch (error) {
    lock.release();
    throw error;
  }
  const release = (): void => {
    for (const path of [folder.run, folder.endpoints]) rmSync(path, { recursive: true, force: true });
    lock.release();
  };
  return { ...folder, release };
};

/** The first line of a small file that a service wrote, or `undefined` when it did not. */
export const readLine = (file: string): string | undefined => {
  try {
    const line = readFileSync(file, "utf8").split("\n")[0]?.trim();
    return line === "" ? undefined : line;
  } catch {
    return undefined;
  }
};
