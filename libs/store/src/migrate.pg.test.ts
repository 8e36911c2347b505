import { testDatabase } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { isSchemaMissing, type Migration, migrate } from "./migrate.ts";

const steps: readonly Migration[] = [
  { name: "one", sql: "create table one (id int primary key); insert into one values (1)" },
  { name: "two", sql: "create table two (id int references one)" },
];

const testSchema = async () => {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await testDatabase());
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: "house" } });
  stack.defer(() => sql.end());
  const opened = stack.move();
  return { url, sql, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};
const ran = async (sql: postgres.Sql) =>
  (await sql<{ name: string }[]>`select name from migration order by ran_at, name`).map(({ name }) => name);

test("runs each step once, however often and from however many at once", async () => {
  await using schema = await testSchema();
  const { url, sql } = schema;
  await Promise.all(Array.from({ length: 6 }, () => migrate(url, "house", steps)));
  await migrate(url, "house", steps);
  expect(await ran(sql)).toEqual(["one", "two"]);
  expect(await sql`select * from one`).toHaveLength(1);

  await migrate(url, "house", [...steps, { name: "three", sql: "alter table one add column name text" }]);
  expect(await sql`select id, name from one`).toEqual([{ id: 1, name: null }]);
  // A replica of the release before knows nothing of the third step, and starts all the same.
  await migrate(url, "house", steps);
});

test("a step that reads differently than when it ran is refused, and nothing else runs", async () => {
  await using schema = await testSchema();
  const { url, sql } = schema;
  await migrate(url, "house", steps);
  const changed = steps.map((step) => (step.name === "two" ? { ...step, sql: `${step.sql};` } : step));
  const refused = migrate(url, "house", [{ name: "zero", sql: "create table zero (id int)" }, ...changed]);
  await expect(refused).rejects.toMatchObject({
    ...{ code: "store.migration_changed", message: "store.migration_changed: house/two" },
  });
  expect(await ran(sql)).toEqual(["one", "two"]);
});

test("a step that fails takes all of them back", async () => {
  await using schema = await testSchema();
  const { url, sql } = schema;
  const failing = migrate(url, "house", [...steps, { name: "three", sql: "insert into two values (7)" }]);
  await expect(failing).rejects.toMatchObject({ code: "23503" });
  const error = await sql`select * from one`.catch((cause: unknown) => cause);
  expect(isSchemaMissing(error)).toBe(true);
  await migrate(url, "house", steps);
  expect(await ran(sql)).toEqual(["one", "two"]);
});

test("each schema has its own steps", async () => {
  await using schema = await testSchema();
  const { url, sql } = schema;
  await migrate(url, "house", steps);
  await migrate(url, "shed", steps.slice(0, 1));
  expect(
    await sql`select table_schema from information_schema.tables where table_name = 'one' order by 1`,
  ).toEqual([{ table_schema: "house" }, { table_schema: "shed" }]);
});

test("a database that does not answer is a fault", async () => {
  const nowhere = migrate("postgres://nobody@127.0.0.1:1/nothing", "house", steps);
  await expect(nowhere).rejects.toMatchObject({ code: "store.unreachable" });
});

test("other errors are not a missing schema", () => {
  expect(isSchemaMissing(new Error("42P01"))).toBe(false);
  expect(isSchemaMissing({ code: "42P01" })).toBe(false);
});
