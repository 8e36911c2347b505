import { newId, type RfidproDifference } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { couldTell, type Told } from "../actors/could-tell.ts";
import type { Look } from "../actors/difference-life.ts";
import type { Found } from "../actors/found.ts";
import { findDifference, forgetSeen, listOfRun, listOfSite, readHistory } from "../store/differences.ts";
import { migrations, schema } from "../store/migrations.ts";
import { keepFound, type Looked, letGo } from "./keep-found.ts";

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
  recheckAt: null,
});
const items = couldTell({ items: true, transactions: false });
const looked = (told: readonly Told[]): Looked => ({ told, unsettled: async () => new Set<string>() });
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
  await letGo(sql, looked(items), second);
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

test("what a run saw of an open difference while something happened to it is told of the run, and the difference waits", async () => {
  const [first, second, third] = [look("e", "01"), look("e", "02"), look("e", "03")];
  await saw(first, ["E1"]);
  const seeing = [{ found: found("E1", "wash"), isPending: true }];
  const seenBy = (run: string) => listOfRun(sql, run, { limit: 10, after: undefined });
  await keepFound(sql, seeing, second);
  const told = await seenBy(second.run);
  expect(told).toMatchObject([{ state: "pending", rfidpro: { status: "wash" } }]);
  const [{ id, signature }] = told as [RfidproDifference];
  const now = await findDifference(sql, "e", id);
  expect(now).toMatchObject({ state: "open", revision: 1, rfidpro: { status: "ready" } });
  expect(now?.signature).not.toBe(signature);
  // A comparison that is begun again has seen the same.
  await forgetSeen(sql, second.run);
  await keepFound(sql, seeing, second);
  expect(await seenBy(second.run)).toEqual(told);
  expect(await listOfRun(sql, second.run, { limit: 10, after: undefined, states: ["open"] })).toEqual([]);
  await keepFound(sql, [{ found: found("E1", "wash"), isPending: false }], third);
  expect(await findDifference(sql, "e", id)).toMatchObject({
    revision: 2,
    rfidpro: { status: "wash" },
    signature,
  });
  expect(await seenBy(first.run)).toMatchObject([{ state: "open", rfidpro: { status: "ready" } }]);
});

test("what a run does not look for is not let go", async () => {
  await saw(look("b", "01"), ["E1"]);
  await letGo(sql, looked([]), look("b", "02"));
  await letGo(sql, looked(couldTell({ items: false, transactions: true })), look("b", "03"));
  // Something happened to it while it was looked for.
  await letGo(
    sql,
    { ...looked(items), unsettled: async (all) => new Set(all.map(({ id }) => id)) },
    look("b", "03"),
  );
  expect(await states("b")).toEqual(["E1 open"]);
  await letGo(sql, looked(items), look("b", "04"));
  expect(await states("b")).toEqual(["E1 open"]);
  await letGo(sql, looked(items), look("b", "05"));
  expect(await states("b")).toEqual(["E1 gone"]);
});

test("a state that no scan explains is let go only by runs that read all scans as well as all items", async () => {
  const unexplained: Found = { ...found("E9"), class: "state_without_event", fields: ["lastScannedAt"] };
  await keepFound(sql, [{ found: unexplained, isPending: false }], look("d", "01"));
  for (const at of ["02", "03", "04"]) await letGo(sql, looked(items), look("d", at));
  expect(await states("d")).toEqual(["E9 open"]);
  const all = couldTell({ items: true, transactions: true });
  for (const at of ["05", "06"]) await letGo(sql, looked(all), look("d", at));
  expect(await states("d")).toEqual(["E9 gone"]);
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
