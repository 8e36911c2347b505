import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openChildren } from "./children.ts";
import { DataFolderError, layOut, type OrphanPlan, openDataFolder } from "./data-folder.ts";
import { writeEndpoints } from "./endpoints.ts";
import { Halt, Halted } from "./halt.ts";
import { identify } from "./process-lock.mjs";
import { openProgress } from "./progress.ts";
import { sendSignal } from "./send-signal.ts";

const dataDir = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const keep = (orphanPlan?: OrphanPlan) => ({
  fresh: false,
  progress: openProgress(() => undefined),
  halt: new Halt(),
  ...(orphanPlan === undefined ? {} : { orphanPlan }),
});

const endpoints = { database: "", nats: "", mqtt: null, services: [], postgresPid: null, natsPid: null };

test("a second start is told who holds the folder and where", async () => {
  const dir = dataDir();
  const folder = await openDataFolder(dir, keep());
  await expect(openDataFolder(dir, { ...keep(), fresh: true })).rejects.toThrow(
    `process ${process.pid}, and is still starting`,
  );
  writeEndpoints(folder.endpoints, { ...endpoints, http: "http://127.0.0.1:8099" });
  await expect(openDataFolder(dir, { ...keep(), fresh: true })).rejects.toThrow(DataFolderError);
  await expect(openDataFolder(dir, { ...keep(), fresh: true })).rejects.toThrow(
    `process ${process.pid}, at http://127.0.0.1:8099`,
  );
});

test("a released folder can be taken again, and keeps no address", async () => {
  const dir = dataDir();
  const first = await openDataFolder(dir, keep());
  writeEndpoints(first.endpoints, { ...endpoints, http: "http://127.0.0.1:8099" });
  first.release();
  expect(existsSync(first.endpoints)).toBe(false);
  (await openDataFolder(dir, keep())).release();
});

test("fresh deletes what Tagwire made and nothing else", async () => {
  const dir = dataDir();
  const { postgres, nats, logs } = layOut(dir);
  for (const path of [postgres, nats, logs, join(dir, "bin"), join(dir, "photos")]) {
    mkdirSync(path);
    writeFileSync(join(path, "file"), "x");
  }
  writeFileSync(join(dir, "postgres.password"), "x");
  const folder = await openDataFolder(dir, { ...keep(), fresh: true });
  expect(readdirSync(dir).sort()).toEqual(["bin", "lock", "logs", "photos", "run"]);
  expect(readdirSync(logs)).toEqual([]);
  folder.release();
});

test.runIf(process.platform === "linux")(
  "a process that a killed start left behind is seen out before the folder is used",
  { timeout: 30_000 },
  async () => {
    const dir = dataDir();
    const { run, children } = layOut(dir);
    mkdirSync(run);
    const orphan = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const ended = once(orphan, "exit");
    openChildren(children).note(orphan.pid ?? -1);
    const folder = await openDataFolder(
      dir,
      keep([
        { signal: undefined, patienceMs: 10 },
        { signal: "SIGTERM", patienceMs: 20_000 },
      ]),
    );
    expect(await ended).toEqual([null, "SIGTERM"]);
    expect(identify(orphan.pid ?? -1)).toBeUndefined();
    folder.release();
  },
);

test.runIf(process.platform === "linux")(
  "a wish to stop is heard while an earlier start's processes are awaited, who is awaited is said, and the folder is free again",
  async () => {
    const dir = dataDir();
    const { run, children } = layOut(dir);
    mkdirSync(run);
    const orphan = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    onTestFinished(() => void orphan.kill("SIGKILL"));
    openChildren(children).note(orphan.pid ?? -1);
    const lines: string[] = [];
    const halt = new Halt();
    const opening = openDataFolder(dir, {
      ...keep([{ signal: undefined, patienceMs: 3_600_000 }]),
      progress: openProgress((line) => void lines.push(line)),
      halt,
    });
    const refused = expect(opening).rejects.toThrow(Halted);
    await expect.poll(() => lines.join("\n")).toContain(String(orphan.pid));
    halt.now();
    await refused;
    expect(existsSync(layOut(dir).lock)).toBe(false);
  },
);

test("a process that has just ended can be sent a signal", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  expect(() => sendSignal(child.pid ?? -1, "SIGTERM")).not.toThrow();
});

test("the data folder is closed to others, and the folders above it are as folders are", async () => {
  const top = dataDir();
  const dir = join(top, "above", "data");
  (await openDataFolder(dir, keep())).release();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(statSync(join(top, "above")).mode & 0o777).toBe(0o777 & ~process.umask());
});
