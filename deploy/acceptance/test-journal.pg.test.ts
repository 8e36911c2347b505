import {
  countedDigestSql,
  digestSql,
  foldDigestSql,
  type KeptTable,
  keepDigestSql,
  keptBuckets,
  keptDigestSql,
} from "@tagwire/digest";
import { testDatabase } from "@tagwire/testing";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { silently } from "./test-fault.ts";
import { type Journal, openJournal } from "./test-journal.ts";

const fields = ["tag", "status", "notes"];
const item: KeptTable = { table: "item", entity: "item", key: "tag", fields };
const event: KeptTable = { table: "event", entity: "event", key: "tag", fields, appendOnly: true };
const everyBucket = Array.from({ length: keptBuckets }, (_, bucket) => bucket);
const site = "north";

const stack = new AsyncDisposableStack();
let sql: postgres.Sql;
let journal: Journal;

beforeAll(async () => {
  const { url } = stack.use(await testDatabase());
  sql = postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: "operations" } });
  stack.defer(() => sql.end());
  const columns =
    "site text, tag text, status text, notes jsonb, at timestamptz default now(), primary key (site, tag)";
  await sql.unsafe(
    `create schema operations; create table item (${columns}); create table event (${columns})`,
  );
  await sql.unsafe(digestSql);
  await sql.unsafe(keepDigestSql([item, event]));
  journal = stack.use(await openJournal(url));
});
afterAll(() => stack.disposeAsync());

beforeEach(async () => {
  for (const { table } of [item, event])
    await sql.unsafe(`
      truncate ${table};
      insert into ${table} (site, tag, status, notes)
      select '${site}', 'T' || at, 'ready', '{"a": [1, null], "b": 1e3}' from generate_series(1, 9) as one (at)`);
});

const rowsOf = ({ table }: KeptTable) =>
  sql.unsafe(`select tag, status, notes::text, at::text from ${table} order by tag`);

/** What is kept of a table, and what its rows come to. */
const sumsOf = async (kept: KeptTable) => {
  const sums = "select bucket, rows, a, b, c, d from";
  return {
    kept: [
      ...(await sql.unsafe(
        `${sums} (${keptDigestSql}) kept where entity = '${kept.entity}' order by bucket`,
        [site],
      )),
    ],
    counted: [
      ...(await sql.unsafe(`${sums} (${countedDigestSql(kept)}) counted order by bucket`, [
        site,
        everyBucket,
      ])),
    ],
  };
};

test.each([item, event])(
  "what was done to a row of $table is undone, and so is what was kept of it",
  async (kept) => {
    const [rows, sums] = [await rowsOf(kept), await sumsOf(kept)];
    expect(sums.kept).toEqual(sums.counted);
    const table = `operations.${kept.table}`;
    await journal.sql.unsafe(`update ${table} set notes = '{}', at = 'epoch' where tag = 'T1'`);
    await journal.sql.unsafe(`update ${table} set notes = null where tag in ('T1', 'T2')`);
    await journal.sql.unsafe(`delete from ${table} where tag = 'T3'`);
    await journal.sql.unsafe(`insert into ${table} (site, tag) values ('${site}', 'ROGUE')`);
    await silently(journal.sql, (past) =>
      past.unsafe(`update ${table} set status = 'sold' where tag = 'T4'`),
    );
    await silently(journal.sql, (past) => past.unsafe(`delete from ${table} where tag = 'T5'`));
    await sql.unsafe(foldDigestSql, [100]);
    expect(await rowsOf(kept)).not.toEqual(rows);
    expect(await sumsOf(kept)).not.toEqual(sums);
    await journal.reverse();
    expect(await rowsOf(kept)).toEqual(rows);
    expect(await sumsOf(kept)).toEqual(sums);
    expect(await journal.noted()).toEqual([]);
  },
);

test("what others write meanwhile stays, and is what is kept", async () => {
  await journal.sql`update operations.item set status = 'sold', notes = '{}' where tag in ('T1', 'T2')`;
  await journal.sql`delete from operations.item where tag in ('T3', 'T4')`;
  await sql`update item set status = 'wash', at = 'epoch' where tag in ('T1', 'T5')`;
  await sql`insert into item (site, tag, status) values (${site}, 'T3', 'new')`;
  await journal.reverse();
  const rows = await sql<{ tag: string; status: string; notes: string | null }[]>`
    select tag, status, notes::text from item where tag < 'T6' order by tag`;
  expect(rows.map(({ tag, status, notes }) => [tag, status, notes !== null && notes !== "{}"])).toEqual([
    ["T1", "wash", true],
    ["T2", "ready", true],
    ["T3", "new", false],
    ["T4", "ready", true],
    ["T5", "wash", true],
  ]);
  const sums = await sumsOf(item);
  expect(sums.kept).toEqual(sums.counted);
});

test("what was made wrong since a moment is undone alone", async () => {
  await journal.sql`update operations.item set status = 'sold' where tag = 'T1'`;
  const [last] = await journal.noted();
  await journal.sql`update operations.item set status = 'sold' where tag = 'T2'`;
  expect(await journal.noted(last?.seq)).toMatchObject([
    {
      store: "operations",
      name: "item",
      role: "origin",
      what: "update",
      keys: ["site", "tag"],
      changed: ["status"],
    },
  ]);
  await journal.reverse(last?.seq);
  expect((await rowsOf(item)).map(({ status }) => status).slice(0, 3)).toEqual(["sold", "ready", "ready"]);
  await journal.reverse();
});

test("a row that is written as it was is not noted", async () => {
  await journal.sql`update operations.item set status = 'ready' where tag in ('T1', 'T2')`;
  expect(await journal.noted()).toEqual([]);
  await journal.reverse();
});
