import { newId } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Look } from "../actors/difference-life.ts";
import type { Found } from "../actors/found.ts";
import { findDifference, listOfRun, listOfSite, readHistory } from "../store/differences.ts";
import { migrations, schema } from "../store/migrations.ts";
import { keepFound, letGo } from "./keep-found.ts";

const stack = new AsyncDisposableStack();
let sql: Sql;
beforeAll(async () => {
  const { url } = stack.use(await testDatabase());
  await migrate(url, schema, migrations);
  const store = await openStore({ url, schema, name: "test", log: quietLog() });
  stack.defer(() => store.close());
  sql = store.sql;
});
afterAll(() => stack.disposeAsync());

const found = (tag: string, status = "ready"): Found => ({
  ...{ class: "status_mismatch", kind: "item", key: tag, tag, fields: ["status"] },
  ...{ rfidpro: { status }, operations: { status: "repair" } },
});
const look = (site: string, at: string): Look => ({
  run: newId(),
  site,
  at: `2026-03-${at}T08:00:00.000Z`,
  nextId: newId,
});
const saw = (looking: Look, tags: readonly string[], isPending = false) =>
  keepFound(
    sql,
    tags.map((tag) => ({ found: found(tag), isPending })),
    looking,
  );
const states = async (site: string) =>
  (await listOfSite(sql, site, { limit: 10, after: undefined }))
    .map(({ key, state }) => `${key} ${state}`)
    .sort();

test("what runs see is one difference for each thing, with a line for each change and what each run saw", async () => {
  const [first, second] = [look("a", "01"), look("a", "02")];
  await saw(first, ["E1", "E2"], true);
  await saw(first, ["E1", "E2"], true);
  expect(await states("a")).toEqual(["E1 pending", "E2 pending"]);
  await saw(second, ["E1"]);
  await letGo(sql, ["item"], second);
  expect(await states("a")).toEqual(["E1 open", "E2 gone"]);
  const [{ id } = { id: "" }] = await listOfRun(sql, second.run, { limit: 10, after: undefined });
  const lines = await readHistory(sql, "a", id);
  expect(lines.map(({ seq, what, by }) => [seq, what, by])).toEqual([
    [2, "opened", "tagwire"],
    [1, "pending", "tagwire"],
  ]);
  // What a run saw stays as it saw it.
  const before = await listOfRun(sql, first.run, { limit: 10, after: undefined });
  expect(before.map(({ state }) => state)).toEqual(["pending", "pending"]);
  expect((await findDifference(sql, "a", id))?.seen).toBe(2);
});

test("what a run does not look for is not let go", async () => {
  await saw(look("b", "01"), ["E1"]);
  await letGo(sql, [], look("b", "02"));
  await letGo(sql, ["scan"], look("b", "03"));
  expect(await states("b")).toEqual(["E1 open"]);
  await letGo(sql, ["item"], look("b", "04"));
  expect(await states("b")).toEqual(["E1 open"]);
  await letGo(sql, ["item"], look("b", "05"));
  expect(await states("b")).toEqual(["E1 gone"]);
});

test("differences are narrowed down by class, state and a part of what names them, and come page by page", async () => {
  const tags = Array.from({ length: 1_203 }, (_, index) => `E${String(index).padStart(5, "0")}_%`);
  const looking = look("c", "01");
  await saw(looking, tags);
  const list = (change: object) => listOfRun(sql, looking.run, { limit: 2_000, after: undefined, ...change });
  expect((await list({})).length).toBe(1_203);
  expect((await list({ q: "00007_%" })).map(({ key }) => key)).toEqual(["E00007_%"]);
  expect(await list({ states: ["gone"] })).toEqual([]);
  expect(await list({ classes: ["duplicate"] })).toEqual([]);
  const seen = new Set<string>();
  for (let after: string | undefined; ; ) {
    const page = (await list({ limit: 500, after })).slice(0, 500);
    for (const { id } of page) seen.add(id);
    after = page.at(-1)?.id;
    if (after === undefined) break;
  }
  expect(seen.size).toBe(1_203);
});
