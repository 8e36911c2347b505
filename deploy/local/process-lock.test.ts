import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

/** A lock whose holder is gone, and the name of the file that whoever takes over makes first. */
const staleLock = async () => {
  const file = lockFile();
  const gone = await goneProcess();
  mkdirSync(dirname(file));
  writeFileSync(file, JSON.stringify(gone));
  return { file, succession: `${file}.after-${gone?.pid}-${gone?.startTicks ?? 0}` };
};

test("whoever takes over holds the lock before it stands in it, so that a third never comes between", async () => {
  const { file, succession } = await staleLock();
  writeFileSync(succession, JSON.stringify(identify(process.pid)));
  expect(tryLock(file)).toEqual({ held: false, holder: identify(process.pid) });
});

test("one that was killed while it took over is succeeded in turn, and nothing is left beside the lock", async () => {
  const { file, succession } = await staleLock();
  writeFileSync(succession, JSON.stringify(await goneProcess()));
  expect(tryLock(file)).toMatchObject({ held: true, tookOver: true });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pid: process.pid });
  expect(readdirSync(dirname(file))).toEqual(["lock"]);
});

test("of many processes that find one stale lock, one gets it", { timeout: 60_000 }, async () => {
  const { file } = await staleLock();
  const program = `
    import { tryLock } from ${JSON.stringify(join(import.meta.dirname, "process-lock.mjs"))};
    process.stdin.once("data", () => process.stdout.write(tryLock(process.argv[1]).held ? "held" : "not held"));
    process.stdout.write("ready");`;
  const rivals = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", program, file], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  onTestFinished(() => void rivals.map((rival) => rival.kill("SIGKILL")));
  await Promise.all(rivals.map(({ stdout }) => once(stdout, "data")));
  const outcomes = rivals.map(async ({ stdin, stdout }) => {
    const said = once(stdout, "data");
    stdin.write("go");
    return String(await said);
  });
  expect((await Promise.all(outcomes)).filter((outcome) => outcome === "held")).toHaveLength(1);
});
