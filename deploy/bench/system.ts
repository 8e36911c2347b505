import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Child,
  compiledCodeFolder,
  findNatsServer,
  nodeFlagsOf,
  startChild,
  startNats,
  startPostgres,
  withParentDeathSignal,
} from "@tagwire/embedded";

const root = resolve(import.meta.dirname, "../..");
const serviceNames = [
  "reader-gateway",
  "operations",
  "manager",
  "health-check",
  "rfidpro-backup",
  "api-gateway",
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** The same as the launcher's, so that what is measured is what people run. */
const postgresSettings = { max_connections: "200", shared_buffers: "256MB" };
const readyTimeoutMs = 60_000;
const pollMs = 50;
const lastLinesMax = 12;
const stopPlan = [{ signal: "SIGTERM", patienceMs: 8_000 }] as const;

export type RunningProgram = { readonly name: string; readonly pid: number; readonly http: string };

export type System = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** The public address. */
  readonly http: string;
  readonly key: string;
  readonly services: readonly (RunningProgram & { readonly name: ServiceName })[];
  readonly postgresPid: number;
  readonly natsPid: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Starts another program of this folder beside the services; it says `ready <address>` once it answers. */
  readonly startBeside: (file: string) => Promise<string>;
  /** Services that ended though nobody stopped them, each with its last lines. */
  readonly ended: () => readonly string[];
};

type Told = { readonly http: string; readonly public?: string };

const isReady = async ({ http }: Told): Promise<boolean> => {
  const answer = await fetch(`${http}/readyz`);
  await answer.body?.cancel();
  return answer.status === 200;
};

const untilReady = async (name: string, child: Child, file: string): Promise<Told> => {
  const giveUpAtMs = performance.now() + readyTimeoutMs;
  while (performance.now() < giveUpAtMs && !child.hasExited()) {
    const told = await readFile(file, "utf8")
      .then((text): Told => JSON.parse(text))
      .catch(() => undefined);
    if (told !== undefined && (await isReady(told).catch(() => false))) return told;
    await wait(pollMs);
  }
  throw new Error(`${name} did not get ready:\n  ${child.recentLines().slice(-8).join("\n  ")}`);
};

/**
 * Starts the whole system for `use` alone: a durable Postgres and a nats-server with their own files in a temporary
 * folder, and the services as processes. Everything is stopped and removed afterwards, whatever happened.
 */
export const withSystem = async <T>(use: (system: System) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-bench-"));
  const opened: { readonly stop: () => Promise<void> }[] = [];
  const keep = <O extends { readonly stop: () => Promise<void> }>(one: O): O => {
    opened.push(one);
    return one;
  };
  try {
    return await use(await start(folder, keep));
  } finally {
    for (const one of opened.reverse()) await one.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const start = async (
  folder: string,
  keep: <O extends { readonly stop: () => Promise<void> }>(one: O) => O,
): Promise<System> => {
  const found = await findNatsServer({ cacheDir: join(root, ".tagwire", "bin") });
  const postgres = keep(
    await startPostgres({ dir: join(folder, "postgres"), settings: postgresSettings, durable: true }),
  );
  const nats = keep(await startNats({ bin: found.path, dir: join(folder, "nats") }));
  const key = randomBytes(24).toString("hex");

  const startProgram = async (file: string, env: NodeJS.ProcessEnv = {}): Promise<Child> =>
    keep(
      await startChild({
        command: withParentDeathSignal("KILL", [process.execPath, ...nodeFlagsOf(file), file]),
        cwd: root,
        stopPlan,
        env: {
          NODE_COMPILE_CACHE: compiledCodeFolder(root),
          ...process.env,
          DATABASE_URL: postgres.url,
          NATS_URL: nats.url,
          LOG_LEVEL: "warn",
          ...env,
        },
      }),
    );
  const started: { readonly name: ServiceName; readonly child: Child }[] = [];
  const startService = async (name: ServiceName) => {
    const endpointFile = join(folder, `${name}.json`);
    const child = await startProgram(join(root, "services", name, "src/main.ts"), {
      SERVICE_PORT: "0",
      ENDPOINT_FILE: endpointFile,
      TAGWIRE_DEMO: "0",
      PUBLIC_PORT: "0",
      TAGWIRE_ADMIN_KEY: key,
      UI_DIR: join(root, "services/operations-ui/dist"),
      // What a reader holds back is waited for before its ledger is looked at.
      READER_RE_REPORT_SECONDS: "5",
      // As the launcher has it: that what is taken is written down is part of what reading costs.
      TALLIES_DIR: join(folder, "tallies"),
    });
    const told = await untilReady(name, child, endpointFile);
    started.push({ name, child });
    return { name, pid: child.pid, ...told };
  };

  // The edge is ready only when what it asks is there, so it comes last.
  const inner = await Promise.all(serviceNames.slice(0, -1).map(startService));
  const edge = await startService("api-gateway");
  return {
    databaseUrl: postgres.url,
    natsUrl: nats.url,
    http: edge.public ?? "",
    key,
    services: [...inner, edge],
    postgresPid: postgres.pid,
    natsPid: nats.pid,
    versions: { node: process.versions.node, postgres: postgres.version, "nats-server": found.version },
    ended: () =>
      started.flatMap(({ name, child }) =>
        child.hasExited()
          ? [`${name} has ended:\n  ${child.recentLines().slice(-lastLinesMax).join("\n  ")}`]
          : [],
      ),
    startBeside: async (file) => {
      const child = await startProgram(join(import.meta.dirname, file));
      const giveUpAtMs = performance.now() + readyTimeoutMs;
      while (performance.now() < giveUpAtMs && !child.hasExited()) {
        const ready = child.recentLines().find((line) => line.startsWith("ready "));
        if (ready !== undefined) return ready.slice("ready ".length);
        await wait(pollMs);
      }
      throw new Error(`${file} did not get ready:\n  ${child.recentLines().join("\n  ")}`);
    },
  };
};
