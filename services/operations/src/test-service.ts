import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Bus, request } from "@tagwire/bus";
import {
  type Command,
  type CommandKind,
  type CommandResult,
  commandSubject,
  Fault,
  newId,
  type Scan,
} from "@tagwire/messages";
import { plainEnvironment } from "@tagwire/testing";
import { traceparent } from "./actors/test-acts.ts";

/** Whatever a slow machine takes: a process that ends is noticed at once. */
const startTimeoutMs = 120_000;
const answersTries = 600;
const retryDelayMs = 50;

export type RunningService = {
  readonly child: ChildProcess;
  /** SIGTERM; gives the exit code. */
  readonly stop: () => Promise<number | null>;
  /** SIGKILL: nothing is handed over. */
  readonly kill: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** The real service as a process of its own; resolves once `/readyz` says yes. */
export const startService = async (options: {
  databaseUrl: string;
  natsUrl: string;
  leaseTtlMs?: number;
}): Promise<RunningService> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-operations-"));
  const endpoint = join(folder, "endpoint.json");
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...plainEnvironment(),
      DATABASE_URL: options.databaseUrl,
      NATS_URL: options.natsUrl,
      LEASE_TTL_MS: String(options.leaseTtlMs ?? 1_500),
      ENDPOINT_FILE: endpoint,
      LOG_LEVEL: "fatal",
    },
  });
  const exited = once(child, "exit");
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (!hasExited()) child.kill(signal);
    if (!hasExited()) await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const isReady = async (): Promise<boolean> => {
    const { http } = JSON.parse(await readFile(endpoint, "utf8")) as { http: string };
    return (await fetch(`${http}/readyz`)).ok;
  };
  const giveUpAtMs = performance.now() + startTimeoutMs;
  while (!(await isReady().catch(() => false))) {
    if (hasExited() || performance.now() > giveUpAtMs) {
      await end("SIGKILL");
      throw new Error("operations did not become ready");
    }
    await wait(20);
  }
  return {
    child,
    stop: async () => {
      await end("SIGTERM");
      return child.exitCode;
    },
    kill: () => end("SIGKILL"),
    [Symbol.asyncDispose]: () => end("SIGKILL"),
  };
};

export const commandOf = <K extends CommandKind>(
  kind: K,
  body: Extract<Command, { kind: K }>["body"],
): Extract<Command, { kind: K }> =>
  ({
    ...{ kind, id: newId(), by: { device: "test" }, receivedAt: new Date().toISOString(), traceparent },
    body,
  }) as Extract<Command, { kind: K }>;

export const scanOf = (tag: string, more: Partial<Scan> = {}): Scan => ({
  ...{ id: newId(), tag, type: "touch", scannedAt: new Date().toISOString() },
  ...more,
});

export const send = <K extends CommandKind>(
  bus: Bus,
  site: string,
  command: Extract<Command, { kind: K }>,
  timeoutMs = 10_000,
): Promise<CommandResult[K]> => request(bus, commandSubject(site), command, { timeoutMs });

/** As every caller does: the same command again, with the same ids, until somebody answers it. */
export const insist = async <K extends CommandKind>(
  bus: Bus,
  site: string,
  command: Extract<Command, { kind: K }>,
): Promise<CommandResult[K]> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send<K>(bus, site, command, 2_000);
    } catch (error) {
      if (!(error instanceof Fault && error.retryable) || tries >= answersTries) throw error;
      await wait(retryDelayMs);
    }
  }
};
