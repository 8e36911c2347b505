import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

type Line = { level: string; msg: string; name?: string };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tagwire-service-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (trial: string) => {
  const endpointFile = join(folder, `${trial}.json`);
  const child = spawn(process.execPath, [join(import.meta.dirname, "test-process.ts")], {
    env: { ...process.env, TRIAL: trial, ENDPOINT_FILE: endpointFile },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const lines = () =>
    output
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  const endpoint = async (): Promise<{ http: string; pid: number; name: string; public: string }> => {
    for (;;) {
      const text = await readFile(endpointFile, "utf8").catch(() => "");
      if (text !== "") return JSON.parse(text);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, lines, endpoint, endpointFile };
};

const closed = (lines: Line[]) => lines.filter(({ msg }) => msg === "closed").map(({ name }) => name);

test("what was opened is closed in reverse on SIGTERM", async () => {
  const service = start("warm");
  const { http, pid, name, public: told } = await service.endpoint();
  expect({ pid, name, told }).toEqual({ pid: service.child.pid, name: "trial", told: "http://127.0.0.1:1" });
  expect((await stat(service.endpointFile)).mode & 0o777).toBe(0o600);
  expect((await fetch(`${http}/healthz`)).status).toBe(200);
  const ready = await fetch(`${http}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ ready: true, lacks: ["no gloves"] });
  expect((await fetch(`${http}/metrics`)).headers.get("content-type")).toContain("text/plain");
  service.child.kill("SIGTERM");
  expect(await service.ended).toBe(0);
  expect(closed(service.lines())).toEqual(["second", "first"]);
  expect(service.lines()).toContainEqual(expect.objectContaining({ level: "warn", msg: "no gloves" }));
});

test("not ready is said by name, while the process is healthy", async () => {
  const service = start("cold");
  const { http } = await service.endpoint();
  const ready = await fetch(`${http}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    ready: false,
    checks: { warm: false, known: false, heard: false },
    lacks: [],
  });
  expect((await fetch(`${http}/healthz`)).status).toBe(200);
  service.child.kill("SIGTERM");
  expect(await service.ended).toBe(0);
});

test.each(["fails", "throws later"])(
  "a service that %s closes what was open and ends with 1",
  async (trial) => {
    const service = start(trial);
    expect(await service.ended).toBe(1);
    expect(closed(service.lines())).toEqual(["second", "first"]);
    expect(service.lines().some(({ level }) => level === "fatal")).toBe(true);
  },
);
