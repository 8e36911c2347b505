import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAccount } from "@nats-io/nkeys";
import { type EmbeddedPostgres, findNatsServer, startNats, startPostgres } from "@tagwire/embedded";
import type { Children } from "./children.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Halt } from "./halt.ts";
import { openLogFile } from "./log-file.ts";
import { checkPostgres } from "./postgres-check.ts";
import type { Progress } from "./progress.ts";
import { checkNats } from "./server-check.ts";
import { mqttIssuerFileOf } from "./services.ts";
import { type Running, type Supervised, supervise } from "./supervisor.ts";

/** Room for people who look in, and for the pools of one process of each service; with more of them for theirs. */
const connectionsOf = (replicas: number): number => 100 + 100 * replicas;

/** A server the services need: one that we run, or one that was named (then nothing is supervised). */
export interface Server {
  readonly url: string;
  readonly supervised: Supervised<Running> | undefined;
}

export interface ServerOptions {
  readonly folder: DataFolder;
  readonly children: Children;
  readonly progress: Progress;
  readonly onChange: () => void;
  readonly halt: Halt;
  /** How many processes of each service will ask. */
  readonly replicas: number;
}

const noted = <T extends Running>(children: Children, running: T): T => {
  children.note(running.pid);
  void running.exited.then(() => children.forget(running.pid));
  return running;
};

export const openPostgres = (
  url: string | undefined,
  options: ServerOptions,
): Promise<Server & { done: string }> =>
  options.progress.step("starting Postgres", async () => {
    if (url !== undefined) {
      return {
        url,
        supervised: undefined,
        done: `Postgres ${await checkPostgres(url)} of DATABASE_URL answers`,
      };
    }
    const log = openLogFile(join(options.folder.logs, "postgres.log"));
    let port = 0;
    const start = async (): Promise<EmbeddedPostgres> => {
      const wanted = { max_connections: String(connectionsOf(options.replicas)), shared_buffers: "256MB" };
      const settings = { dir: options.folder.postgres, port, settings: wanted, onLog: log.write };
      const running = noted(options.children, await startPostgres(settings));
      // Services keep the address they were given, so a restart must come back at the same one.
      port = Number(new URL(running.url).port);
      return running;
    };
    const { say } = options.progress;
    const supervised = await supervise({ name: "Postgres", start, say, onChange: options.onChange });
    const first = supervised.current();
    if (first === undefined) throw new Error("Postgres ended right after its start");
    return { url: first.url, supervised, done: `Postgres ${first.version} ready` };
  });

/** A nats-server, and where readers publish over MQTT when it is ours. */
export interface NatsServer extends Server {
  readonly mqttUrl: string | undefined;
}

/** Makes the key with which the reader-gateway answers for readers, for as long as this nats-server runs; gives its public half. */
const makeIssuer = (file: string): string => {
  const issuer = createAccount();
  writeFileSync(file, issuer.getSeed(), { mode: 0o600 });
  return issuer.getPublicKey();
};

export interface NatsServerOptions extends ServerOptions {
  readonly cacheDir: string;
  readonly mqtt: { readonly host: string; readonly port: number };
}

export const openNats = (
  url: string | undefined,
  options: NatsServerOptions,
): Promise<NatsServer & { done: string }> =>
  options.progress.step("starting nats-server", async (note) => {
    const { cacheDir } = options;
    if (url !== undefined) {
      const done = `nats-server ${await checkNats(url)} of NATS_URL answers`;
      return { url, supervised: undefined, mqttUrl: undefined, done };
    }
    const found = await options.halt.unless(findNatsServer({ cacheDir, onProgress: note }));
    const log = openLogFile(join(options.folder.logs, "nats.log"));
    const issuer = makeIssuer(mqttIssuerFileOf(options.folder));
    let port = 0;
    let mqtt = { ...options.mqtt, issuer };
    const start = async () => {
      const settings = { bin: found.path, dir: options.folder.nats, port, mqtt, onLog: log.write };
      const running = noted(options.children, await startNats(settings));
      port = Number(new URL(running.url).port);
      mqtt = { ...mqtt, port: running.mqttPort ?? mqtt.port };
      return running;
    };
    const { say } = options.progress;
    const supervised = await supervise({ name: "nats-server", start, say, onChange: options.onChange });
    const first = supervised.current();
    if (first === undefined) throw new Error("nats-server ended right after its start");
    const done = `nats-server ${found.version} ready (from ${found.source})`;
    return { url: first.url, supervised, mqttUrl: `mqtt://${mqtt.host}:${mqtt.port}`, done };
  });
