/**
 * A lock file that names its holder, so that it can be taken over when the holder is gone.
 *
 * Plain JavaScript, because the bootstrap needs it before anything is installed.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Field 22 of /proc/PID/stat, when the process runs and is no zombie; see proc(5). */
const startTicksOf = (pid) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
};

const answersSignals = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

export const identify = (pid) => {
  if (process.platform !== "linux") return answersSignals(pid) ? { pid, startTicks: null } : undefined;
  const startTicks = startTicksOf(pid);
  return startTicks === undefined ? undefined : { pid, startTicks };
};

/** A process number is used again sooner or later; together with the start time it is not. */
export const stillRuns = (holder) => {
  const now = identify(holder.pid);
  return now !== undefined && (now.startTicks === null || now.startTicks === holder.startTicks);
};

const readHolder = (file) => {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8"));
    return typeof holder === "object" && holder !== null && Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
};

const isCode = (error, code) => error instanceof Error && error.code === code;

/** The file appears with its content, or not at all. */
const create = (file) => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

/** Moves a stale lock away. Had somebody else just done so and locked it anew, theirs is put back. */
const removeStale = (file, stale) => {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && (moved.pid !== stale?.pid || moved.startTicks !== stale?.startTicks)) {
    try {
      linkSync(aside, file);
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
  }
  rmSync(aside, { force: true });
};

const takeoverAttemptsMax = 5;

export const tryLock = (file) => {
  mkdirSync(dirname(file), { recursive: true });
  let tookOver = false;
  for (let attempt = 0; attempt < takeoverAttemptsMax; attempt++) {
    if (create(file)) return { held: true, tookOver, release: () => rmSync(file, { force: true }) };
    const holder = readHolder(file);
    if (holder !== undefined && stillRuns(holder)) return { held: false, holder };
    removeStale(file, holder);
    tookOver = true;
  }
  return { held: false, holder: readHolder(file) ?? { pid: -1, startTicks: null } };
};
