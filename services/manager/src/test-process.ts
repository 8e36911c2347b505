import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, plainEnvironment } from "@tagwire/testing";
import type { Floor } from "./test-floor.ts";

export type Running = {
  readonly http: string;
  readonly child: ChildProcess;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** The service as it is run: a process of its own. */
export const runManager = async (
  floor: Floor,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-manager-"));
  const endpointFile = join(folder, "endpoint.json");
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: {
      ...plainEnvironment(),
      DATABASE_URL: floor.databaseUrl,
      NATS_URL: floor.natsUrl,
      SERVICE_PORT: "0",
      ENDPOINT_FILE: endpointFile,
      LOG_LEVEL: "error",
      ...env,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const { http } = await eventually("the manager's address", async () => {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
    return JSON.parse(await readFile(endpointFile, "utf8")) as { http: string };
  });
  return {
    http,
    child,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Ends it as a crash would: nothing is closed, nothing is handed over. */
export const crash = async ({ child }: Running): Promise<void> => {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
};
