import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer, startPostgres } from "@tagwire/embedded";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
    natsServerBin: string;
  }
}

const connectionsMax = "300";

/**
 * Once for the whole run: a real Postgres (not durable: its data is thrown away) and the path of a real nats-server.
 * Each test makes its own database and its own server from these.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-test-"));
  const [postgres, nats] = await Promise.all([
    startPostgres({
      dir: join(folder, "postgres"),
      durable: false,
      settings: { max_connections: connectionsMax },
    }),
    findNatsServer({ cacheDir: join(import.meta.dirname, "../../../.tagwire/bin") }),
  ]);
  project.provide("postgresUrl", postgres.url);
  project.provide("natsServerBin", nats.path);
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
