import type postgres from "postgres";
import { site } from "./test-day.ts";

/* Whoever writes to what both sides keep of their rows, rather than to the rows. */

export type Side = "operations" | "manager";
export type SumTable = "digest" | "digest_delta";

/** What each column of sums is made, as SQL. No row is in a bucket beyond the last one, and none is in the way there. */
const others: Readonly<Record<string, Readonly<Record<SumTable, string>>>> = {
  site: { digest: "site || 'x'", digest_delta: "site || 'x'" },
  entity: { digest: "entity || 'x'", digest_delta: "entity || 'x'" },
  bucket: { digest: "bucket + 4096", digest_delta: "(bucket + 1) % 4096" },
  ...Object.fromEntries(
    ["rows", "a", "b", "c", "d"].map((lane) => [
      lane,
      { digest: `${lane} + 1`, digest_delta: `${lane} + 1` },
    ]),
  ),
};
export const sumColumns = Object.keys(others);

const lanes = "rows, a, b, c, d";
const sumsOf = (side: Side): string => `
  select site, entity, bucket, sum(rows)::bigint as rows, sum(a)::bigint as a, sum(b)::bigint as b, sum(c)::bigint as c, sum(d)::bigint as d
  from (select site, entity, bucket, ${lanes} from ${side}.digest
    union all select site, entity, bucket, ${lanes} from ${side}.digest_delta) parts group by site, entity, bucket`;

/** Makes a column of some row of the sums another one, and gives of what it was and what puts it right. */
export const spoilSums = (
  sql: postgres.Sql,
  side: Side,
  { table, column }: { table: SumTable; column: string },
) =>
  sql.begin(async (transaction) => {
    await transaction.unsafe(`lock table ${side}.digest, ${side}.digest_delta in exclusive mode`);
    // All that is kept of one bucket is put into one of the two tables: what else lies there may come to nothing, and would change nothing.
    await transaction.unsafe(`create temp table chosen on commit drop as select * from (${sumsOf(side)}) s
      where site = '${site}' and bucket < 4096 and entity not like '%x' and rows <> 0 order by random() limit 1`);
    for (const kept of ["digest", "digest_delta"])
      await transaction.unsafe(`
        delete from ${side}.${kept} k using chosen c where (k.site, k.entity, k.bucket) = (c.site, c.entity, c.bucket)`);
    const [row] = await transaction.unsafe(`
      insert into ${side}.${table} (site, entity, bucket, ${lanes})
      select site, entity, bucket, ${lanes} from chosen returning entity, bucket`);
    const { entity, bucket } = row as unknown as { entity: string; bucket: number };
    await transaction.unsafe(`create temp table sums_before on commit drop as ${sumsOf(side)}`);
    await transaction.unsafe(
      `update ${side}.${table} set ${column} = ${others[column]?.[table]}
      where ctid = (select ctid from ${side}.${table} where site = $1 and entity = $2 and bucket = $3 limit 1)`,
      [site, entity, bucket],
    );
    const lacking = ["rows", "a", "b", "c", "d"].map(
      (lane) => `coalesce(was.${lane}, 0) - coalesce(is_now.${lane}, 0)`,
    );
    await transaction.unsafe(`create table if not exists public.lacking (side text, site text, entity text, bucket int,
      rows int, a bigint, b bigint, c bigint, d bigint)`);
    await transaction.unsafe(`
      insert into public.lacking select '${side}', site, entity, bucket, ${lacking.join(", ")}
      from sums_before was full join (${sumsOf(side)}) is_now using (site, entity, bucket)`);
    return { side, entity, bucket };
  });

/** Puts all sums right that were spoiled. */
export const mendSums = (sql: postgres.Sql) =>
  sql.begin(async (transaction) => {
    for (const side of ["operations", "manager"] as const)
      await transaction.unsafe(`
        insert into ${side}.digest_delta (site, entity, bucket, ${lanes})
        select site, entity, bucket, ${lanes} from public.lacking where side = '${side}' and (${lanes}) <> (0, 0, 0, 0, 0)`);
    await transaction`truncate public.lacking`;
  });

/**
 * What each column of what is taken of the items at a barrier is made as it is written, and whether an audit has to differ for it. The
 * record says its digests as it takes them, and a vector is asked for only where digests differ: what is not read harms nobody.
 */
export const barrierColumns: readonly { column: string; other: string; differs: readonly Side[] }[] = [
  { column: "site", other: "new.site || 'x'", differs: ["manager"] },
  { column: "barrier", other: "gen_random_uuid()", differs: ["manager"] },
  { column: "entity", other: "new.entity || 'x'", differs: ["operations", "manager"] },
  { column: "digest", other: "'1:0:0:0:0'", differs: ["operations", "manager"] },
  { column: "vector", other: "''", differs: [] },
  { column: "taken_at", other: "now() - interval '1 day'", differs: [] },
];

/** Spoils a column of what a side takes of its items at every barrier, until what it gives is called. */
export const spoilBarriers = async (
  sql: postgres.Sql,
  side: Side,
  { column, other }: { column: string; other: string },
): Promise<() => Promise<unknown>> => {
  await sql.unsafe(`
    create function ${side}.spoil() returns trigger language plpgsql as $$ begin new.${column} := ${other}; return new; end $$;
    create trigger spoil before insert on ${side}.barrier_vector for each row when (new.entity = 'item')
      execute function ${side}.spoil()`);
  return () => sql.unsafe(`drop function ${side}.spoil cascade`);
};
