import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { checkPostgres, judgePostgres } from "./postgres-check.ts";
import { checkNats, checkPort, judgeGreeting } from "./server-check.ts";

const listen = async (onConnection: (socket: Socket) => void): Promise<number> => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
};

const greeting = (info: object): string => `INFO ${JSON.stringify(info)}\r\n`;

test.each([
  [greeting({ version: "2.15.1", jetstream: true }), "2.15.1"],
  [greeting({ version: "2.12.7", jetstream: true }), "2.12.7"],
])("%j does", (text, version) => {
  expect(judgeGreeting(text)).toBe(version);
});

test.each([
  [
    greeting({ version: "2.12.6", jetstream: true }),
    /2\.12\.6; 2\.12\.7 or newer is needed: .*authorization/,
  ],
  [greeting({ version: "2.15.1" }), /JetStream is off/],
  [greeting({}), /version unknown/],
  ["HTTP/1.1 400 Bad Request\r\n", /no nats-server/],
])("%j does not", (text, reason) => {
  expect(() => judgeGreeting(text)).toThrow(reason);
});

test("of several servers one that does is enough, and its greeting may come in pieces", async () => {
  const old = await listen((socket) => socket.end(greeting({ version: "2.10.0", jetstream: true })));
  const good = await listen((socket) => {
    const text = greeting({ version: "2.15.1", jetstream: true });
    socket.write(text.slice(0, 10), () => socket.write(text.slice(10)));
  });
  expect(await checkNats(`nats://127.0.0.1:${old},nats://127.0.0.1:${good}`)).toBe("2.15.1");
  await expect(checkNats(`nats://127.0.0.1:${old}`)).rejects.toThrow(
    /^NATS_URL: 127\.0\.0\.1:\d+: .*2\.10\.0/,
  );
});

test.each([
  [{ version: 180_004, name: "x", mayCreate: true }, "18.4"],
  [{ version: 170_000, name: "x", mayCreate: true }, "17.0"],
])("Postgres %j does", (found, version) => {
  expect(judgePostgres(found)).toBe(version);
});

test.each([
  [{ version: 160_009, name: "x", mayCreate: true }, /version 16; 17 or newer is needed/],
  [{ version: 180_004, name: "books", mayCreate: false }, /grant create on database books/],
])("Postgres %j does not", (found, reason) => {
  expect(() => judgePostgres(found)).toThrow(reason);
});

test("something else is no Postgres, and the password stays unsaid", async () => {
  const port = await listen((socket) => socket.once("data", () => socket.write("HTTP/1.1 400\r\n")));
  const check = checkPostgres(`postgres://me:secret@127.0.0.1:${port}/x`);
  await expect(check).rejects.toThrow(/is no Postgres/);
  await expect(check).rejects.not.toThrow(/secret/);
});

test("a port in use is named with a way out", async () => {
  const port = await listen(() => undefined);
  await expect(checkPort(port)).rejects.toThrow(new RegExp(`Port ${port} is in use.*--port`));
  await checkPort(0);
});
