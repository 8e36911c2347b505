/** Who started us, and what we start: npm dies of a signal without passing it on, so its end has to be noticed. */
import { existsSync, readFileSync } from "node:fs";
import { identify, stillRuns } from "./process-lock.mjs";

const pollMs = 500;

/** util-linux's way to end a program together with its parent, `kill -9` included. */
const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/** The words of a command that ends when this process does, where the machine has the means. */
export const tied = (signal, words) =>
  setpriv === undefined ? words : [setpriv, "--pdeathsig", signal, ...words];

const parentOf = (pid) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
};

/** npm runs a script by `sh -c`, and that shell may outlive npm. */
const isScriptShell = (pid) => {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return /(^|\/)(sh|dash|bash|ash)$/.test(words[0] ?? "") && words[1] === "-c";
  } catch {
    return false;
  }
};

const findParents = () => {
  const pids = [process.ppid];
  const isRunByNpm = process.env.npm_lifecycle_event !== undefined;
  if (isRunByNpm && isScriptShell(process.ppid)) pids.push(parentOf(process.ppid) ?? 1);
  // Number 1 never goes away before we do; to be its child from the start is no sign of an orphan.
  return pids.filter((pid) => pid > 1).flatMap((pid) => identify(pid) ?? []);
};

/** Calls `onGone` once, as soon as a process that started this one has ended. Returns a way to stop watching. */
export const watchParents = (onGone) => {
  const parents = findParents();
  const parentPid = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parentPid && parents.every(stillRuns)) return;
    clearInterval(timer);
    onGone();
  }, pollMs);
  return () => clearInterval(timer);
};
