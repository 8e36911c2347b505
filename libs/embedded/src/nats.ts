import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { EmbeddedFailure } from "./failure.ts";
import { freePort } from "./free-port.ts";
import { withParentDeathSignal } from "./guard.ts";
import { type MqttListener, mqttConfig } from "./nats-config.ts";
import { identityOf, isSameProcess, type ProcessIdentity } from "./process-identity.ts";
import { type Child, type Embedded, type StopPlan, startChild } from "./running.ts";

export interface NatsOptions {
  /** The nats-server program, as `findNatsServer` names it. */
  readonly bin: string;
  /** Holds the JetStream store and nothing of anybody else; made when missing. */
  readonly dir: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly onLog?: (line: string) => void;
  /** Opens a listener for MQTT as well. Port 0 takes any free one. */
  readonly mqtt?: MqttListener;
}

/** A running nats-server; `mqttPort` is that of its listener for MQTT, when it has one. */
export type EmbeddedNats = Embedded & { readonly mqttPort: number | undefined };

const startTimeoutMs = 20_000;
const predecessorTimeoutMs = 15_000;
const pollMs = 10;

/** SIGTERM closes clients and flushes the store. */
const stopPlan: StopPlan = [{ signal: "SIGTERM", patienceMs: 5_000 }];

const ownerFileOf = (dir: string): string => join(dir, "owner.json");

const readOwner = (dir: string): ProcessIdentity | undefined => {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFileOf(dir), "utf8"));
    if (typeof owner !== "object" || owner === null || !("pid" in owner) || !("startTicks" in owner)) return;
    const { pid, startTicks } = owner;
    if (typeof pid !== "number") return;
    return { pid, startTicks: typeof startTicks === "number" ? startTicks : null };
  } catch {
    return undefined; // Missing, or half written by a process that was killed: then it started nothing either.
  }
};

/** nats-server does not lock its store, and two servers on one store ruin it; so we do. */
const awaitPredecessor = async (dir: string): Promise<void> => {
  const owner = readOwner(dir);
  const deadlineMs = performance.now() + predecessorTimeoutMs;
  while (owner !== undefined && isSameProcess(owner)) {
    if (performance.now() > deadlineMs) {
      throw new EmbeddedFailure(
        "embedded.data_in_use",
        `nats-server ${owner.pid} already runs on ${dir}. Stop it first.`,
      );
    }
    await wait(pollMs);
  }
};

/** The address from a ports file such as `{"nats":["nats://127.0.0.1:41235"]}`; `undefined` while it is not whole. */
export const parsePorts = (text: string): string | undefined => {
  try {
    const ports: unknown = JSON.parse(text);
    if (typeof ports !== "object" || ports === null || !("nats" in ports) || !Array.isArray(ports.nats))
      return;
    return ports.nats.find((url: unknown): url is string => typeof url === "string");
  } catch {
    return undefined;
  }
};

const failed = (child: Child, what: string): EmbeddedFailure =>
  new EmbeddedFailure(
    what.includes("within") ? "embedded.start_timeout" : "embedded.start_failed",
    `nats-server ${what}:\n  ${child.recentLines().slice(-12).join("\n  ")}`,
  );

const awaitAddress = async (child: Child, portsFolder: string): Promise<string> => {
  const deadlineMs = performance.now() + startTimeoutMs;
  while (performance.now() < deadlineMs) {
    if (child.hasExited()) throw failed(child, "ended while starting");
    const file = readdirSync(portsFolder).find((name) => name.endsWith(`_${child.pid}.ports`));
    const url = file === undefined ? undefined : parsePorts(readFileSync(join(portsFolder, file), "utf8"));
    if (url !== undefined) return url;
    await wait(pollMs);
  }
  throw failed(child, `was not ready within ${startTimeoutMs} ms`);
};

/** Nobody connects with it: clients without a password are who has it. */
const passwordBytes = 32;

/** Writes what flags cannot say, and gives the flag that names it. */
const configure = (dir: string, mqtt: MqttListener): string[] => {
  const file = join(dir, "nats.conf");
  writeFileSync(file, mqttConfig(mqtt, randomBytes(passwordBytes).toString("base64url")), { mode: 0o600 });
  return ["-c", file];
};

/**
 * Starts nats-server with JetStream on 127.0.0.1 alone. Streams are kept in `dir` from one start to the next. An
 * earlier server that is still shutting down on the same folder is awaited for 15 s.
 *
 * Throws `EmbeddedFailure`: `embedded.data_in_use`, `embedded.start_failed`, `embedded.start_timeout`,
 * `embedded.program_missing`.
 */
export const startNats = async (options: NatsOptions): Promise<EmbeddedNats> => {
  const dir = resolve(options.dir);
  const portsFolder = join(dir, "ports");
  mkdirSync(portsFolder, { recursive: true });
  // Nobody else's: what is in it is not encrypted, and the folder above may let others pass.
  chmodSync(dir, 0o700);
  await awaitPredecessor(dir);
  for (const name of readdirSync(portsFolder)) rmSync(join(portsFolder, name), { force: true });
  const port = options.port === undefined || options.port === 0 ? "-1" : String(options.port);
  const { mqtt } = options;
  const mqttPort = mqtt?.port === 0 ? await freePort() : mqtt?.port;
  const config =
    mqtt === undefined || mqttPort === undefined ? [] : configure(dir, { ...mqtt, port: mqttPort });
  const listen = ["-a", "127.0.0.1", "-p", port, "--ports_file_dir", portsFolder];
  const child = await startChild({
    command: withParentDeathSignal("TERM", [
      options.bin,
      ...config,
      "-js",
      "-sd",
      join(dir, "store"),
      ...listen,
    ]),
    stopPlan,
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  try {
    writeFileSync(
      ownerFileOf(dir),
      JSON.stringify(identityOf(child.pid) ?? { pid: child.pid, startTicks: null }),
    );
    const url = await awaitAddress(child, portsFolder);
    return { pid: child.pid, url, mqttPort, stop: child.stop, exited: child.exited };
  } catch (error) {
    await child.stop();
    throw error;
  }
};
