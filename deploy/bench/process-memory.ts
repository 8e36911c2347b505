import { readdirSync, readFileSync } from "node:fs";

const kilobytesIn = (file: string, name: string): number => {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(file, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`${file} does not say ${name}`);
  return Number(kilobytes);
};

const isGone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH");

/** A process may end between the look and the reading; then it has no memory. Not being allowed to look is a failure. */
const unlessGone = (read: () => number): number => {
  try {
    return read();
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
};

/** The most that a process ever had in memory, in MB, pages that it shares included; see VmHWM in proc(5). */
export const peakMegabytes = (pid: number): number => kilobytesIn(`/proc/${pid}/status`, "VmHWM") / 1_024;

/** What processes have in memory together, in MB: a page that several share counts once, divided among them. */
export const shareMegabytes = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + unlessGone(() => kilobytesIn(`/proc/${pid}/smaps_rollup`, "Pss")), 0) /
  1_024;

/** The same with shared pages counted again for each process that has them: more than there is. */
export const residentMegabytes = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + unlessGone(() => kilobytesIn(`/proc/${pid}/smaps_rollup`, "Rss")), 0) /
  1_024;

/** A process and all below it: Postgres is one for each connection, npm starts a shell that starts us. */
export const familyOf = (pid: number): number[] => {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  const below = (one: number): number[] => [one, ...(children.get(one) ?? []).flatMap(below)];
  return below(pid);
};
