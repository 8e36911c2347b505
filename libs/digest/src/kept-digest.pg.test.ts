import { testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketOf } from "./bucket.ts";
import { addRow, combine, type Digest, digestText, emptyDigest } from "./digest.ts";
import { digestSql } from "./digest-sql.ts";
import { type FormValue, jsonbText } from "./json-text.ts";
import {
  countedDigestSql,
  foldDigestSql,
  type KeptTable,
  keepDigestSql,
  keptBuckets,
  keptDigestSql,
  keptRowsSql,
} from "./kept-digest.ts";
import { leanTriggersSql } from "./lean-triggers.ts";
import { rowLanes } from "./row.ts";

const stack = new AsyncDisposableStack();
let sql: postgres.Sql;
let url: string;

const things: KeptTable = {
  table: "thing",
  entity: "thing",
  key: "name",
  fields: ["name", "amount", "doc", "tagwire_instant(at)"],
  isKeyUnique: true,
};
const piles: KeptTable = { table: "pile", entity: "pile", key: "name", fields: ["name"], weight: "height" };
const lines: KeptTable = {
  table: "line",
  entity: "line",
  key: "pos::text",
  fields: ["pos", "says"],
  appendOnly: true,
};
const tablesSql = `
  create table line (site text, pos int, says text, primary key (site, pos));
  create table thing (site text, name text, amount int, doc jsonb, at timestamptz, hidden int, primary key (site, name));
  create table pile (site text, name text, height int, primary key (site, name));`;

beforeAll(async () => {
  ({ url } = stack.use(await testDatabase()));
  sql = postgres(url, { max: 4, onnotice: () => {}, connection: { search_path: "kept, public" } });
  stack.defer(() => sql.end());
  await sql.unsafe(`create schema kept; set search_path to kept; ${digestSql} ${tablesSql}
    insert into thing values ('old', 'from before', 1, '{"a": 1}', '2026-01-02T03:04:05.678Z');
    ${keepDigestSql([things, piles, lines])}
    insert into thing values ('old', 'between', 1, null, null);
    ${leanTriggersSql([things, piles, lines])}`);
});
afterAll(() => stack.disposeAsync());

type BucketRow = { entity: string; bucket: number; rows: string; a: string; b: string; c: string; d: string };
const digestOf = ({ rows, a, b, c, d }: Omit<BucketRow, "entity" | "bucket">): Digest => ({
  count: Number(rows),
  lanes: [BigInt(a), BigInt(b), BigInt(c), BigInt(d)],
});
const kept = async (site: string, entity: string): Promise<Map<number, string>> => {
  const rows = await sql.unsafe<BucketRow[]>(keptDigestSql, [site]);
  return new Map(
    rows
      .filter((row) => row.entity === entity)
      .sort((left, right) => left.bucket - right.bucket)
      .map((row) => [row.bucket, digestText(digestOf(row))]),
  );
};
const counted = async (table: KeptTable, site: string): Promise<Map<number, string>> => {
  const buckets = Array.from({ length: keptBuckets }, (_, bucket) => bucket);
  const rows = await sql.unsafe<BucketRow[]>(countedDigestSql(table), [site, buckets]);
  return new Map(
    rows
      .sort((left, right) => left.bucket - right.bucket)
      .map((row) => [row.bucket, digestText(digestOf(row))]),
  );
};

test("rows that were there before are added up", async () => {
  const form = jsonbText([
    "from before",
    1,
    { a: 1 },
    String(Date.parse("2026-01-02T03:04:05.678Z") * 1_000),
  ]);
  expect((await kept("old", "thing")).get(bucketOf("from before", keptBuckets))).toBe(
    digestText(addRow(emptyDigest, rowLanes(form))),
  );
  // And those that older triggers have told.
  expect(await kept("old", "thing")).toEqual(await counted(things, "old"));
});

const change = fc.record({
  verb: fc.constantFrom("upsert", "upsert", "edit", "rename", "hide", "delete", "fold"),
  names: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
  amount: fc.integer({ min: 0, max: 9 }),
});

test("after any changes the kept digest is that of the rows, whoever made them and whenever it was folded", async () => {
  const runs = 40;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), fc.uuid(), async (changes, site) => {
      for (const { verb, names, amount } of changes) {
        const rows = names.map((name) => ({ site, name: `n${name}`, amount }));
        const keys = rows.map(({ name }) => name);
        if (verb === "upsert")
          await sql`insert into thing (site, name, amount, doc) select site, name, amount, jsonb_build_object('is', amount)
            from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, name text, amount int)
            on conflict (site, name) do update set amount = excluded.amount, doc = excluded.doc`;
        if (verb === "edit")
          await sql`update thing set amount = ${amount} where site = ${site} and name = any(${keys})`;
        if (verb === "rename")
          await sql`update thing set name = 'm' || name, amount = ${amount} where site = ${site} and name = any(${keys})
            and not exists (select from thing other where other.site = ${site} and other.name = 'm' || thing.name)`;
        if (verb === "hide")
          await sql`update thing set hidden = ${amount} where site = ${site} and name = any(${keys})`;
        if (verb === "delete") await sql`delete from thing where site = ${site} and name = any(${keys})`;
        if (verb === "fold") await sql.unsafe(foldDigestSql, [1_000]);
      }
      expect(await kept(site, "thing")).toEqual(await counted(things, site));
      const found = await sql.unsafe<{ form: string; bucket: number }[]>(keptRowsSql(things), [
        site,
        Array.from({ length: keptBuckets }, (_, bucket) => bucket),
        null,
        1_000,
      ]);
      const whole = found.reduce((digest, { form }) => addRow(digest, rowLanes(form)), emptyDigest);
      const [held] = await sql<
        { rows: number }[]
      >`select count(*)::int as rows from thing where site = ${site}`;
      expect(whole.count).toBe(held?.rows);
      const vector = await sql.unsafe<BucketRow[]>(keptDigestSql, [site]);
      expect(digestText(vector.map(digestOf).reduce(combine, emptyDigest))).toBe(digestText(whole));
    }),
    { numRuns: runs },
  );
});

test("whatever words and documents rows hold, they count as their form says, also once they were changed", async () => {
  const words = fc.string({ unit: "binary", minLength: 1 }).map((text) => text.replaceAll("\u0000", ""));
  const row = fc.record({ name: words, doc: fc.jsonValue() });
  await fc.assert(
    fc.asyncProperty(
      fc.uuid(),
      fc.uniqueArray(row, { selector: ({ name }) => name }),
      row,
      async (site, rows, other) => {
        const storable = (value: unknown) => JSON.stringify(value).replaceAll("\\u0000", "");
        for (const { name, doc } of rows)
          await sql`insert into thing (site, name, doc) values (${site}, ${name}, ${storable(doc)}::text::jsonb)`;
        expect(await kept(site, "thing")).toEqual(await counted(things, site));
        await sql`update thing set doc = ${storable(other)}::text::jsonb where site = ${site}`;
        expect(await kept(site, "thing")).toEqual(await counted(things, site));
      },
    ),
    { numRuns: 30 },
  );
});

test("what does not belong to the form leaves no trace", async () => {
  await sql`insert into thing (site, name) values ('quiet', 'a')`;
  await sql.unsafe(foldDigestSql, [1_000]);
  await sql`update thing set hidden = 7 where site = 'quiet'`;
  expect(await sql`select 1 from digest_delta where site = 'quiet'`).toEqual([]);
});

test("a row counts as often as its weight says", async () => {
  await sql`insert into pile values ('p', 'a', 3), ('p', 'b', 0)`;
  await sql`update pile set height = 5 where name = 'a'`;
  const lanes = rowLanes(jsonbText(["a"]));
  const five = Array.from({ length: 5 }).reduce<Digest>((digest) => addRow(digest, lanes), emptyDigest);
  expect(await kept("p", "pile")).toEqual(new Map([[bucketOf("a", keptBuckets), digestText(five)]]));
  expect(await kept("p", "pile")).toEqual(await counted(piles, "p"));
});

test("rows that are alike are one row that counts as often", async () => {
  const waits: KeptTable = { table: "line", entity: "line", key: "says", fields: ["says"] };
  await sql`insert into line (site, pos, says) values ('w', 1, 'a'), ('w', 2, 'b'), ('w', 3, 'a')`;
  const every = Array.from({ length: keptBuckets }, (_, bucket) => bucket);
  const rows = await sql.unsafe<{ key: string; weight: number }[]>(keptRowsSql(waits), ["w", every, null, 9]);
  expect(rows.map(({ key, weight }) => [key, weight])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
});

test("a row of a log that is changed counts no longer like itself, not even when it is put back", async () => {
  await sql`insert into line (site, pos, says) values ('l', 1, 'a'), ('l', 2, 'b')`;
  expect(await kept("l", "line")).toEqual(await counted(lines, "l"));
  await sql`update line set says = 'c' where pos = 2`;
  await sql`update line set says = 'b' where pos = 2`;
  const bucket = bucketOf("2", keptBuckets);
  expect((await kept("l", "line")).get(bucket)).not.toBe((await counted(lines, "l")).get(bucket));
});

test("an empty table has an empty digest", async () => {
  await sql`insert into pile values ('q', 'a', 3)`;
  await sql`truncate pile`;
  expect(await kept("q", "pile")).toEqual(new Map());
  await sql`insert into pile values ('q', 'a', 1)`;
  expect(await kept("q", "pile")).toEqual(await counted(piles, "q"));
});

test("changes are added up under any search path", async () => {
  const other = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await other`insert into kept.thing (site, name, amount) values ('elsewhere', 'a', 1)`;
    await other`update kept.thing set amount = 2 where site = 'elsewhere'`;
  } finally {
    await other.end();
  }
  expect(await kept("elsewhere", "thing")).toEqual(await counted(things, "elsewhere"));
});

test("writers side by side, and folds between them, lose nothing", async () => {
  const writers = 4;
  const rounds = 30;
  const write = async (writer: number) => {
    for (let round = 0; round < rounds; round += 1) {
      await sql`insert into thing (site, name, amount) values ('crowd', ${`${writer}-${round % 7}`}, ${round})
        on conflict (site, name) do update set amount = excluded.amount`;
      if (round % 5 === writer) await sql.unsafe(foldDigestSql, [10]);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  expect(await kept("crowd", "thing")).toEqual(await counted(things, "crowd"));
});

const name = fc.string({ unit: "binary", maxLength: 6 }).filter((text) => !text.includes("\0"));
const document = fc.letrec<{ value: FormValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    name,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
})).value;

test("Postgres and TypeScript write the same text of a document", async () => {
  const documents = fc.sample(document, 2_000).map((value) => JSON.parse(JSON.stringify(value)) as FormValue);
  const rows = await sql<{ form: string }[]>`
    select value::text as form from jsonb_array_elements(${JSON.stringify(documents)}::text::jsonb) with ordinality as one (value, at)
    order by at`;
  expect(rows.map(({ form }) => form)).toEqual(documents.map(jsonbText));
});

test("an instant is the same number however it is spelled, and what is none stays as it is written", async () => {
  const [row] = await sql`
    select tagwire_instant('2026-01-02T03:04:05.678901Z'::timestamptz) as stamp, tagwire_instant('2026-01-02T04:04:05.678901+01:00'::text) as text,
      tagwire_instant('soon'::text) as none, tagwire_instant('2026-13-02T03:04:05Z'::text) as never`;
  const micros = "1767323045678901";
  expect(row).toEqual({ stamp: micros, text: micros, none: "soon", never: "2026-13-02T03:04:05Z" });
});
