import { form, type KeptTable, keptBuckets, told, toldByRow } from "./kept-digest.ts";

/** The text of a row's form, as `jsonb` writes it: of columns without `json` in them the other function says the same, for half the time. */
const text = (kept: KeptTable): string => form(kept).replace("jsonb_build_array(", "json_build_array(");

/** The rows of a relation: `site, key, hash`. The fence keeps a row from being hashed once for each lane. */
const hashed = (kept: KeptTable, relation: string): string =>
  `select site, ${kept.key} as key, sha256(convert_to(${text(kept)}, 'UTF8')) as hash from ${relation} offset 0`;

/** One lane of a hash, as `tagwire_lanes` has it: four bytes from one on. */
const lane = (hash: string, at: number): string =>
  `((get_byte(${hash}, ${at}) << 24) | (get_byte(${hash}, ${at + 1}) << 16) | (get_byte(${hash}, ${at + 2}) << 8) | get_byte(${hash}, ${at + 3}))`;
const lanesAt = [0, 4, 8, 12] as const;

const bucket = `tagwire_bucket(key, ${keptBuckets}) as bucket`;

const insertedSql = (kept: KeptTable): string => `
    insert into digest_delta (site, entity, bucket, rows, a, b, c, d)
    select site, '${kept.entity}', bucket, count(*), ${lanesAt.map((at) => `sum(${lane("hash", at)})`).join(", ")}
    from (select site, ${bucket}, hash from (${hashed(kept, "new_rows")}) hashed offset 0) counted group by site, bucket;`;

/** How much the sum of a lane of all rows has grown: sums of four bytes are of eight, and no slower numbers come into it. */
const grown = (at: number): string =>
  `sum(coalesce(${lane("is_new", at)}, 0)) - sum(coalesce(${lane("is_old", at)}, 0))`;

/** Each row beside itself as it was: what an update leaves alone in its form is not looked at any further. */
const updatedSql = (kept: KeptTable): string => `
    insert into digest_delta (site, entity, bucket, rows, a, b, c, d)
    select site, '${kept.entity}', bucket, count(is_new) - count(is_old), ${lanesAt.map(grown).join(", ")}
    from (
      select site, ${bucket}, is_new, is_old from (
        select site, key, now_is.hash as is_new, then_was.hash as is_old
        from (${hashed(kept, "new_rows")}) now_is full join (${hashed(kept, "old_rows")}) then_was using (site, key)
        where now_is.hash is distinct from then_was.hash offset 0
      ) beside offset 0
    ) counted group by site, bucket;`;

/**
 * What triggers of `keepDigestSql` do, for less: the same sums, told by the same functions under the same names. A form is hashed as
 * the text that `json` gives of it, and of an update rows are held against themselves as they were. Needs `keepDigestSql`.
 */
export const leanTriggersSql = (tables: readonly KeptTable[]): string =>
  tables
    .map((kept) => {
      const name = `digest_of_${kept.table}`;
      const { added, changed, taken } = toldByRow(kept);
      const inserted = kept.weight === undefined ? insertedSql(kept) : told(kept, added);
      const updated =
        kept.isKeyUnique && kept.weight === undefined && !kept.appendOnly
          ? updatedSql(kept)
          : told(kept, `(${changed}) union all (${taken})`);
      return `
create or replace function ${name}() returns trigger language plpgsql set search_path from current as $function$
begin
  case tg_op
    when 'INSERT' then ${inserted}
    when 'UPDATE' then ${updated}
    when 'DELETE' then ${told(kept, taken)}
    else
      delete from digest_delta where entity = '${kept.entity}';
      delete from digest where entity = '${kept.entity}';
  end case;
  return null;
end
$function$;
`;
    })
    .join("");
