import { testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketOf } from "./bucket.ts";
import { addRow, type Digest, digestText, emptyDigest } from "./digest.ts";
import { digestSql } from "./digest-sql.ts";
import { type Canonical, canonicalRow, rowLanes } from "./row.ts";

const rowCount = 3000;
const stack = new AsyncDisposableStack();
let sql: postgres.Sql;

beforeAll(async () => {
  const { url } = stack.use(await testDatabase());
  sql = postgres(url, { max: 1, onnotice: () => {} });
  stack.defer(() => sql.end());
  await sql.unsafe("create schema tagwire_digest_test; set search_path to tagwire_digest_test");
  await sql.unsafe(digestSql);
});
afterAll(() => stack.disposeAsync());

/** What Postgres can hold: every character but NUL, with the ones that need escapes more often than chance has them. */
const character = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((text) => text !== "\0"),
  },
  { weight: 1, arbitrary: fc.constantFrom("\\", "\x1f", "\\N", "\\E", "'", "é", "\u{1f9fa}", "e\u0301") },
);
const text = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(""));
const field = fc.oneof(text, fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
const rows: Canonical[] = fc.sample(fc.array(field, { maxLength: 8 }), rowCount);
const asText = (value: Canonical[number]) => (value === null ? null : String(value));
const texts = rows.map((row) => row.map(asText));

test(`SQL and TypeScript agree on the form and the lanes of ${rowCount} rows`, async () => {
  const found = await sql<{ canonical: string; lanes: number[] }[]>`
    select canonical, tagwire_lanes(canonical) as lanes
    from jsonb_array_elements(${sql.json(texts)}) with ordinality as row (fields, at),
      tagwire_canonical(variadic array(
        select field from jsonb_array_elements_text(fields) with ordinality as one (field, place) order by place
      )) as canonical
    order by at`;
  expect(found.map(({ canonical }) => canonical)).toEqual(rows.map(canonicalRow));
  expect(found.map(({ lanes }) => lanes)).toEqual(rows.map((row) => [...rowLanes(canonicalRow(row))]));
});

test("columns cast to text have the form of their values", async () => {
  const [found] = await sql<{ canonical: string }[]>`
    select tagwire_canonical('tag'::text, (-12)::text, 9007199254740991::text, true::text, null::text) as canonical`;
  expect(found?.canonical).toBe(canonicalRow(["tag", -12, Number.MAX_SAFE_INTEGER, true, null]));
});

test.each([1, 256, 65_536])("SQL and TypeScript agree on the bucket among %d", async (buckets) => {
  const keys = texts.map((row) => row.join("/"));
  const found = await sql<{ bucket: number }[]>`
    select tagwire_bucket(key, ${buckets}) as bucket
    from jsonb_array_elements_text(${sql.json(keys)}) with ordinality as one (key, at) order by at`;
  expect(found.map(({ bucket }) => bucket)).toEqual(keys.map((key) => bucketOf(key, buckets)));
});

test("sums in SQL are the digest in TypeScript", async () => {
  const canonical = rows.map(canonicalRow);
  const expected: Digest = canonical.reduce((digest, row) => addRow(digest, rowLanes(row)), emptyDigest);
  const [found] = await sql<{ digest: string }[]>`
    select concat_ws(':', count(*), sum(lanes[1]), sum(lanes[2]), sum(lanes[3]), sum(lanes[4])) as digest
    from jsonb_array_elements_text(${sql.json(canonical)}) as row, tagwire_lanes(row) as lanes`;
  expect(found?.digest).toBe(digestText(expected));
});

test.each([0, -4, 3, 131_072])("%d buckets are refused", async (buckets) => {
  await expect(sql`select tagwire_bucket('tag', ${buckets})`).rejects.toMatchObject({ code: "22023" });
});

test("it can run again, and its functions may stand in an index and in a parallel plan", async () => {
  await sql.unsafe(digestSql);
  const found = await sql`
    select proname, provolatile, proparallel from pg_proc
    where pronamespace = current_schema()::regnamespace order by proname`;
  expect(found.map((row) => ({ ...row }))).toEqual(
    ["tagwire_bucket", "tagwire_canonical", "tagwire_lanes"].map((proname) => ({
      proname,
      provolatile: "i",
      proparallel: "s",
    })),
  );
});
