import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { runCommand } from "./command.ts";
import { startPostgres } from "./postgres.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { choosePostgresIdentity } from "./postgres-identity.ts";
import { identityOf } from "./process-identity.ts";

const root = mkdtempSync(join(tmpdir(), "tagwire-postgres-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const start = async (name: string) => {
  const server = await startPostgres({ dir: join(root, name), durable: false });
  onTestFinished(server.stop);
  return server;
};

/** Asks the stopped cluster itself, with no client library in between. */
const askStopped = async (name: string, sql: string): Promise<string> => {
  const binaries = findPostgresBinaries();
  const { prefix } = await choosePostgresIdentity(binaries);
  const [program = "", ...args] = [
    ...prefix,
    binaries.postgres,
    "--single",
    "-D",
    join(root, name),
    "tagwire",
  ];
  return (await runCommand(program, args, { input: `${sql}\n` })).stdout;
};

test("a killed server starts again on the same data, with the same password", {
  timeout: 60_000,
}, async () => {
  const first = await start("one");
  const { username, password, pathname, hostname } = new URL(first.url);
  expect([username, pathname, hostname]).toEqual(["tagwire", "/tagwire", "127.0.0.1"]);
  expect(statSync(join(root, "one.password")).mode & 0o777).toBe(0o600);

  process.kill(first.pid, "SIGKILL");
  expect(await first.exited).toBeNull();
  expect(existsSync(join(root, "one", "postmaster.pid"))).toBe(true);

  const second = await start("one");
  expect(new URL(second.url).password).toBe(password);
  await second.stop();
  expect(await second.exited).toBe(0);
  expect(existsSync(join(root, "one", "postmaster.pid"))).toBe(false);
  expect(await askStopped("one", "select current_database() as here")).toContain('here = "tagwire"');
});

test("a pid file whose number belongs to another program does not block", { timeout: 60_000 }, async () => {
  await (await start("two")).stop();
  writeFileSync(join(root, "two", "postmaster.pid"), `${process.pid}\n${join(root, "two")}\n`);
  const server = await start("two");
  expect(readFileSync(join(root, "two", "postmaster.pid"), "utf8")).toMatch(new RegExp(`^${server.pid}\n`));
});

test("a start during the shutdown of the server before it waits and succeeds", {
  timeout: 60_000,
}, async () => {
  const first = await start("three");
  process.kill(first.pid, "SIGINT");
  const second = await start("three");
  expect(await first.exited).toBe(0);
  expect(second.pid).not.toBe(first.pid);
});

/** Starts a server in a process of its own, and kills that process the hard way once the server is up. */
const startAndKillParent = async (name: string): Promise<number> => {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(join(import.meta.dirname, "postgres.ts"))});
    const server = await startPostgres({ dir: ${JSON.stringify(join(root, name))}, durable: false });
    console.log(server.pid);
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [pid] = await once(parent.stdout, "data");
  parent.kill("SIGKILL");
  await once(parent, "exit");
  return Number(pid);
};

test("a server whose parent was killed does not stand in the way", { timeout: 60_000 }, async () => {
  const orphan = await startAndKillParent("orphan");
  const server = await start("orphan");
  expect(server.pid).not.toBe(orphan);
  expect(identityOf(orphan)).toBeUndefined();
});

test("two servers run at once on their own data and ports", { timeout: 60_000 }, async () => {
  const [first, second] = await Promise.all([start("four"), start("five")]);
  expect(new URL(first.url).port).not.toBe(new URL(second.url).port);
  expect(new URL(first.url).password).not.toBe(new URL(second.url).password);
});

test("a lost password file is written anew", { timeout: 60_000 }, async () => {
  const before = await start("six");
  await before.stop();
  rmSync(join(root, "six.password"));
  const after = await start("six");
  expect(new URL(after.url).password).not.toBe(new URL(before.url).password);
});

test("data of another major version is refused and left alone", async () => {
  mkdirSync(join(root, "old"));
  writeFileSync(join(root, "old", "PG_VERSION"), "15\n");
  await expect(start("old")).rejects.toMatchObject({ code: "embedded.data_version" });
  expect(readFileSync(join(root, "old", "PG_VERSION"), "utf8")).toBe("15\n");
});

test("a folder with other people's files is refused and left alone", { timeout: 60_000 }, async () => {
  mkdirSync(join(root, "taken"));
  writeFileSync(join(root, "taken", "letter.txt"), "dear");
  await expect(start("taken")).rejects.toMatchObject({ code: "embedded.data_in_use" });
  expect(readFileSync(join(root, "taken", "letter.txt"), "utf8")).toBe("dear");
});

test("a setting Postgres refuses is named in the error", { timeout: 60_000 }, async () => {
  const settings = { no_such_setting: "1" };
  await expect(startPostgres({ dir: join(root, "seven"), durable: false, settings })).rejects.toThrow(
    /no_such_setting/,
  );
});
