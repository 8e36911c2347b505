import { chmodSync, chownSync, existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type CommandResult, lastWords, runCommand } from "./command.ts";
import { EmbeddedFailure } from "./failure.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/** The number "nobody" has on Linux by convention; Postgres only insists on not being 0. */
const nobody = 65_534;
const root = 0;

const passableByAll = 0o001;

/** As whom Postgres runs. It refuses to be root, and a machine (or container) often has only root. */
export interface PostgresIdentity {
  readonly prefix: readonly string[];
  /** Gives a file or folder, and all in it, to that identity. */
  readonly give: (path: string) => void;
  /** Lets that identity pass through a folder of ours to what it was given there; it still cannot list it. */
  readonly admit: (folder: string) => void;
}

const asCaller: PostgresIdentity = { prefix: [], give: () => undefined, admit: () => undefined };

/** Gives what lies in a folder first: one that was given away but for its content is taken up again. */
const giveTo = (path: string, owner: number): void => {
  if (!existsSync(path)) return;
  const entry = lstatSync(path);
  if (entry.uid === owner) return;
  if (entry.isDirectory()) {
    for (const name of readdirSync(path)) {
      if (!lstatSync(join(path, name)).isSymbolicLink()) giveTo(join(path, name), owner);
    }
  }
  chownSync(path, owner, owner);
};

/** What a start that had to be nobody left behind: in the namespace it would look like ours and not be. */
const takeBack = (path: string): void => {
  if (existsSync(path) && lstatSync(path).uid === nobody) giveTo(path, root);
};

const isPassable = (folder: string): boolean => (statSync(folder).mode & passableByAll) !== 0;

const barredAbove = (folder: string): string | undefined => {
  if (!isPassable(folder)) return folder;
  return dirname(folder) === folder ? undefined : barredAbove(dirname(folder));
};

/** The folder itself is ours to open a little; those above it are not, and are only named. */
const admitNobody = (folder: string): void => {
  if (!isPassable(folder)) chmodSync(folder, (statSync(folder).mode & 0o7777) | passableByAll);
  const barred = barredAbove(folder);
  if (barred === undefined) return;
  throw new EmbeddedFailure(
    "embedded.program_failed",
    `Postgres must not run as root, and as nobody it cannot get to ${folder}, because ${barred} is closed to others. ` +
      `Choose a data folder elsewhere, or open that one with "chmod o+x ${barred}".`,
  );
};

const tryAs = (prefix: readonly string[], binaries: PostgresBinaries): Promise<CommandResult> => {
  const [program = "", ...args] = [...prefix, binaries.postgres, "--version"];
  return runCommand(program, args);
};

const inUserNamespace = ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`];
const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];

/**
 * Chooses how to run Postgres: as the caller; for root in a user namespace where root is mapped to nobody (files
 * still belong to root, no account is made); or, where such namespaces are forbidden, as nobody itself.
 *
 * Throws `embedded.program_failed` when none of these can run it.
 */
export const choosePostgresIdentity = async (binaries: PostgresBinaries): Promise<PostgresIdentity> => {
  if (process.getuid?.() !== 0) return asCaller;
  const namespaced = await tryAs(inUserNamespace, binaries);
  if (namespaced.code === 0) return { prefix: inUserNamespace, give: takeBack, admit: () => undefined };
  const plain = await tryAs(asNobody, binaries);
  if (plain.code === 0) return { prefix: asNobody, give: (path) => giveTo(path, nobody), admit: admitNobody };
  throw new EmbeddedFailure(
    "embedded.program_failed",
    "Postgres must not run as root, and this machine allows neither a user namespace nor running it as nobody. " +
      "Start as an ordinary user, or set DATABASE_URL.\n" +
      `  unshare: ${lastWords(namespaced)}\n  setpriv: ${lastWords(plain)}`,
  );
};
