import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "@tagwire/embedded";
import { inject } from "vitest";

export type TestNats = {
  readonly url: string;
  readonly pid: number;
  /** Where readers publish over MQTT; undefined unless an issuer was named. */
  readonly mqttUrl: string | undefined;
  /** Ends the server, with a signal if one is given, and starts it again at the same address, with the same store: what it holds in memory is gone. */
  readonly restart: (signal?: NodeJS.Signals) => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/**
 * A real nats-server of its own with an empty JetStream store, on a free port. Gone when disposed. `mqttIssuer` is the public key of whoever
 * says who may publish over MQTT.
 */
export const testNats = async ({ mqttIssuer }: { readonly mqttIssuer?: string } = {}): Promise<TestNats> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-nats-"));
  const bin = inject("natsServerBin");
  const mqttAt = (port: number) =>
    mqttIssuer === undefined ? {} : { mqtt: { host: "127.0.0.1", port, issuer: mqttIssuer } };
  let server = await startNats({ bin, dir: folder, ...mqttAt(0) });
  const { url, mqttPort } = server;
  return {
    url,
    mqttUrl: mqttPort === undefined ? undefined : `mqtt://127.0.0.1:${mqttPort}`,
    get pid() {
      return server.pid;
    },
    restart: async (signal) => {
      if (signal !== undefined) process.kill(server.pid, signal);
      await server.stop();
      server = await startNats({
        bin,
        dir: folder,
        port: Number(new URL(url).port),
        ...mqttAt(mqttPort ?? 0),
      });
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
