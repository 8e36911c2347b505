import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeFlagsOf } from "@tagwire/embedded";
import { eventually, GiveUp } from "./eventually.ts";
import { plainEnvironment } from "./plain-environment.ts";
import { root } from "./project-files.ts";
import { testDatabase } from "./test-database.ts";
import { testNats } from "./test-nats.ts";

export const stackServices = ["operations", "manager", "reader-gateway", "api-gateway"] as const;
/** Audits put barriers into the logs of sites, and most tests know no old system: only tests that are about these have them. */
export type StackService = (typeof stackServices)[number] | "health-check" | "rfidpro-backup";

export type RunningService = {
  readonly pid: number;
  readonly http: string;
  /** Ends the process with a signal and waits until it is gone. */
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>;
};

export type Answer = { readonly status: number; readonly body: unknown; readonly headers: Headers };

export type Stack = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** The public address. */
  readonly http: string;
  readonly key: string;
  readonly service: (name: StackService) => RunningService;
  /** Starts a service again after it was killed. */
  readonly start: (name: StackService) => Promise<void>;
  /** One call of the public API as an administrator; `path` begins after `/api/v1`. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly logs: (name: StackService) => string;
  /** Ends nats-server as a power cut does, and starts it again at the same address with the same store. */
  readonly restartNats: () => Promise<void>;
  /** Sets the clock of a service this many ms ahead of what is right, as it runs; only where `settableClocks` is set. */
  readonly setClock: (name: StackService, aheadMs: number) => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

const clockModule = join(root, "libs/testing/src/settable-clock.ts");
const logBytesMax = 512 * 1024;
/** A service starts within a second or two; on a machine that runs everything else at once it may take this long, in ms. */
const readyWithinMs = 120_000;

type Child = { readonly process: ChildProcess; readonly http: string; readonly public: string | undefined };

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (!isAlive(child)) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
};

/**
 * The product itself for a test: every service as its own process, with as much memory as `npm start` gives it, on a real Postgres and a
 * real nats-server of this test alone, all on loopback and free ports. Everything ends when it is disposed.
 */
export const startStack = async (
  options: {
    env?: Readonly<Record<string, string>>;
    services?: readonly StackService[];
    /** The clocks of the services can be set while they run. */
    settableClocks?: boolean;
  } = {},
): Promise<Stack> => {
  const folder = await mkdtemp(join(tmpdir(), "tagwire-stack-"));
  const [database, nats] = await Promise.all([testDatabase(), testNats()]);
  const key = randomBytes(24).toString("hex");
  const children = new Map<StackService, Child>();
  const logs = new Map<StackService, string>();
  let publicPort = "0";

  const clockFile = (name: StackService): string => join(folder, `${name}-clock`);

  const start = async (name: StackService): Promise<void> => {
    const endpointFile = join(folder, `${name}-${randomBytes(4).toString("hex")}.json`);
    const file = join(root, "services", name, "src/main.ts");
    const clock = options.settableClocks === true ? ["--import", clockModule] : [];
    if (clock.length > 0 && !existsSync(clockFile(name))) await writeFile(clockFile(name), "0");
    const child = spawn(process.execPath, [...nodeFlagsOf(file), ...clock, file], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...plainEnvironment(),
        DATABASE_URL: database.url,
        NATS_URL: nats.url,
        SERVICE_PORT: "0",
        ENDPOINT_FILE: endpointFile,
        CLOCK_FILE: clockFile(name),
        LOG_LEVEL: "info",
        TAGWIRE_DEMO: "0",
        PUBLIC_PORT: publicPort,
        TAGWIRE_ADMIN_KEY: key,
        TALLIES_DIR: join(folder, "tallies"),
        UI_DIR: join(root, "services/operations-ui/dist"),
        ...options.env,
      },
    });
    const keep = (chunk: Buffer) =>
      logs.set(name, ((logs.get(name) ?? "") + chunk.toString()).slice(-logBytesMax));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const ready = await eventually(
      `${name} is ready`,
      async () => {
        if (!isAlive(child)) throw new GiveUp(`${name} ended`);
        const told = JSON.parse(await readFile(endpointFile, "utf8")) as { http: string; public?: string };
        const probe = await fetch(`${told.http}/readyz`);
        await probe.body?.cancel();
        return probe.status === 200 ? told : undefined;
      },
      readyWithinMs,
    ).catch((cause: unknown) => {
      child.kill("SIGKILL");
      throw new Error(`${name} did not get ready: ${(logs.get(name) ?? "").slice(-4_000)}`, { cause });
    });
    children.set(name, { process: child, http: ready.http, public: ready.public });
    if (ready.public !== undefined) publicPort = new URL(ready.public).port;
  };

  const childOf = (name: StackService): Child => {
    const child = children.get(name);
    if (child === undefined) throw new Error(`${name} does not run`);
    return child;
  };

  const dispose = async () => {
    await Promise.all([...children.values()].map(({ process: child }) => end(child, "SIGKILL")));
    await Promise.all([nats[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
    await rm(folder, { recursive: true, force: true });
  };

  const wanted = options.services ?? stackServices;
  try {
    // The edge is ready only when what it asks is there.
    await Promise.all(wanted.filter((name) => name !== "api-gateway").map(start));
    if (wanted.includes("api-gateway")) await start("api-gateway");
  } catch (error) {
    await dispose();
    throw error;
  }

  return {
    databaseUrl: database.url,
    natsUrl: nats.url,
    key,
    get http() {
      return childOf("api-gateway").public ?? "";
    },
    service: (name) => {
      const { process: child, http } = childOf(name);
      return { pid: child.pid ?? -1, http, kill: (signal = "SIGKILL") => end(child, signal) };
    },
    start,
    call: async (method, path, body, headers = {}) => {
      const response = await fetch(`${childOf("api-gateway").public}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get("content-type") ?? "");
      return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
    },
    logs: (name) => logs.get(name) ?? "",
    restartNats: () => nats.restart("SIGKILL"),
    setClock: async (name, aheadMs) => {
      await writeFile(clockFile(name), String(aheadMs));
      childOf(name).process.kill("SIGUSR2");
      await eventually(`the clock of ${name} is set`, async () =>
        (await readFile(`${clockFile(name)}.read`, "utf8")) === String(aheadMs) ? true : undefined,
      );
    },
    [Symbol.asyncDispose]: dispose,
  };
};
