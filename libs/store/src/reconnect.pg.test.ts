import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openStore } from "./store.ts";

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
