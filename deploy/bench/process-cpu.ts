import { existsSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second, whatever its clock does; see proc(5) and sysconf(_SC_CLK_TCK). */
const msPerTick = 10;
/** Behind the name, which may hold anything and ends with the last bracket: state is the first, user and system time follow. */
const userTimeAt = 11;

/** What a process has spent on the processors since it began, in ms. */
export const processorMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(userTimeAt, userTimeAt + 2)
    .map(Number);
  if (user === undefined || system === undefined) throw new Error(`/proc/${pid}/stat says no times`);
  return (user + system) * msPerTick;
};

/** What each of some processes has spent so far, in ms; one that has ended meanwhile has spent nothing that anybody knows of. */
export const processorTimes = (pids: readonly number[]): ReadonlyMap<number, number> =>
  new Map(pids.flatMap((pid) => (existsSync(`/proc/${pid}/stat`) ? [[pid, processorMs(pid)] as const] : [])));

/** What processes spent between two readings, in ms, of those that are in both. */
export const spentMs = (before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number =>
  [...after].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? ms), 0);
