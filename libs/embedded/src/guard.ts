import { findAllOnPath } from "./search-path.ts";

/** util-linux may sit in a folder that a bare PATH does not name. */
const utilityFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

const setpriv = findAllOnPath("setpriv", process.env, utilityFolders)[0];

/**
 * Prefixes a command so that the kernel sends `signal` to it when its parent dies, `kill -9` included.
 * Where `setpriv` (util-linux) is missing, the command comes back unchanged.
 *
 * The kernel watches the parent *thread*: start such a command from the main thread, never from a worker.
 * The tie is cut by an exec that changes credentials, so this must be the innermost prefix.
 */
export const withParentDeathSignal = (
  signal: "INT" | "TERM" | "KILL",
  command: readonly string[],
): string[] =>
  process.platform === "linux" && setpriv !== undefined
    ? [setpriv, "--pdeathsig", signal, ...command]
    : [...command];
