import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "@tagwire/embedded";
import { inject } from "vitest";

export type TestNats = {
  readonly url: string;
  readonly pid: number;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** A real nats-server of its own with an empty JetStream store, on a free port. Gone when disposed. */
export const testNats = async (): Promise<TestNats> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-nats-"));
  const server = await startNats({ bin: inject("natsServerBin"), dir: folder });
  return {
    url: server.url,
    pid: server.pid,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
