import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, GiveUp, plainEnvironment, testDatabase, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Endpoints } from "./endpoints.ts";
import { checkPostgres } from "./postgres-check.ts";
import { identify } from "./process-lock.mjs";
import { checkNats } from "./server-check.ts";

const root = join(import.meta.dirname, "../..");
const key = randomBytes(24).toString("hex");
/** The promise of SIGTERM, in ms. */
const stopWithinMs = 10_000;
let folder = "";
const launched = new Set<ChildProcess>();

beforeAll(async () => {
  // What whoever runs the tests may have set for a Tagwire of their own; whatever heeds it fails.
  for (const name of ["DATABASE_URL", "NATS_URL", "TAGWIRE_PORT"]) vi.stubEnv(name, "of somebody else");
  folder = await mkdtemp(join(tmpdir(), "tagwire-launch-"));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const child of launched) child.kill("SIGTERM");
  await Promise.all([...launched].map((child) => ended(child)));
  await rm(folder, { recursive: true, force: true });
});

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", resolve));

const launch = (...options: string[]) => launchWith({}, ...options);

const launchWith = (env: NodeJS.ProcessEnv, ...options: string[]) => {
  const child = spawn(
    process.execPath,
    ["deploy/local/launch.ts", "--port", "0", "--data", folder, ...options],
    {
      cwd: root,
      env: { ...plainEnvironment(), TAGWIRE_ADMIN_KEY: key, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  launched.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ready = () =>
    eventually(
      "the ready line",
      () => {
        if (child.exitCode !== null) throw new GiveUp(output);
        return /^tagwire ready (http:\/\/127\.0\.0\.1:\d+)$/m.exec(output)?.[1];
      },
      90_000,
    );
  return { child, output: () => output, ready };
};

const get = (url: string, path: string) =>
  fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });

test("a start is ready, alone on its data, survives kill -9 of the launcher and stops in time", async () => {
  const first = launch("--no-demo");
  const url = await first.ready();
  const sites = await get(url, "/sites");
  expect(await sites.json()).toEqual({ data: [], nextCursor: null });

  const endpointsFile = join(folder, "endpoints.json");
  expect((await stat(endpointsFile)).mode & 0o777).toBe(0o600);
  const endpoints = JSON.parse(await readFile(endpointsFile, "utf8")) as Endpoints;
  expect(endpoints).toMatchObject({
    http: url,
    database: expect.stringMatching(/^postgres:\/\/\S+@127\.0\.0\.1:\d+\/tagwire$/),
    nats: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/),
    mqtt: expect.stringMatching(/^mqtt:\/\/127\.0\.0\.1:\d+$/),
  });
  expect(endpoints.services.map(({ name }) => name).sort()).toEqual([
    "api-gateway",
    "health-check",
    "manager",
    "operations",
    "reader-gateway",
    "rfidpro-backup",
  ]);
  for (const { name, pid, http } of endpoints.services) {
    expect(identify(pid), name).toBeDefined();
    expect((await fetch(new URL("/readyz", http))).status, name).toBe(200);
  }
  for (const pid of [endpoints.postgresPid, endpoints.natsPid]) expect(identify(pid ?? -1)).toBeDefined();
  // Every step that a person waits for has said that it is done.
  for (const step of ["Postgres", "nats-server", "UI", ...endpoints.services.map(({ name }) => name)])
    expect(first.output()).toMatch(new RegExp(`^✓ ${step} .*\\(\\d+\\.\\d s\\)$`, "m"));

  const second = launch("--no-demo");
  expect(await ended(second.child)).toBe(1);
  expect(second.output()).toContain(String(first.child.pid));

  first.child.kill("SIGKILL");
  await ended(first.child);
  const third = launch("--no-demo");
  await third.ready();

  const askedAt = performance.now();
  third.child.kill("SIGTERM");
  expect(await ended(third.child)).toBe(0);
  expect(performance.now() - askedAt).toBeLessThan(stopWithinMs);
  await expect(stat(endpointsFile)).rejects.toThrow();
});

test("servers that were named are used, said not to be ours, and left running", async () => {
  await using database = await testDatabase();
  await using nats = await testNats();
  const data = join(folder, "external");
  const launched = launchWith(
    { DATABASE_URL: database.url, NATS_URL: nats.url },
    "--no-demo",
    "--data",
    data,
  );
  const url = await launched.ready();
  expect((await get(url, "/sites")).status).toBe(200);
  expect(JSON.parse(await readFile(join(data, "endpoints.json"), "utf8"))).toMatchObject({
    database: database.url,
    nats: nats.url,
    postgresPid: null,
    natsPid: null,
  });
  launched.child.kill("SIGTERM");
  expect(await ended(launched.child)).toBe(0);
  expect((await readdir(data)).sort()).toEqual(["logs", "rfidpro", "tallies"]);
  expect(await checkPostgres(database.url)).toMatch(/^\d/);
  expect(await checkNats(nats.url)).toMatch(/^\d/);
});

test("help is an answer and starts nothing", async () => {
  const help = launch("--help");
  expect(await ended(help.child)).toBe(0);
  expect(help.output()).toMatch(/--fresh.*TAGWIRE_ADMIN_KEY/s);
  expect(help.output()).not.toMatch(/stopped/);
});

test("help needs nothing that is installed", async () => {
  const bare = await mkdtemp(join(tmpdir(), "tagwire-bare-"));
  const home = join(bare, "deploy/local");
  for (const file of await readdir(import.meta.dirname))
    if (file.endsWith(".mjs")) await cp(join(import.meta.dirname, file), join(home, file));
  const help = spawn(process.execPath, [join(home, "bootstrap.mjs"), "start", "--help"], { stdio: "pipe" });
  let output = "";
  for (const stream of [help.stdout, help.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  expect(await ended(help)).toBe(0);
  expect(output).toMatch(/^npm start -- /);
  expect(await readdir(bare)).toEqual(["deploy"]);
  await rm(bare, { recursive: true });
});

test("a start whose port is taken says so and leaves nothing behind", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const data = join(folder, "not-to-be");
  const refused = launch("--no-demo", "--data", data, "--port", String(port));
  expect(await ended(refused.child)).toBe(1);
  expect(refused.output()).toContain(`Port ${port} is in use`);
  await expect(stat(data)).rejects.toThrow();
  taken.close();
});

test("the demo site moves by the time of the ready line, says in its session that it is one, and ends without complaints", async () => {
  const demo = launch("--fresh");
  const url = await demo.ready();
  expect(demo.output()).toMatch(/✓ demo site moves.*tagwire ready/s);
  const figures = async () => {
    const response = await get(url, "/sites/demo/dashboard");
    return response.status === 200
      ? ((await response.json()) as { pos: number; totals: { total: number; out: number } })
      : undefined;
  };
  const stocked = await figures();
  expect(stocked?.totals.total).toBeGreaterThan(500);
  expect(stocked?.totals.out).toBeGreaterThan(0);
  const before = stocked?.pos ?? Number.NaN;
  await eventually("something more happens", async () => ((await figures())?.pos ?? 0) > before + 20);
  await eventually("both readers read, through the real drivers", async () => {
    const { data } = (await (await get(url, "/sites/demo/readers")).json()) as {
      data: { driver: string; status: string; counts: { accepted: number } }[];
    };
    return (
      ["llrp", "m100"].every((driver) =>
        data.some((reader) => reader.driver === driver && reader.status === "inventory"),
      ) && data.every(({ counts }) => counts.accepted > 0)
    );
  });
  const session = await fetch(`${url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key }),
  });
  expect(await session.json()).toMatchObject({ demo: true });

  const askedAt = new Date().toISOString();
  demo.child.kill("SIGTERM");
  expect(await ended(demo.child)).toBe(0);
  const linesOf = async (name: string) =>
    (await readFile(join(folder, "logs", `${name}.log`), "utf8")).split("\n").filter((line) => line !== "");
  const complaints = (await linesOf("reader-gateway"))
    .map((line) => JSON.parse(line) as { level: string; time: string })
    .filter(({ level, time }) => level !== "info" && time >= askedAt);
  expect(complaints).toEqual([]);
  for (const line of await linesOf("demo")) if (!line.includes("moving")) expect(line).toMatch(/^\d{4}-.*Z /);
});
