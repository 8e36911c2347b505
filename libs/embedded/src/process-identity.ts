import { readFileSync } from "node:fs";

/**
 * A process that cannot be mistaken for a later one with the same number.
 * `startTicks` is field 22 of /proc/PID/stat (clock ticks since boot, see proc(5)); `null` where there is no /proc.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number | null;
}

const statOf = (pid: number): { state: string; startTicks: number } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in brackets and may itself hold spaces and brackets.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "?", startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
};

const answersSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** Who runs under this number now; `undefined` when nobody does. A zombie has ended already. */
export const identityOf = (pid: number): ProcessIdentity | undefined => {
  if (!Number.isInteger(pid) || pid < 1) return undefined;
  if (process.platform !== "linux") return answersSignals(pid) ? { pid, startTicks: null } : undefined;
  const stat = statOf(pid);
  if (stat === undefined || stat.state === "Z" || stat.state === "X") return undefined;
  return { pid, startTicks: stat.startTicks };
};

/** True while the very process that was recorded still runs. */
export const isSameProcess = (recorded: ProcessIdentity): boolean => {
  const now = identityOf(recorded.pid);
  if (now === undefined) return false;
  return now.startTicks === null || recorded.startTicks === null || now.startTicks === recorded.startTicks;
};

/** The words of the process's command line; empty when it is gone or may not be seen. */
export const commandLineOf = (pid: number): string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .filter((word) => word !== "");
  } catch {
    return [];
  }
};
