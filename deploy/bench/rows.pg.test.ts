import { openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { prepareFloor } from "./rows.ts";

/** Tables of the product's names, with each thing that a copy may lose or add. */
const tables = `
  create schema operations;
  create schema manager;
  create table operations.site (site text primary key);
  create table operations.event (site text not null, pos bigint not null check (pos > 0), tag text, primary key (site, pos));
  create index event_by_tag on operations.event (site, tag, pos desc);
  create table operations.item (site text not null references operations.site, tag text not null, primary key (site, tag))
    with (fillfactor = 80);
  create table operations.receipt (site text not null, id uuid not null, at timestamptz default now(), primary key (site, id));
  create index receipt_by_age on operations.receipt using brin (at);
  create table operations.contract_member (site text not null references operations.site, contract text not null, tag text not null,
    state text not null, primary key (site, contract, tag)) with (fillfactor = 80);
  create index member_owed on operations.contract_member (site, tag) where state = 'not_recorded';
  create table manager.item (site text not null, tag text not null, primary key (site, tag)) with (fillfactor = 70);`;

/** What writing a row costs: everything but the name of the schema and of what lies in it. */
const describe = async (sql: Sql, schema: string, table: string) => {
  const name = `${schema}.${table}`;
  const plain = (text: string) =>
    text.replace(/(INDEX) \S+ (ON) \S+/, "$1 $2").replace(/REFERENCES \w+\./, "REFERENCES ");
  const [settings] = await sql<{ reloptions: string[] | null }[]>`
    select reloptions from pg_class where oid = ${name}::regclass`;
  const indexes = await sql<{ indexdef: string }[]>`
    select indexdef from pg_indexes where schemaname = ${schema} and tablename = ${table}`;
  const constraints = await sql<{ definition: string }[]>`
    select pg_get_constraintdef(oid) as definition from pg_constraint where conrelid = ${name}::regclass`;
  const columns = await sql`
    select column_name, data_type, is_nullable, column_default from information_schema.columns
    where table_schema = ${schema} and table_name = ${table} order by ordinal_position`;
  return {
    settings: settings?.reloptions,
    indexes: indexes.map(({ indexdef }) => plain(indexdef)).sort(),
    constraints: constraints.map(({ definition }) => plain(definition)).sort(),
    columns: [...columns],
  };
};

test("the floor's tables cost what the product's do: the same references, indexes, checks and storage, none more", async () => {
  await using database = await testDatabase();
  const { sql, close } = await openStore({
    url: database.url,
    schema: "bench",
    name: "bench",
    log: quietLog(),
    connectionsMax: 1,
  });
  try {
    await sql.unsafe(tables);
    await prepareFloor(sql);
    for (const table of ["event", "item", "receipt", "contract_member"])
      expect(await describe(sql, "bench", table)).toEqual(await describe(sql, "operations", table));
    expect(await describe(sql, "bench", "projected")).toEqual(await describe(sql, "manager", "item"));
    expect((await describe(sql, "bench", "item")).settings).toEqual(["fillfactor=80"]);
  } finally {
    await close();
  }
});
