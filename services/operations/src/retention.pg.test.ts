import { newId } from "@tagwire/messages";
import { openLog } from "@tagwire/service";
import { eventually, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { createAct, scanAct } from "./actors/test-acts.ts";
import { startRetention } from "./retention.ts";
import { deleteOldReceipts, receiptsKeptMs } from "./store/old-receipts.ts";
import { insertSite } from "./store/sites.ts";
import { keepPlan } from "./store/undo-plans.ts";
import { beginSite, tellActs, testOperations } from "./test-operations.ts";

const site = "north";
const dayMs = 86_400_000;
const log = openLog("test", "silent");

test("old receipts and released scans go in steps; younger ones, and scans that still wait, stay", async () => {
  await using operations = await testOperations(await testDatabase());
  const { sql } = operations;
  const member = await operations.member();
  await beginSite(member, site);
  const early = [scanAct("x1"), scanAct("x1"), scanAct("y1")];
  await tellActs(member, site, early);
  await tellActs(member, site, [createAct("x1")]);
  const nowMs = Date.now();
  const oldAt = new Date(nowMs - receiptsKeptMs - dayMs);
  const youngAt = new Date(nowMs - receiptsKeptMs + dayMs);
  await sql`update receipt set recorded_at = ${oldAt}`;
  await sql`update quarantine set received_at = ${oldAt}`;
  await sql`update quarantine set released_at = ${oldAt} where scan_id = ${early[0]?.id ?? ""}`;
  await sql`update quarantine set released_at = ${youngAt} where scan_id = ${early[1]?.id ?? ""}`;
  const young = scanAct("x1");
  await tellActs(member, site, [young]);
  await sql`update receipt set recorded_at = ${youngAt} where id = ${young.id}`;

  const before = new Date(nowMs - receiptsKeptMs);
  expect([
    await deleteOldReceipts(sql, before, 3),
    await deleteOldReceipts(sql, before, 3),
    await deleteOldReceipts(sql, before, 3),
  ]).toEqual([3, 1, 0]);
  expect([...(await sql`select id::text from receipt`)]).toEqual([{ id: young.id }]);
  const waiting = await sql<{ id: string }[]>`select scan_id::text as id from quarantine`;
  expect(waiting.map(({ id }) => id).toSorted()).toEqual([early[1]?.id, early[2]?.id].toSorted());

  // An id whose receipt is gone is new again, also where its scan still waits.
  const again = early[2] ?? scanAct("y1");
  expect(await tellActs(member, site, [again])).toMatchObject([
    { receipt: { outcome: "quarantined", replayed: false } },
  ]);
});

test("the old are found by their age, however many young ones there are", async () => {
  await using operations = await testOperations(await testDatabase());
  const { sql } = operations;
  await sql`
    insert into receipt (site, id, body_hash, receipt, recorded_at)
    select ${site}, gen_random_uuid(), '', '{}', now() from generate_series(1, 20000)`;
  await sql`analyze receipt`;
  const [scans] = await sql.begin(async (transaction) => {
    await deleteOldReceipts(transaction, new Date(Date.now() - receiptsKeptMs), 1_000);
    return transaction<{ whole: number; by_index: number }[]>`
      select seq_scan as whole, idx_scan as by_index from pg_stat_xact_user_tables where relname = 'receipt'`;
  });
  expect(scans).toMatchObject({ whole: 0, by_index: 1 });
});

test("whoever owns the first partition deletes, and nobody else", async () => {
  await using operations = await testOperations(await testDatabase());
  const { sql } = operations;
  const old = new Date(Date.now() - receiptsKeptMs - dayMs);
  const insert = async (count: number) => {
    for (let index = 0; index < count; index += 1)
      await sql`insert into receipt (site, id, body_hash, receipt, recorded_at) values (${site}, ${newId()}, '', '{}', ${old})`;
  };
  const count = async () => (await sql`select 1 from receipt`).length;
  await insert(5);
  let asked = 0;
  const without = startRetention({
    ...{ sql, log, rowsPerStep: 2 },
    leases: {
      epochOf: () => {
        asked += 1;
        return undefined;
      },
    },
  });
  await eventually("its duty was asked for", () => asked > 0);
  await without.stop();
  expect(await count()).toBe(5);

  await insertSite(sql, { id: site, name: site, timeZone: "Europe/Berlin" });
  const [stays, goes] = [newId(), newId()];
  for (const id of [stays, goes]) await keepPlan(sql, site, id, { bodyHash: "", parts: [] });
  await sql`update undo_plan set planned_at = ${old} where id = ${goes}`;
  const owner = startRetention({
    ...{ sql, log, rowsPerStep: 2 },
    leases: { epochOf: (partition) => (partition === 0 ? 1 : undefined) },
  });
  await eventually("all old ones are gone", async () => (await count()) === 0);
  expect([...(await sql`select id::text from undo_plan`)]).toEqual([{ id: stays }]);
  await owner.stop();
});
