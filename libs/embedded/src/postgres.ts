import { readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { runCommand } from "./command.ts";
import { EmbeddedFailure } from "./failure.ts";
import { freePort } from "./free-port.ts";
import { withParentDeathSignal } from "./guard.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { type ClusterOptions, databaseName, prepareCluster, superuser } from "./postgres-cluster.ts";
import { choosePostgresIdentity } from "./postgres-identity.ts";
import { commandLineOf, identityOf } from "./process-identity.ts";
import { type Child, type Embedded, type StopPlan, startChild } from "./running.ts";

export interface PostgresOptions {
  /** The cluster's own folder; its parent folder is made when missing. */
  readonly dir: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Server settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onLog?: (line: string) => void;
  /** False gives up crash safety for speed: for tests alone. Default true. */
  readonly durable?: boolean;
}

const startTimeoutMs = 30_000;
/** How long the shutdown of an earlier server on the same data is awaited. */
const predecessorTimeoutMs = 15_000;
const pollMs = 50;
const portAttemptsMax = 5;

/** SIGINT is Postgres's fast shutdown, SIGQUIT the immediate one that replays the log at the next start. */
const stopPlan: StopPlan = [
  { signal: "SIGINT", patienceMs: 5_000 },
  { signal: "SIGQUIT", patienceMs: 1_000 },
];

const unsafeButFast = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };

/** The caller's PG… variables are meant for another server, and log lines are matched in English. */
const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PG"))),
  LC_ALL: "C",
  LANG: "C",
  TZ: "UTC",
});

const serverPidOf = (dir: string): number | undefined => {
  try {
    return Number(readFileSync(join(dir, "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    return undefined;
  }
};

const isPostgresOn = (pid: number, dir: string): boolean => {
  if (identityOf(pid) === undefined) return false;
  if (process.platform !== "linux") return true;
  const words = commandLineOf(pid);
  return words[0]?.includes("postgres") === true && words.includes(dir);
};

/**
 * Waits until an earlier server on this data has gone, and removes what a killed one left behind. Its number may
 * belong to another program by now, which Postgres itself cannot tell.
 */
const awaitPredecessor = async (dir: string): Promise<void> => {
  const deadlineMs = performance.now() + predecessorTimeoutMs;
  for (;;) {
    const pid = serverPidOf(dir);
    if (pid === undefined) return;
    if (!isPostgresOn(pid, dir)) return rmSync(join(dir, "postmaster.pid"), { force: true });
    if (performance.now() > deadlineMs) {
      throw new EmbeddedFailure(
        "embedded.data_in_use",
        `Postgres ${pid} already runs on ${dir}. Stop it first.`,
      );
    }
    await wait(pollMs);
  }
};

type Outcome = "ready" | "port taken" | "predecessor" | "failed";

const outcomeOf = (line: string): Outcome | undefined => {
  if (line.includes("database system is ready to accept connections")) return "ready";
  if (/could not (bind|create any TCP\/IP sockets)/.test(line)) return "port taken";
  // Both are said while the processes of a killed server are still on their way out.
  if (/pre-existing shared memory block|lock file "[^"]*" already exists/.test(line)) return "predecessor";
  return undefined;
};

interface Attempt {
  readonly child: Child;
  readonly outcome: Outcome;
}

const attempt = async (command: readonly string[], options: PostgresOptions): Promise<Attempt> => {
  const said = Promise.withResolvers<Outcome>();
  let firstWord: Outcome | undefined;
  const child = await startChild({
    command,
    cwd: dirname(options.dir),
    env: cleanEnvironment(),
    stopPlan,
    onLog: (line) => {
      firstWord ??= outcomeOf(line);
      if (firstWord === "ready") said.resolve("ready");
      options.onLog?.(line);
    },
  });
  const timer = setTimeout(() => said.resolve("failed"), startTimeoutMs);
  // A refusal counts once the process has ended, so that nothing of it is in the way of the next attempt.
  void child.exited.then(() => setImmediate(() => said.resolve(firstWord ?? "failed")));
  const outcome = await said.promise;
  clearTimeout(timer);
  if (outcome !== "ready") await child.stop();
  return { child, outcome };
};

const startFailed = (dir: string, child: Child): EmbeddedFailure =>
  new EmbeddedFailure(
    "embedded.start_failed",
    `Postgres did not start on ${dir}:\n  ${child.recentLines().slice(-12).join("\n  ")}`,
  );

const flagsOf = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

const start = async (cluster: ClusterOptions, options: PostgresOptions): Promise<[Child, number]> => {
  const settings = { ...(cluster.durable ? {} : unsafeButFast), ...options.settings };
  const deadlineMs = performance.now() + predecessorTimeoutMs;
  let portAttempts = 0;
  for (;;) {
    await awaitPredecessor(cluster.dir);
    const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
    const server = [cluster.binaries.postgres, "-D", cluster.dir, "-p", String(port)];
    const here = flagsOf({ listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings });
    // The namespace comes first: entering it changes credentials, which would undo the death signal.
    const command = [...cluster.identity.prefix, ...withParentDeathSignal("INT", [...server, ...here])];
    const { child, outcome } = await attempt(command, { ...options, dir: cluster.dir });
    if (outcome === "ready") return [child, port];
    if (outcome === "predecessor" && performance.now() < deadlineMs) await wait(pollMs);
    else if (outcome === "port taken" && !options.port && ++portAttempts < portAttemptsMax) continue;
    else throw startFailed(cluster.dir, child);
  }
};

export interface EmbeddedPostgres extends Embedded {
  /** As the program says it: `18.4`. */
  readonly version: string;
}

const versionOf = async (postgres: string, prefix: readonly string[]): Promise<string> => {
  const [program = "", ...args] = [...prefix, postgres, "--version"];
  const result = await runCommand(program, args);
  return /\d+(\.\d+|beta\d+|rc\d+|devel)/.exec(result.stdout)?.[0] ?? "unknown";
};

/**
 * Starts Postgres on `dir` and 127.0.0.1 alone, making the cluster and the database `tagwire` when missing.
 * `url` is the superuser's. An earlier server that is still shutting down on the same data is awaited for 15 s.
 *
 * Throws `EmbeddedFailure`: `embedded.data_in_use`, `embedded.data_version`, `embedded.start_failed`,
 * `embedded.program_failed`, `embedded.platform_unsupported`.
 */
export const startPostgres = async (options: PostgresOptions): Promise<EmbeddedPostgres> => {
  const dir = resolve(options.dir);
  const binaries = findPostgresBinaries();
  const identity = await choosePostgresIdentity(binaries);
  const env = cleanEnvironment();
  const cluster: ClusterOptions = { dir, binaries, identity, env, durable: options.durable ?? true };
  const version = await versionOf(binaries.postgres, identity.prefix);
  await awaitPredecessor(dir);
  const password = await prepareCluster(cluster, String(Number.parseInt(version, 10)));
  const [child, port] = await start(cluster, options);
  return {
    pid: child.pid,
    url: `postgres://${superuser}:${password}@127.0.0.1:${port}/${databaseName}`,
    stop: child.stop,
    exited: child.exited,
    version,
  };
};
