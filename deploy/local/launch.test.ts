import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, GiveUp, plainEnvironment } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

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

const launch = (...options: string[]) => {
  const child = spawn(
    process.execPath,
    ["deploy/local/launch.ts", "--port", "0", "--data", folder, ...options],
    {
      cwd: root,
      env: { ...plainEnvironment(), TAGWIRE_ADMIN_KEY: key },
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
  const endpoints = JSON.parse(await readFile(endpointsFile, "utf8")) as {
    http: string;
    services: { name: string }[];
  };
  expect(endpoints.http).toBe(url);
  expect(endpoints.services.map(({ name }) => name).sort()).toEqual([
    "api-gateway",
    "manager",
    "operations",
    "reader-gateway",
  ]);

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

test("the demo site moves by the time of the ready line, and says in its session that it is one", async () => {
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
});
