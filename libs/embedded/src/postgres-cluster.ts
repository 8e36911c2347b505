import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { lastWords, runCommand } from "./command.ts";
import { EmbeddedFailure } from "./failure.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import type { PostgresIdentity } from "./postgres-identity.ts";
import { identityOf } from "./process-identity.ts";

export const superuser = "tagwire";
export const databaseName = "tagwire";

const initialiseTimeoutMs = 60_000;

export interface ClusterOptions {
  readonly dir: string;
  readonly binaries: PostgresBinaries;
  readonly identity: PostgresIdentity;
  readonly env: NodeJS.ProcessEnv;
  readonly durable: boolean;
}

const passwordFileOf = (dir: string): string => `${dir}.password`;

const readPassword = (dir: string): string | undefined => {
  const file = passwordFileOf(dir);
  const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  return text === "" ? undefined : text;
};

const writePassword = (dir: string): string => {
  const password = randomBytes(24).toString("base64url");
  writeFileSync(passwordFileOf(dir), `${password}\n`, { mode: 0o600 });
  return password;
};

/** The major version a data folder was made by, as Postgres writes it in PG_VERSION. */
const majorOf = (dir: string): string => readFileSync(join(dir, "PG_VERSION"), "utf8").trim();

const run = async (options: ClusterOptions, command: readonly string[], input?: string): Promise<void> => {
  const [program = "", ...args] = [...options.identity.prefix, ...command];
  const result = await runCommand(program, args, {
    cwd: dirname(options.dir),
    env: options.env,
    timeoutMs: initialiseTimeoutMs,
    ...(input === undefined ? {} : { input }),
  });
  if (result.code === 0 && !/^.*(ERROR|FATAL|PANIC):/m.test(result.stderr)) return;
  const what = command[0]?.split("/").at(-1) ?? "";
  throw new EmbeddedFailure(
    "embedded.program_failed",
    `${what} failed in ${options.dir}:\n  ${lastWords(result)}`,
  );
};

/** Postgres's single-user mode answers SQL from standard input with no server, no client and no password. */
const runSql = (options: ClusterOptions, dir: string, sql: string): Promise<void> =>
  run(options, [options.binaries.postgres, "--single", "-D", dir, "postgres"], `${sql}\n`);

/** Puts a finished cluster in its place, which may be an empty folder but never one that holds something. */
const place = (staged: string, dir: string): void => {
  try {
    renameSync(staged, dir);
  } catch (cause) {
    throw new EmbeddedFailure(
      "embedded.data_in_use",
      `${dir} already holds files that are no Postgres data. Move them away, or choose another data folder.`,
      { cause },
    );
  }
};

/** A start that was killed while initialising leaves its half-made cluster behind. */
const sweepStaged = (dir: string): void => {
  const prefix = `${basename(dir)}.new-`;
  for (const name of readdirSync(dirname(dir)).filter((entry) => entry.startsWith(prefix))) {
    const owner = Number.parseInt(name.slice(prefix.length), 10);
    if (identityOf(owner) === undefined) rmSync(join(dirname(dir), name), { recursive: true, force: true });
  }
};

const initialise = async (options: ClusterOptions): Promise<string> => {
  const { dir, identity } = options;
  const password = readPassword(dir) ?? writePassword(dir);
  // Everything is made beside its place and moved in one step: a half-made cluster is never taken for a whole one.
  const staged = `${dir}.new-${process.pid}`;
  const handedOver = `${staged}.password`;
  sweepStaged(dir);
  rmSync(staged, { recursive: true, force: true });
  try {
    mkdirSync(staged, { mode: 0o700 });
    writeFileSync(handedOver, `${password}\n`, { mode: 0o600 });
    identity.give(staged);
    identity.give(handedOver);
    await run(options, [
      ...[options.binaries.initdb, "-D", staged, "-U", superuser, "-A", "scram-sha-256"],
      ...[`--pwfile=${handedOver}`, "--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8"],
      ...["--no-instructions", ...(options.durable ? [] : ["--no-sync"])],
    ]);
    await runSql(options, staged, `create database ${databaseName}`);
    place(staged, dir);
  } finally {
    rmSync(staged, { recursive: true, force: true });
    rmSync(handedOver, { force: true });
  }
  return password;
};

/** base64url has no character that SQL or a URL would read otherwise. */
const resetPassword = async (options: ClusterOptions): Promise<string> => {
  const password = writePassword(options.dir);
  await runSql(options, options.dir, `alter role ${superuser} password '${password}'`);
  return password;
};

const isEmptyOrMissing = (dir: string): boolean => !existsSync(join(dir, "PG_VERSION"));

/**
 * Makes the cluster with its database where there is none, and returns the superuser's password, which lives in
 * `<dir>.password` (mode 0600). A lost password file is written anew with a new password.
 *
 * Throws `embedded.data_version` for a folder of another major version, `embedded.program_failed` when
 * initialising fails.
 */
export const prepareCluster = async (options: ClusterOptions, major: string): Promise<string> => {
  mkdirSync(dirname(options.dir), { recursive: true });
  options.identity.admit(dirname(options.dir));
  if (isEmptyOrMissing(options.dir)) return initialise(options);
  const found = majorOf(options.dir);
  if (found !== major) {
    throw new EmbeddedFailure(
      "embedded.data_version",
      `The data in ${options.dir} was written by Postgres ${found}; this is Postgres ${major}, which cannot read it. ` +
        `Start it with Postgres ${found} and move the data with pg_dump, or choose another data folder.`,
    );
  }
  options.identity.give(options.dir);
  return readPassword(options.dir) ?? resetPassword(options);
};
