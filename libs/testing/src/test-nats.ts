import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "@tagwire/embedded";
import { inject } from "vitest";

export type TestNats = {
  readonly url: string;
  readonly pid: number;
  /** Ends the server and starts it again at the same address, with the same store: what it holds in memory is gone. */
  readonly restart: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** A real nats-server of its own with an empty JetStream store, on a free port. Gone when disposed. */
export const testNats = async (): Promise<TestNats> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-nats-"));
  const bin = inject("natsServerBin");
  let server = await startNats({ bin, dir: folder });
  const { url } = server;
  return {
    url,
    get pid() {
      return server.pid;
    },
    restart: async () => {
      await server.stop();
      server = await startNats({ bin, dir: folder, port: Number(new URL(url).port) });
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
