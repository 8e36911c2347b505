import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openChildren } from "./children.ts";
import { DataFolderError, layOut, openDataFolder } from "./data-folder.ts";
import { writeEndpoints } from "./endpoints.ts";
import { identify } from "./process-lock.mjs";

const dataDir = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const endpoints = { database: "", nats: "", services: [], postgresPid: null, natsPid: null };

test("a second start is told who holds the folder and where", async () => {
  const dir = dataDir();
  const folder = await openDataFolder(dir, false);
  await expect(openDataFolder(dir, true)).rejects.toThrow(`process ${process.pid}, and is still starting`);
  writeEndpoints(folder.endpoints, { ...endpoints, http: "http://127.0.0.1:8099" });
  await expect(openDataFolder(dir, true)).rejects.toThrow(DataFolderError);
  await expect(openDataFolder(dir, true)).rejects.toThrow(`process ${process.pid}, at http://127.0.0.1:8099`);
});

test("a released folder can be taken again, and keeps no address", async () => {
  const dir = dataDir();
  const first = await openDataFolder(dir, false);
  writeEndpoints(first.endpoints, { ...endpoints, http: "http://127.0.0.1:8099" });
  first.release();
  expect(existsSync(first.endpoints)).toBe(false);
  (await openDataFolder(dir, false)).release();
});

test("fresh deletes what Tagwire made and nothing else", async () => {
  const dir = dataDir();
  const { postgres, nats, logs } = layOut(dir);
  for (const path of [postgres, nats, logs, join(dir, "bin"), join(dir, "photos")]) {
    mkdirSync(path);
    writeFileSync(join(path, "file"), "x");
  }
  writeFileSync(join(dir, "postgres.password"), "x");
  const folder = await openDataFolder(dir, true);
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
    const folder = await openDataFolder(dir, false, [
      { signal: undefined, patienceMs: 10 },
      { signal: "SIGTERM", patienceMs: 20_000 },
    ]);
    expect(await ended).toEqual([null, "SIGTERM"]);
    expect(identify(orphan.pid ?? -1)).toBeUndefined();
    folder.release();
  },
);
