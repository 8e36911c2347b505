import { newId, type RfidproImport, rfidproDatasets } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { identityOf, naturalKeyOf } from "../actors/row-identity.ts";
import { openStaging } from "../running/stage.ts";
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
import { stagedOf } from "./staged-pages.ts";

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

test("a stranger's house of one tag is not held", async () => {
  const run = newId();
  const stage = (from: number, to: number) => sql`
    insert into staged_row (site, run, dataset, seq, identity, tag, row)
    select 'north', ${run}, 'transactions', seq, seq::text, 'E1', '{}' from generate_series(${from}::int, ${to}::int) as seq`;
  await stage(1, 20_000);
  const read = () => stagedOf(sql, run, "transactions", ["E1", "E2"]);
  expect((await read()).get("E1")).toHaveLength(20_000);
  await stage(20_001, 20_001);
  await expect(read()).rejects.toMatchObject({
    ...{ code: "rfidpro.tag_crowded", detail: expect.stringContaining("E1 has 20001 rows of transactions") },
  });
});

test("copies of one row are numbered one after the other, with few questions however many there are", async () => {
  const run = newId();
  await sql`
    insert into run (id, site, asked, state, started_at, owner, owned_until, version, run)
    values (${run}, 'copies', '{}', 'running', now(), 'me', now() + interval '1 hour', 1, '{}')`;
  let questions = 0;
  const counted = new Proxy(sql, {
    apply: (target, self, asked) => {
      questions += 1;
      return Reflect.apply(target, self, asked);
    },
  });
  const dataset = "classes";
  const staging = openStaging({
    ...{ sql: counted, site: "copies", run, dataset, timeZone: "UTC", owner: "me" },
  });
  const row = { rental_class_id: "1", common_name: "Chair", bin_location: "" };
  const rows = [...Array.from({ length: 199 }, () => row), { ...row, rental_class_id: "2" }];
  for (let page = 0; page < 6; page += 1)
    await staging.page({
      ...{ dataset, pass: 1, offset: page * 200, total: 1_200, rows, body: "{}" },
      receivedAt: new Date(0).toISOString(),
    });
  const identities = (
    await sql<{ identity: string }[]>`select identity from staged_row where run = ${run}`
  ).map(({ identity }) => identity);
  const expected = (key: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      identityOf(naturalKeyOf(dataset, { rental_class_id: key }), index + 1),
    );
  expect(identities.toSorted()).toEqual([...expected("1", 6 * 199), ...expected("2", 6)].toSorted());
  expect(questions).toBeLessThan(6 * 50);
});

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

test("none is begun beside one of its site that ended early and can be gone on with", async () => {
  const failed = begun("west");
  await claimImport(sql, failed, newId());
  const datasets = rfidproDatasets.map((dataset) => ({ dataset, rows: 0, verdict: "complete" }));
  const run = {
    site: "west",
    import: true,
    startedAt: "then",
    endedAt: "later",
    verdict: "complete",
    datasets,
  };
  await sql`
    insert into run (id, site, asked, state, started_at, version, run)
    values (${failed.run}, 'west', '{}', 'done', now(), 1, ${JSON.stringify(run)}::text::jsonb)`;
  await sql`update import set state = 'failed' where run = ${failed.run}`;
  await expect(claimImport(sql, begun("west"), newId())).rejects.toMatchObject({
    ...{ code: "rfidpro.import_unfinished", detail: expect.stringContaining(failed.run) },
  });
  expect(await claimImport(sql, failed, newId())).toBe(true);
  await sql`update import set state = 'failed' where run = ${failed.run}`;
  await sql`update run set run = run || '{"import": false}' where id = ${failed.run}`;
  expect(await claimImport(sql, begun("west"), newId())).toBe(true);
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
