import { bucketsMax } from "./bucket.ts";

/** Among so many buckets the rows of an entity of a site are spread: of ten million, 2,400 are in each. */
export const keptBuckets = 4_096;

/** A table whose rows are added up as they are written. Its columns are those of one row, without a prefix. */
export type KeptTable = {
  readonly table: string;
  /** What its rows are, for whoever compares them: the same word on both sides. */
  readonly entity: string;
  /** SQL of the text that names a row among those of its site: it chooses the bucket. */
  readonly key: string;
  /** SQL of the fields of a row's form, in their order. */
  readonly fields: readonly string[];
  /** SQL of how many times a row counts; once where nothing is said. */
  readonly weight?: string;
  /** Rows are only ever added: one that is changed all the same never counts like one that was not. */
  readonly appendOnly?: true;
  /** No two rows of a site have the same key. */
  readonly isKeyUnique?: true;
};

/** SQL of the text of a row's form. */
export const form = ({ fields }: KeptTable): string => `jsonb_build_array(${fields.join(", ")})::text`;

/** The rows of a relation as they count: `site, bucket, weight, lanes`. The fence keeps a row from being hashed once for each lane. */
const counted = (kept: KeptTable, relation: string, lanesOf = form(kept)): string =>
  `select site, tagwire_bucket(${kept.key}, ${keptBuckets}) as bucket, (${kept.weight ?? "1"})::int as weight,
      tagwire_lanes(${lanesOf}) as lanes from ${relation} offset 0`;

/** What rows come to, bucket by bucket. What an update leaves as it was comes to nothing, and is not told. */
const sums =
  "sum(weight), sum(lanes[1]::bigint * weight), sum(lanes[2]::bigint * weight), sum(lanes[3]::bigint * weight), sum(lanes[4]::bigint * weight)";

/** SQL that tells what rows come to, bucket by bucket. */
export const told = (kept: KeptTable, rows: string): string => `
    insert into digest_delta (site, entity, bucket, rows, a, b, c, d)
    select * from (select site, '${kept.entity}', bucket, ${sums} from (${rows}) counted group by site, bucket)
      as told (site, entity, bucket, rows, a, b, c, d)
    where (rows, a, b, c, d) <> (0, 0, 0, 0, 0);`;

/** The rows that a statement has added, those that it has changed as they are now, and those that it has taken away, as they count. */
export const toldByRow = (kept: KeptTable) => {
  const added = counted(kept, "new_rows");
  return {
    added,
    changed: kept.appendOnly ? counted(kept, "new_rows", `${form(kept)} || ' changed'`) : added,
    taken: `select site, bucket, -weight as weight, lanes from (${counted(kept, "old_rows")}) old_counted`,
  };
};

/** Part of a migration: its text never changes. */
const triggerSql = (kept: KeptTable): string => {
  const name = `digest_of_${kept.table}`;
  const { added, changed, taken } = toldByRow(kept);
  return `
create or replace function ${name}() returns trigger language plpgsql set search_path from current as $function$
begin
  case tg_op
    when 'INSERT' then ${told(kept, added)}
    when 'UPDATE' then ${told(kept, `(${changed}) union all (${taken})`)}
    when 'DELETE' then ${told(kept, taken)}
    else
      delete from digest_delta where entity = '${kept.entity}';
      delete from digest where entity = '${kept.entity}';
  end case;
  return null;
end
$function$;
create or replace trigger ${name}_inserted after insert on ${kept.table}
  referencing new table as new_rows for each statement execute function ${name}();
create or replace trigger ${name}_updated after update on ${kept.table}
  referencing old table as old_rows new table as new_rows for each statement execute function ${name}();
create or replace trigger ${name}_deleted after delete on ${kept.table}
  referencing old table as old_rows for each statement execute function ${name}();
create or replace trigger ${name}_truncated after truncate on ${kept.table}
  for each statement execute function ${name}();
-- The bucket first: no plan for the rows of a site, made while the table was still empty, may ever lean on this one.
create index if not exists ${name}_bucket on ${kept.table} (tagwire_bucket(${kept.key}, ${keptBuckets}), site);
`;
};

/** Adds up what is there already: for tables that held rows before they were kept account of. */
const fillSql = (kept: KeptTable): string => `
insert into digest (site, entity, bucket, rows, a, b, c, d)
select site, '${kept.entity}', bucket, ${sums}
from (${counted(kept, kept.table)}) counted where weight <> 0 group by site, bucket;
`;

/** `tagwire_instant`: microseconds since 1970 as text; text that is no instant stays as it is written, so that it is seen to differ. */
const instantSql = `
create or replace function tagwire_instant(at timestamptz) returns text
language plpgsql immutable strict parallel safe
as $function$
begin
  return (extract(epoch from at) * 1000000)::bigint::text;
end
$function$;

create or replace function tagwire_instant(at text) returns text
language plpgsql immutable strict parallel safe
as $function$
begin
  if at !~* '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$' then return at; end if;
  return (extract(epoch from at::timestamptz) * 1000000)::bigint::text;
exception when datetime_field_overflow or invalid_datetime_format then return at;
end
$function$;
`;

/**
 * Digests of tables, kept while they are written: in the transaction of a change, whoever makes it, and of the columns as they
 * really are. Needs `digestSql`. Makes in the first schema of the search path:
 *
 * - `digest`: for each site, entity and bucket how many rows there are, and the sums of their lanes
 * - `digest_delta`: what changes add to it. Rows are appended, since whoever updated the buckets at once would wait for everybody
 *   else who does; `foldDigestSql` takes them in. The digest is the sum of both tables
 * - triggers on each table, and an index on the bucket of its rows
 * - `tagwire_instant(timestamptz)` and `(text)`: an instant for a form, in microseconds since 1970
 *
 * A row's form is the text of the `jsonb` array of its fields ({@link jsonbText} gives the same), its lanes are `tagwire_lanes` of that,
 * and its bucket is `tagwire_bucket` of its key among {@link keptBuckets}.
 */
export const keepDigestSql = (tables: readonly KeptTable[]): string => {
  if (keptBuckets > bucketsMax) throw new RangeError("more buckets than there may be");
  return `
create table if not exists digest (
  site text not null,
  entity text not null,
  bucket int not null,
  rows bigint not null,
  a bigint not null,
  b bigint not null,
  c bigint not null,
  d bigint not null,
  primary key (site, entity, bucket)
) with (fillfactor = 70);
create table if not exists digest_delta (
  site text not null,
  entity text not null,
  bucket int not null,
  rows int not null,
  a bigint not null,
  b bigint not null,
  c bigint not null,
  d bigint not null
);
${instantSql}
${tables.map(triggerSql).join("")}
${tables.map(fillSql).join("")}`;
};

/**
 * Takes what changes have added into the digest itself. One statement, hence at one instant: whoever reads both tables in one
 * statement of its own finds the same sums before and after. It gives how many changes it took, at most `$1`.
 */
export const foldDigestSql = `
with taken as (
  delete from digest_delta where ctid = any(array(select ctid from digest_delta limit $1 for update skip locked))
  returning site, entity, bucket, rows, a, b, c, d
), folded as (
  insert into digest (site, entity, bucket, rows, a, b, c, d)
  select site, entity, bucket, sum(rows), sum(a), sum(b), sum(c), sum(d) from taken group by site, entity, bucket
  order by site, entity, bucket
  on conflict (site, entity, bucket) do update set rows = digest.rows + excluded.rows, a = digest.a + excluded.a,
    b = digest.b + excluded.b, c = digest.c + excluded.c, d = digest.d + excluded.d
)
select count(*)::int as taken from taken`;

/** The digest of each bucket of a site (`$1`): `entity, bucket, rows, a, b, c, d`, those that are not empty. */
export const keptDigestSql = `
select entity, bucket, sum(rows)::bigint as rows, sum(a)::bigint as a, sum(b)::bigint as b, sum(c)::bigint as c, sum(d)::bigint as d
from (
  select entity, bucket, rows, a, b, c, d from digest where site = $1
  union all
  select entity, bucket, rows, a, b, c, d from digest_delta where site = $1
) parts
group by entity, bucket
having sum(rows) <> 0 or sum(a) <> 0 or sum(b) <> 0 or sum(c) <> 0 or sum(d) <> 0`;

/**
 * The digest of the rows of a table as they are now, in some buckets (`$2`, an array) of a site (`$1`), or in all of them where that is
 * null, which is far faster than to name them all: `bucket, rows, a, b, c, d`.
 */
export const countedDigestSql = (kept: KeptTable): string => `
select bucket, sum(weight)::bigint as rows, sum(lanes[1]::bigint * weight)::bigint as a, sum(lanes[2]::bigint * weight)::bigint as b,
  sum(lanes[3]::bigint * weight)::bigint as c, sum(lanes[4]::bigint * weight)::bigint as d
from (
  select tagwire_bucket(${kept.key}, ${keptBuckets}) as bucket, (${kept.weight ?? "1"})::int as weight, tagwire_lanes(${form(kept)}) as lanes
  from ${kept.table} where site = $1 and ($2::int[] is null or tagwire_bucket(${kept.key}, ${keptBuckets}) = any($2::int[])) offset 0
) counted where weight <> 0 group by bucket`;

/**
 * The rows of some buckets (`$2`) of a site (`$1`) after a key (`$3`, or null), at most `$4`, by their keys: `bucket, key, weight, form`.
 * Rows that are alike are one, that counts as often as they do together.
 */
export const keptRowsSql = (kept: KeptTable): string => `
select bucket, key, sum(weight)::int as weight, form from (
  select tagwire_bucket(${kept.key}, ${keptBuckets}) as bucket, (${kept.key}) collate "C" as key, (${kept.weight ?? "1"})::int as weight,
    ${form(kept)} as form
  from ${kept.table} where site = $1 and tagwire_bucket(${kept.key}, ${keptBuckets}) = any($2::int[])
) rows where weight <> 0 and ($3::text is null or key > $3 collate "C")
group by bucket, key, form order by key limit $4`;
