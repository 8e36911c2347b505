import { quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { openStore } from "./store.ts";
import { isStoreAway } from "./store-away.ts";
import { inTransaction } from "./transaction.ts";

test("transactions that the server cuts off leave the process and every connection as good as before", async () => {
  await using database = await testDatabase();
  const store = await openStore({
    url: database.url,
    schema: "public",
    name: "cut",
    log: quietLog(),
    connectionsMax: 1,
    transactionTimeoutMs: 200,
  });
  const mistakes: unknown[] = [];
  const hear = (error: unknown) => mistakes.push(error);
  process.on("uncaughtException", hear);
  try {
    for (let round = 0; round < 3; round += 1) {
      const cut = inTransaction(store.sql, async (transaction) => {
        await Promise.all([transaction`select 1`, transaction`select pg_sleep(5)`]);
      });
      await expect(cut).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
      // The driver tells the news of the cut once more to whoever comes next; that is the store being away, which is tried again.
      await store.sql`select 1`.catch((error: unknown) => expect(isStoreAway(error)).toBe(true));
      expect(
        await inTransaction(store.sql, async (transaction) => [...(await transaction`select 1 as one`)]),
      ).toEqual([{ one: 1 }]);
    }
    const refused = inTransaction(store.sql, (transaction) => transaction`select 1 / 0`);
    await expect(refused).rejects.toMatchObject({ code: "22012" });
    expect([...(await store.sql`select 1 as one`)]).toEqual([{ one: 1 }]);
    expect(mistakes).toEqual([]);
  } finally {
    process.off("uncaughtException", hear);
    await store.close();
  }
}, 60_000);
