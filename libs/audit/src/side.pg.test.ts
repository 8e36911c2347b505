import {
  bucketOf,
  combine,
  compareBuckets,
  digestSql,
  digestText,
  emptyDigest,
  type KeptTable,
  keepDigestSql,
  keptBuckets,
  parseVector,
  rowLanes,
} from "@tagwire/digest";
import { newId } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { barrierTables, findDigests, findVector, takeVectors } from "./barriers.ts";
import { foldDigests } from "./fold-digests.ts";
import { adoptCount, readAuditRows, recount } from "./rows.ts";

const stack = new AsyncDisposableStack();
const items: KeptTable = { table: "item", entity: "item", key: "tag", fields: ["tag", "status", "notes"] };
const everyBucket = Array.from({ length: keptBuckets }, (_, bucket) => bucket);
let sql: Sql;

beforeAll(async () => {
  const { url } = stack.use(await testDatabase());
  await migrate(url, "side", [
    { name: "digest", sql: digestSql },
    {
      name: "items",
      sql: "create table item (site text, tag text, status text, notes text, primary key (site, tag))",
    },
    { name: "kept", sql: keepDigestSql([items]) },
    barrierTables,
  ]);
  const store = await openStore({ url, schema: "side", name: "test", log: quietLog() });
  stack.defer(store.close);
  ({ sql } = store);
});
afterAll(() => stack.disposeAsync());

const fill = (site: string, count: number, notes = "") =>
  sql`insert into item (site, tag, status, notes)
    select ${site}, 'T' || lpad(at::text, 6, '0'), 'ready', ${notes} from generate_series(1, ${count}) as one (at)`;

const vectorOf = async (site: string, barrier: string) =>
  parseVector((await findVector(sql, { site, barrier, entity: "item" })) ?? new Uint8Array());

test("a vector is what was kept when it was taken, bucket by bucket, and stays so", async () => {
  const site = "taken";
  await fill(site, 500);
  const [before, after] = [newId(), newId()];
  const digests = await takeVectors(sql, { site, barrier: before });
  await sql`update item set status = 'wash' where site = ${site} and tag = 'T000123'`;
  await foldDigests(sql);
  await takeVectors(sql, { site, barrier: after });
  const [old, now] = [await vectorOf(site, before), await vectorOf(site, after)];
  expect(digests).toEqual({ item: digestText([...old.values()].reduce(combine, emptyDigest)) });
  expect(await findDigests(sql, site, before)).toEqual(digests);
  expect(compareBuckets(old, now)).toEqual([bucketOf("T000123", keptBuckets)]);
});

test("nothing is known of a barrier that nobody placed", async () => {
  expect(await findDigests(sql, "taken", newId())).toBeUndefined();
  expect(await findVector(sql, { site: "taken", barrier: newId(), entity: "item" })).toBeUndefined();
});

test("taken again under its name, a vector is the newer one", async () => {
  const [site, barrier] = ["again", newId()];
  await fill(site, 3);
  await takeVectors(sql, { site, barrier });
  await fill(site, 4).catch(() => {});
  await sql`delete from item where site = ${site} and tag = 'T000001'`;
  const digests = await takeVectors(sql, { site, barrier });
  expect(digests.item?.startsWith("2:")).toBe(true);
  expect(await findDigests(sql, site, barrier)).toEqual(digests);
});

test("pages of rows follow each other in the order of their keys, whatever their size, and leave none out", async () => {
  const site = "pages";
  const [count, noteLength] = [2_500, 600];
  await fill(site, count, "n".repeat(noteLength));
  const keys: string[] = [];
  let pages = 0;
  for (let after: string | null | undefined; after !== null; pages += 1) {
    const page = await readAuditRows(sql, items, { site, buckets: everyBucket, after: after ?? null });
    for (const { key, bucket, form } of page.rows) {
      expect(bucket).toBe(bucketOf(key, keptBuckets));
      expect(JSON.parse(form)).toEqual([key, "ready", "n".repeat(noteLength)]);
      keys.push(key);
    }
    after = page.next;
  }
  expect(pages).toBeGreaterThan(1);
  expect(keys).toHaveLength(count);
  expect(keys).toEqual([...new Set(keys)].sort());
});

test("a row that is larger than an answer goes alone", async () => {
  const site = "huge";
  await fill(site, 3, "n".repeat(800_000));
  const page = await readAuditRows(sql, items, { site, buckets: everyBucket, after: null });
  expect(page.rows).toHaveLength(1);
  expect(page.next).toBe("T000001");
});

test("a recount finds what was written behind the back of the digests, and where", async () => {
  const site = "silent";
  await fill(site, 300);
  const all = { entity: "item", kept: items, site, buckets: everyBucket } as const;
  expect(await recount(sql, all)).toEqual({ rows: 300, differ: [] });
  await sql.begin(async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    await transaction`update item set notes = 'never told' where site = ${site} and tag = 'T000042'`;
  });
  const { differ } = await recount(sql, all);
  expect(differ.map(({ bucket }) => bucket)).toEqual([bucketOf("T000042", keptBuckets)]);
  const { rows } = await readAuditRows(sql, items, { site, buckets: [differ[0]?.bucket ?? -1], after: null });
  const counted = rows.map(({ form }) => rowLanes(form)).reduce((sum, [a]) => sum + BigInt(a), 0n);
  expect(differ[0]?.counted.split(":")[1]).toBe(String(counted));
  expect(differ[0]?.kept).not.toBe(differ[0]?.counted);
});

test("what the rows come to is adopted for kept, while others write, and is adopted once", async () => {
  const site = "adopted";
  await fill(site, 200);
  await sql.begin(async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    await transaction`delete from item where site = ${site} and tag = 'T000007'`;
    await transaction`update item set notes = 'unheard of' where site = ${site} and tag = 'T000008'`;
  });
  const all = { entity: "item", kept: items, site, buckets: everyBucket } as const;
  const write = async () => {
    for (let at = 20; at < 60; at += 1)
      await sql`update item set notes = 'told' where site = ${site} and tag = ${`T0000${at}`}`;
  };
  const [changed] = await Promise.all([adoptCount(sql, all), write()]);
  expect(changed).toBe(2);
  expect(await recount(sql, all)).toEqual({ rows: 199, differ: [] });
  expect(await adoptCount(sql, all)).toBe(0);
});
