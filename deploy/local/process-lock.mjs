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

const parseHolder = (text) => {
  try {
    const holder = JSON.parse(text);
    return typeof holder === "object" && holder !== null && Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
};

/** What a lock file says: who holds it, if anybody, and a name for that. `undefined` when there is no file. */
const read = (file) => {
  try {
    const holder = parseHolder(readFileSync(file, "utf8"));
    return { holder, name: holder === undefined ? "nobody" : `${holder.pid}-${holder.startTicks ?? 0}` };
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
};

const isCode = (error, code) => error instanceof Error && error.code === code;

const writeDraft = (file) => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  return draft;
};

/** The file appears with its content, or not at all. */
const create = (file) => {
  const draft = writeDraft(file);
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

const isHeld = ({ holder }) => holder !== undefined && stillRuns(holder);

/** Who comes after one that is gone. There is one such file for each that ever held the lock, so one of many can make it. */
const successionOf = (file, { name }) => `${file}.after-${name}`;

/**
 * Takes over from one that is gone. Whoever makes its succession holds the lock from then on, and only then writes itself
 * into the lock, which is never missing meanwhile. Had somebody else done all that before us, the lock names them.
 *
 * Returns true, or who holds it instead; `undefined` when one has to look again.
 */
const takeOver = (file, gone, successions = [successionOf(file, gone)]) => {
  const succession = successions.at(-1);
  if (!create(succession)) {
    const successor = read(succession);
    if (successor === undefined || isHeld(successor)) return successor?.holder;
    // It was killed before it could write itself into the lock.
    return takeOver(file, gone, [...successions, successionOf(file, successor)]);
  }
  if (read(file)?.name !== gone.name) {
    rmSync(succession, { force: true });
    return undefined;
  }
  renameSync(writeDraft(file), file);
  for (const one of successions) rmSync(one, { force: true });
  return true;
};

const attemptsMax = 5;

export const tryLock = (file) => {
  mkdirSync(dirname(file), { recursive: true });
  const held = (tookOver) => ({ held: true, tookOver, release: () => rmSync(file, { force: true }) });
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (create(file)) return held(false);
    const found = read(file);
    if (found === undefined) continue; // It was released a moment ago.
    if (isHeld(found)) return { held: false, holder: found.holder };
    const outcome = takeOver(file, found);
    if (outcome === true) return held(true);
    if (outcome !== undefined) return { held: false, holder: outcome };
  }
  return { held: false, holder: read(file)?.holder ?? { pid: -1, startTicks: null } };
};
