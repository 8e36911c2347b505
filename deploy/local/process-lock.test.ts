import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { identify, tryLock } from "./process-lock.mjs";

const lockFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "inner", "lock");
};

const goneProcess = async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  const identity = identify(child.pid ?? -1);
  await once(child, "exit");
  return identity;
};

test("a free lock is held until it is released", () => {
  const file = lockFile();
  const first = tryLock(file);
  expect(first).toMatchObject({ held: true, tookOver: false });
  expect(tryLock(file)).toMatchObject({ held: false, holder: { pid: process.pid } });
  if (first.held) first.release();
  expect(tryLock(file)).toMatchObject({ held: true, tookOver: false });
});

test("the lock of a process that is gone is taken over, and nothing is left beside it", async () => {
  const file = lockFile();
  const first = tryLock(file);
  if (first.held) first.release();
  writeFileSync(file, JSON.stringify(await goneProcess()));
  expect(tryLock(file)).toMatchObject({ held: true, tookOver: true });
  expect(readdirSync(join(file, ".."))).toEqual(["lock"]);
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pid: process.pid });
});

test.runIf(process.platform === "linux")(
  "a number that belongs to a later process does not hold the lock",
  () => {
    const file = lockFile();
    const first = tryLock(file);
    if (first.held) first.release();
    writeFileSync(file, JSON.stringify({ pid: process.pid, startTicks: 1 }));
    expect(tryLock(file)).toMatchObject({ held: true, tookOver: true });
  },
);

test.each(["", "{", "null", '{"pid":"x"}'])("a lock file that holds %j is nobody's", (text) => {
  const file = lockFile();
  const first = tryLock(file);
  if (first.held) first.release();
  writeFileSync(file, text);
  expect(tryLock(file)).toMatchObject({ held: true, tookOver: true });
});
