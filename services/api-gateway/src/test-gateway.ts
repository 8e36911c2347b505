import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, openBus } from "@tagwire/bus";
import { startTelemetry } from "@tagwire/service";
import { migrate, openStore } from "@tagwire/store";
import { eventually, GiveUp, plainEnvironment, quietLog, testDatabase, testNats } from "@tagwire/testing";
import type { Config } from "./config.ts";
import { openCredentials } from "./edge/credentials.ts";
import { openKnownSites } from "./edge/known-sites.ts";
import { openGateway } from "./gateway.ts";
import { openAdmission } from "./live/admission.ts";
import { type Hub, openHub } from "./live/hub.ts";
import { keepScreenLags } from "./live/keep-screen-lags.ts";
import type { Pace } from "./live/pace.ts";
import { sayScreens } from "./live/screen-rows.ts";
import { type GatewayStore, migrations, schema, type Tables } from "./store/tables.ts";
import { type TransferLimits, transferLimits } from "./transfer/limits.ts";

/** Every change in a frame of its own, so that tests can tell frames apart. */
const atOnce: Pace = { spend: () => {}, restMs: () => 0 };

export const adminKey = "an admin key that only these tests know";

/** A gateway on real NATS and Postgres, listening on a free port. */
export type TestGateway = {
  readonly url: string;
  readonly bus: Bus;
  readonly hub: Hub;
  readonly store: GatewayStore;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly folder: string;
  /** Asks as the admin; `body` is sent as JSON unless it is text. */
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answered>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape; what is wrong with one shows in the expectation
type Body = any;

export type Answered = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
};

export const testConfig = (config: Partial<Config> = {}): Config => ({
  databaseUrl: "",
  natsUrl: "",
  streamReplicas: 1,
  host: "127.0.0.1",
  port: 0,
  publicUrl: undefined,
  trustedProxies: undefined,
  uiDir: undefined,
  adminKeyHash: createHash("sha256").update(adminKey).digest(),
  signInFile: undefined,
  localKeyFile: undefined,
  isPortShared: false,
  isDemo: false,
  probeEveryMs: 0,
  ...config,
});

export const askOf =
  (url: string) =>
  async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: `Bearer ${adminKey}` },
  ): Promise<Answered> => {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== "" ? JSON.parse(text) : text,
    };
  };

export const testGateway = async (
  config: Partial<Config> = {},
  {
    connectionsMax,
    limits,
    pace = atOnce,
    transfers = {},
    env = {},
    wayToNats,
    synthetic,
  }: {
    connectionsMax?: number;
    /** Of the live views. */
    limits?: Parameters<typeof openHub>[1];
    pace?: Pace;
    transfers?: Partial<TransferLimits>;
    env?: Record<string, string>;
    /** Whose key may make test scans. */
    synthetic?: Parameters<typeof openCredentials>[3];
    /** Gives the address by which the gateway itself reaches NATS. */
    wayToNats?: (natsUrl: string) => string;
  } = {},
): Promise<TestGateway> => {
  const stack = new AsyncDisposableStack();
  const telemetry = startTelemetry("api-gateway", env);
  stack.defer(() => telemetry.close());
  const database = stack.use(await testDatabase());
  const nats = stack.use(await testNats());
  const folder = await mkdtemp(join(tmpdir(), "tagwire-gateway-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const log = quietLog();
  await migrate(database.url, schema, migrations);
  const store = await openStore<Tables>({ url: database.url, schema, name: "test", log });
  stack.defer(() => store.close());
  const bus = await openBus({ url: wayToNats?.(nats.url) ?? nats.url, name: "test", log });
  stack.defer(() => bus.close());
  const hub = openHub(bus, limits, pace);
  stack.defer(() => hub.close());
  const keeper = keepScreenLags(store.sql, hub.screenLags, log, (written) => sayScreens(bus, written));
  stack.defer(() => keeper.close());
  const settings = testConfig({ databaseUrl: database.url, natsUrl: nats.url, ...config });
  const app = await openGateway({
    bus,
    store,
    log,
    config: settings,
    credentials: openCredentials(store, settings.adminKeyHash, log, synthetic),
    sites: openKnownSites(bus),
    hub,
    admission: openAdmission(connectionsMax),
    metricsText: telemetry.metricsText,
    transfers: { ...transferLimits, ...transfers },
  });
  stack.defer(() => app.close());
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    bus,
    hub,
    store,
    folder,
    databaseUrl: database.url,
    natsUrl: nats.url,
    ask: askOf(url),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

/** Whatever a slow machine takes: a process that ends is noticed at once. */
const startTimeoutMs = 120_000;

/** Another service as a process of its own, once it says that it is ready. */
export const startService = async (
  name: string,
  {
    databaseUrl,
    natsUrl,
    folder,
    env = {},
  }: { databaseUrl: string; natsUrl: string; folder: string; env?: NodeJS.ProcessEnv },
): Promise<{
  endpoint: Record<string, unknown>;
  output: () => string;
  exitCode: () => Promise<number | null>;
  [Symbol.asyncDispose]: () => Promise<void>;
}> => {
  const endpointFile = join(folder, `${name}.json`);
  const main = join(import.meta.dirname, "../..", name, "src/main.ts");
  const child = spawn(process.execPath, [main], {
    env: {
      ...plainEnvironment(),
      DATABASE_URL: databaseUrl,
      NATS_URL: natsUrl,
      SERVICE_PORT: "0",
      ENDPOINT_FILE: endpointFile,
      LOG_LEVEL: "warn",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const isReady = async () => {
    if (child.exitCode !== null) throw new GiveUp(`${name} ended: ${output}`);
    const told = JSON.parse(await readFile(endpointFile, "utf8"));
    const { status } = await fetch(`${told.http}/readyz`);
    return status === 200 || name === "api-gateway" ? told : undefined;
  };
  const endpoint = await eventually(`${name} is ready`, isReady, startTimeoutMs);
  return {
    endpoint,
    output: () => output,
    exitCode: async () => child.exitCode,
    [Symbol.asyncDispose]: () => end(child),
  };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
};
