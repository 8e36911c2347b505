import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { eventually, quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openStore } from "./store.ts";
import { inTransaction } from "./transaction.ts";

/** Whoever waits longer than that for an answer that takes no time waits for ever. */
const answeredWithinMs = 10_000;

/** A road to Postgres that tells what is asked on it, and that breaks on demand. */
const roadTo = async (target: URL) => {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.on("data", (bytes) => void asked.push(bytes.toString("latin1")));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    asked,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    /** As a kernel does it, when whoever ends a session has not read everything. */
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
};

test("a new connection asks for nothing but what it is opened for, and arrays are known on it all the same", async () => {
  await using database = await testDatabase();
  await using road = await roadTo(new URL(database.url));
  const store = await openStore({
    url: road.url,
    schema: "public",
    name: "reconnect",
    log: quietLog(),
    connectionsMax: 3,
  });
  road.cut();
  road.asked.length = 0;
  const words = ["a", "b, c", "null"];
  const ask = async () => {
    const [row] = await store.sql`select ${words}::text[] as words, array[1, 2] as numbers, pg_sleep(0.05)`;
    return { words: row?.words, numbers: row?.numbers };
  };
  // The first may still go out on a connection that was cut a moment ago.
  await store.sql`select 1`.catch(() => {});
  for (const answer of await Promise.all([ask(), ask(), ask()]))
    expect(answer).toEqual({ words, numbers: [1, 2] });
  expect(road.asked.filter((bytes) => bytes.includes("typarray"))).toEqual([]);
  await store.close();
});

test("after a pause in which every connection was closed, whoever asks first opens one and is answered", async () => {
  await using database = await testDatabase();
  await using road = await roadTo(new URL(database.url));
  const store = await openStore<{ pg_class: { relname: string } }>({
    url: road.url,
    schema: "pg_catalog",
    name: "reconnect",
    log: quietLog(),
    connectionsMax: 2,
  });
  const ask = () => store.db.selectFrom("pg_class").select("relname").limit(1).execute();
  for (let round = 0; round < 4; round += 1) {
    road.cut();
    await eventually("the cut is noticed", () => ask().then(() => true));
    expect(await Promise.all([ask(), ask(), ask()])).toHaveLength(3);
  }
  await store.close();
});

test("a transaction whose connection is reset while it asks leaves that connection as good as before", async () => {
  await using database = await testDatabase();
  await using road = await roadTo(new URL(database.url));
  const store = await openStore({
    url: road.url,
    schema: "public",
    name: "reset",
    log: quietLog(),
    connectionsMax: 1,
  });
  for (let round = 0; round < 3; round += 1) {
    road.asked.length = 0;
    const reset = inTransaction(store.sql, (transaction) => transaction`select pg_sleep(20)`);
    const refused = expect(reset).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    await eventually("the transaction asks", async () => road.asked.some((it) => it.includes("pg_sleep")));
    road.reset();
    await refused;
    await eventually("the pool answers again", () =>
      Promise.race([
        store.sql`select 1`.then(
          () => true,
          () => false,
        ),
        wait(answeredWithinMs, false),
      ]),
    );
    expect(await inTransaction(store.sql, (transaction) => transaction`select 1 as one`)).toMatchObject([
      { one: 1 },
    ]);
  }
  await store.close();
});

test("a transaction is not begun by the typed reads, which share the pool", async () => {
  await using database = await testDatabase();
  const store = await openStore({
    url: database.url,
    schema: "public",
    name: "typed",
    log: quietLog(),
  });
  await expect(store.db.transaction().execute(async () => {})).rejects.toThrow(/inTransaction/);
  await store.close();
});
