import { eventually, quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { migrate } from "./migrate.ts";
import { openStore } from "./store.ts";

type Tables = { readonly counter: { readonly id: number; readonly big: number; readonly at: Date } };
const steps = [
  {
    name: "1",
    sql: "create table counter (id int primary key, big bigint not null, at timestamptz not null)",
  },
];

const testStore = async (transactionTimeoutMs?: number) => {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await testDatabase((to) => migrate(to, "house", steps)));
  const options = { url, schema: "house", name: "house", log: quietLog() };
  const store = await openStore<Tables>({
    ...options,
    ...(transactionTimeoutMs === undefined ? {} : { transactionTimeoutMs }),
  });
  stack.defer(store.close);
  const opened = stack.move();
  return { ...store, url, options, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};

test("numbers and times are what JavaScript has, both ways and by both doors", async () => {
  await using store = await testStore();
  const row = { id: 1, big: 2 ** 53 - 1, at: new Date("2026-05-04T10:00:00.123Z") };
  await store.db.insertInto("counter").values(row).execute();
  expect(await store.db.selectFrom("counter").selectAll().execute()).toEqual([row]);
  expect(await store.sql`select * from counter where big = ${row.big} and at = ${row.at}`).toEqual([row]);
});

test("the schema is the whole search path", async () => {
  await using store = await testStore();
  await store.sql`create table public.elsewhere (id int)`;
  await expect(store.sql`select * from elsewhere`).rejects.toMatchObject({ code: "42P01" });
});

test("a transaction that is frozen is ended by the server, and its locks with it", async () => {
  await using store = await testStore(400);
  const other = await openStore<Tables>({ ...store.options, name: "other" });
  await using _closing = { [Symbol.asyncDispose]: other.close };
  await store.sql`insert into counter values (1, 0, now())`;

  const frozen = store.sql.begin(async (transaction) => {
    await transaction`update counter set big = big + 1 where id = 1`;
    await new Promise<never>(() => {});
  });
  const outcome = frozen.then(
    () => "committed",
    () => "ended",
  );
  await eventually("the frozen one holds its lock", async () => {
    const held =
      await other.sql`select 1 from pg_stat_activity where application_name = 'house' and state = 'idle in transaction'`;
    return held.length > 0;
  });
  // This waits for the lock, and gets it although nobody lets go of it.
  await other.sql`update counter set big = big + 10 where id = 1`;
  expect(await outcome).toBe("ended");
  expect(await other.sql`select big from counter`).toEqual([{ big: 10 }]);
});

test("a single statement has the same limit", async () => {
  await using store = await testStore(400);
  await expect(store.sql`select pg_sleep(30)`).rejects.toThrow();
  expect(await store.sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test("it says whether Postgres answers", async () => {
  await using store = await testStore();
  expect(await store.isAnswering()).toBe(true);
  await store.close();
  expect(await store.isAnswering()).toBe(false);
});

test("a database that does not answer is a fault", async () => {
  const opening = openStore({
    url: "postgres://nobody@127.0.0.1:1/x",
    schema: "s",
    name: "s",
    log: quietLog(),
  });
  await expect(opening).rejects.toMatchObject({ code: "store.unreachable" });
});
