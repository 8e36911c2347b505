import { newId, type RfidproImport } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  claimImport,
  findImport,
  findLostImports,
  giveUpImport,
  importOwnedForMs,
  renewImport,
  saveImport,
  takeUpImport,
} from "./imports.ts";
import { migrations, schema } from "./migrations.ts";

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

const begun = (site: string): RfidproImport => ({
  ...{ run: newId(), site, digest: "0".repeat(64), by: "ann", state: "running", why: null },
  ...{ startedAt: "2026-11-01T12:00:00.000Z", endedAt: null, step: "classes", total: 10, sent: 0 },
  ...{ recorded: 0, replayed: 0, refused: 0, refusals: [] },
});
/** The owner is not heard of for so long; a test need not wait for it. */
const silence = (run: string, ms: number) =>
  sql`update import set beat_at = beat_at - ${ms} * interval '1 ms' where run = ${run}`;

test("an import is its owner's while the owner is heard of, and whoever's is first 20 seconds after", async () => {
  const one = begun("north");
  const [first, second] = [newId(), newId()];
  expect(await claimImport(sql, one, first)).toBe(true);
  expect(await findImport(sql, one.run)).toMatchObject({ isUnheard: false });
  await silence(one.run, importOwnedForMs * 0.5);
  expect(await findImport(sql, one.run)).toMatchObject({ isUnheard: true, isLost: false });
  expect(await takeUpImport(sql, one.run, second)).toBeUndefined();
  expect(await findLostImports(sql)).toEqual([]);
  await silence(one.run, importOwnedForMs);
  expect(await findImport(sql, one.run)).toMatchObject({ isLost: true });
  expect(await findLostImports(sql)).toEqual([one.run]);
  // It goes on by itself, so that nothing else of its site is begun until then.
  expect(await claimImport(sql, begun("north"), second)).toBe(false);
  // Whoever waits for operations gets no page done, and says that it is there.
  await renewImport(sql, one.run, first);
  expect(await findImport(sql, one.run)).toMatchObject({ isLost: false });
  await giveUpImport(sql, one.run, second);
  expect(await findLostImports(sql)).toEqual([]);
  await giveUpImport(sql, one.run, first);
  expect(await findLostImports(sql)).toEqual([one.run]);
  expect(await takeUpImport(sql, one.run, second)).toEqual(one);
  expect(await takeUpImport(sql, one.run, newId())).toBeUndefined();
});

test("a process that slept, and was taken for dead, keeps nothing of an import that another carries out by then", async () => {
  const one = begun("south");
  const [first, second] = [newId(), newId()];
  await claimImport(sql, one, first);
  await silence(one.run, importOwnedForMs * 2);
  expect(await takeUpImport(sql, one.run, second)).toEqual(one);
  await saveImport(sql, { ...one, sent: 7 }, second);
  const lost = { code: "lease.lost" };
  await expect(renewImport(sql, one.run, first)).rejects.toMatchObject(lost);
  await expect(saveImport(sql, { ...one, sent: 3, state: "failed" }, first)).rejects.toMatchObject(lost);
  expect((await findImport(sql, one.run))?.import).toMatchObject({ state: "running", sent: 7 });
  await saveImport(sql, { ...one, sent: 10, state: "done" }, second);
  // What is done stays done, also for its owner.
  await expect(saveImport(sql, { ...one, state: "failed" }, second)).rejects.toMatchObject(lost);
  expect((await findImport(sql, one.run))?.import).toMatchObject({ state: "done", sent: 10 });
});
