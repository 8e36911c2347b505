import { chownSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type CommandResult, lastWords, runCommand } from "./command.ts";
import { EmbeddedFailure } from "./failure.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/** The number "nobody" has on Linux by convention; Postgres only insists on not being 0. */
const nobody = 65_534;

/** As whom Postgres runs. It refuses to be root, and a machine (or container) often has only root. */
export interface PostgresIdentity {
  readonly prefix: readonly string[];
  /** Gives a file or folder, and all in it, to that identity. */
  readonly give: (path: string) => void;
}

const asCaller: PostgresIdentity = { prefix: [], give: () => undefined };

const giveToNobody = (path: string): void => {
  if (!existsSync(path)) return;
  chownSync(path, nobody, nobody);
  if (!lstatSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) {
    const child = join(path, entry);
    if (!lstatSync(child).isSymbolicLink()) giveToNobody(child);
  }
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
  if (namespaced.code === 0) return { prefix: inUserNamespace, give: () => undefined };
  const plain = await tryAs(asNobody, binaries);
  if (plain.code === 0) return { prefix: asNobody, give: giveToNobody };
  throw new EmbeddedFailure(
    "embedded.program_failed",
    "Postgres must not run as root, and this machine allows neither a user namespace nor running it as nobody. " +
      "Start as an ordinary user, or set DATABASE_URL.\n" +
      `  unshare: ${lastWords(namespaced)}\n  setpriv: ${lastWords(plain)}`,
  );
};
