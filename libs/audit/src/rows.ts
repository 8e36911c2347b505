import { countedDigestSql, type KeptTable, keptBuckets, keptDigestSql, keptRowsSql } from "@tagwire/digest";
import type { AuditEntity, AuditRow } from "@tagwire/messages";
import type { Reader } from "./side.ts";

/** An answer must fit into one message of the bus, and forms of sessions and contracts can be long. */
const answerBytesMax = 700_000;
const rowsPerAnswerMax = 2_000;

type Buckets = { readonly site: string; readonly buckets: readonly number[] };

/** Rows of some buckets after a key, in the order of their keys, as many as fit into an answer, and the key after which there are more. */
export const readAuditRows = async (
  sql: Reader,
  kept: KeptTable,
  { site, buckets, after }: Buckets & { readonly after: string | null },
): Promise<{ readonly rows: AuditRow[]; readonly next: string | null }> => {
  const found = await sql.unsafe<AuditRow[]>(keptRowsSql(kept), [
    site,
    buckets as number[],
    after,
    rowsPerAnswerMax + 1,
  ]);
  const rows: AuditRow[] = [];
  let bytes = 0;
  for (const { bucket, key, weight, form } of found) {
    bytes += Buffer.byteLength(form) + Buffer.byteLength(key);
    // One row always goes, or nobody would ever get past it.
    if (rows.length > 0 && (bytes > answerBytesMax || rows.length === rowsPerAnswerMax)) break;
    rows.push({ bucket, key, weight, form });
  }
  return { rows, next: rows.length < found.length ? (rows.at(-1)?.key ?? null) : null };
};

/** Buckets as SQL has them: null for all that there are. */
const wantedOf = (buckets: readonly number[]): number[] | null =>
  new Set(buckets).size === keptBuckets ? null : [...buckets];

export type Recount = {
  readonly rows: number;
  readonly differ: { bucket: number; kept: string; counted: string }[];
};

/** Adds the rows of some buckets up, and gives the buckets of which something else was kept. One statement, hence at one instant. */
export const recount = async (
  sql: Reader,
  { entity, kept, site, buckets }: Buckets & { readonly entity: AuditEntity; readonly kept: KeptTable },
): Promise<Recount> => {
  const text = "concat_ws(':', rows, a, b, c, d)";
  const found = await sql.unsafe<{ bucket: number; kept: string; counted: string; rows: number }[]>(
    `with kept as (
      select bucket, ${text} as digest from (${keptDigestSql}) kept
      where entity = $3 and ($2::int[] is null or bucket = any($2::int[]))
    ), counted as (select bucket, rows, ${text} as digest from (${countedDigestSql(kept)}) counted)
    select bucket, coalesce(kept.digest, '0:0:0:0:0') as kept, coalesce(counted.digest, '0:0:0:0:0') as counted,
      coalesce(counted.rows, 0) as rows
    from kept full join counted using (bucket) order by bucket`,
    [site, wantedOf(buckets), entity],
  );
  return {
    rows: found.reduce((rows, row) => rows + row.rows, 0),
    differ: found
      .filter((row) => row.kept !== row.counted)
      .map(({ bucket, kept: held, counted }) => ({ bucket, kept: held, counted })),
  };
};

/**
 * Takes for kept what the rows of some buckets come to, and gives in how many buckets that changed something. Everything is seen at one
 * instant, and what is added is the difference alone, so that whoever writes meanwhile is counted once, before or after.
 */
export const adoptCount = async (
  sql: Reader,
  { entity, kept, site, buckets }: Buckets & { readonly entity: AuditEntity; readonly kept: KeptTable },
): Promise<number> => {
  const lanes = ["rows", "a", "b", "c", "d"] as const;
  const sums = lanes.map((lane) => `coalesce(counted.${lane}, 0) - coalesce(kept.${lane}, 0)`);
  const changed = await sql.unsafe(
    `with kept as (
      select * from (${keptDigestSql}) kept where entity = $3 and ($2::int[] is null or bucket = any($2::int[]))
    ), counted as (${countedDigestSql(kept)}), lacking as (
      select bucket, ${sums.map((sum, at) => `${sum} as ${lanes[at]}`).join(", ")}
      from kept full join counted using (bucket)
    )
    insert into digest_delta (site, entity, bucket, rows, a, b, c, d)
    select $1, $3, bucket, rows, a, b, c, d from lacking where (rows, a, b, c, d) <> (0, 0, 0, 0, 0)
    returning bucket`,
    [site, wantedOf(buckets), entity],
  );
  return changed.length;
};
