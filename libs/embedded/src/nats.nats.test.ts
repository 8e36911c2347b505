import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { findNatsServer } from "./find-nats-server.ts";
import { startNats } from "./nats.ts";
import { identityOf } from "./process-identity.ts";

const root = mkdtempSync(join(tmpdir(), "tagwire-nats-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const cacheDir = resolve(import.meta.dirname, "../../../.tagwire/bin");
const { path: bin } = await findNatsServer({ cacheDir });

const start = async (name: string) => {
  const server = await startNats({ bin, dir: join(root, name) });
  onTestFinished(server.stop);
  return server;
};

/** nats-server greets every connection with an INFO line. */
const greetingOf = async (url: string): Promise<{ port: number; jetstream?: boolean }> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const [bytes] = await once(socket, "data");
  socket.destroy();
  return JSON.parse(String(bytes).slice("INFO ".length));
};

/** What the server says to this, besides its greeting, until it falls silent or ends. */
const answerOf = async (url: string, said: string): Promise<string> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = "";
  socket.on("data", (bytes) => {
    heard += String(bytes);
  });
  socket.write(said);
  while (!/PONG|-ERR/.test(heard)) await once(socket, "data");
  socket.destroy();
  return heard;
};

test("a killed server starts again on the same store", { timeout: 30_000 }, async () => {
  const first = await start("one");
  expect(await greetingOf(first.url)).toMatchObject({
    jetstream: true,
    port: Number(new URL(first.url).port),
  });
  process.kill(first.pid, "SIGKILL");
  expect(await first.exited).toBeNull();

  const second = await start("one");
  expect(await greetingOf(second.url)).toMatchObject({ jetstream: true });
  await second.stop();
  expect(identityOf(second.pid)).toBeUndefined();
});

test("a start waits for the shutdown of the server before it", { timeout: 30_000 }, async () => {
  const first = await start("two");
  process.kill(first.pid, "SIGTERM");
  const second = await start("two");
  expect(identityOf(first.pid)).toBeUndefined();
  expect(await greetingOf(second.url)).toMatchObject({ jetstream: true });
});

test("an owner file whose number belongs to a later program does not block", {
  timeout: 30_000,
}, async () => {
  await (await start("three")).stop();
  writeFileSync(join(root, "three", "owner.json"), JSON.stringify({ pid: process.pid, startTicks: 1 }));
  expect((await start("three")).pid).toBeGreaterThan(0);
});

test("what it keeps is closed to others", { timeout: 30_000 }, async () => {
  mkdirSync(join(root, "open"), { mode: 0o755 });
  await start("open");
  expect(statSync(join(root, "open")).mode & 0o777).toBe(0o700);
});

test("a listener for MQTT lets nobody in for whom nobody answers, and others go on without a password", {
  timeout: 30_000,
}, async () => {
  const issuer = `A${"A".repeat(55)}`;
  const at = { bin, dir: join(root, "mqtt"), mqtt: { host: "127.0.0.1", port: 0, issuer } };
  const wrongAt = { ...at, dir: join(root, "wrong"), mqtt: { ...at.mqtt, issuer: "nobody" } };
  await expect(startNats(wrongAt)).rejects.toMatchObject({ code: "embedded.start_failed" });
  const server = await startNats(at);
  onTestFinished(server.stop);
  expect(await greetingOf(server.url)).toMatchObject({ jetstream: true });
  const connected = await answerOf(server.url, 'CONNECT {"verbose":true}\r\nPING\r\n');
  expect(connected).toMatch(/\+OK/);
  const wrong = await answerOf(
    server.url,
    'CONNECT {"verbose":true,"user":"services","pass":"x"}\r\nPING\r\n',
  );
  expect(wrong).toMatch(/-ERR 'Authorization Violation'/);
  // CONNECT of MQTT 3.1.1 by a client "a" without a name: refused with code 5, not authorized, or 4.
  const hello = Buffer.from("100d00044d5154540402003c000161", "hex");
  const socket = connect(server.mqttPort ?? 0, "127.0.0.1");
  socket.write(hello);
  const [bytes] = await once(socket, "data");
  socket.destroy();
  expect(Buffer.from(bytes).toString("hex")).toMatch(/^2002000[45]$/);
  await server.stop();
  expect(statSync(join(root, "mqtt", "nats.conf")).mode & 0o777).toBe(0o600);
});

test("two servers run at once", { timeout: 30_000 }, async () => {
  const [first, second] = await Promise.all([start("four"), start("five")]);
  expect(first.url).not.toBe(second.url);
});

test("a server that cannot listen says why", { timeout: 30_000 }, async () => {
  const first = await start("six");
  const port = Number(new URL(first.url).port);
  await expect(startNats({ bin, dir: join(root, "seven"), port })).rejects.toMatchObject({
    code: "embedded.start_failed",
    message: expect.stringContaining("address already in use"),
  });
});
