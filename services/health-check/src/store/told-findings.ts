import type { Sql } from "@tagwire/store";

/** What of a finding never changes without a line: whoever lowers a severity past the log needs no second person any more. */
const toldFields = [
  "code",
  "entity",
  "key",
  "severity",
  "owner",
  "dueAt",
  "resolution",
  "proposedBy",
  "signature",
];

const toldMax = 100;

/** A finding that is otherwise than the log tells. Of one that is gone, or that the log does not know, the field is `row`. */
export type Silenced = {
  readonly id: string;
  readonly field: string;
  readonly is: string | null;
  readonly told: string | null;
};

/**
 * Of these findings those that are otherwise than their newest line has told, each once, up to 100: whoever closes one past the log, or
 * deletes it, has silenced it.
 */
export const findSilenced = async (
  sql: Sql,
  site: string,
  ids: readonly string[],
): Promise<Silenced[]> => sql`
  select distinct on (id) id::text, field, "is", told from (
    select given.id, finding.id is not null as is_there, state, finding from unnest(${[...ids]}::text[]::uuid[]) as given (id)
    left join finding on finding.site = ${site} and finding.id = given.id
  ) one left join lateral (
    select data from line where line.site = ${site} and line.finding = one.id order by seq desc limit 1
  ) newest_line on true cross join lateral (
    select 'row' as field, case when is_there then state end as "is", data->>'state' as told where not is_there or data is null
    union all select 'state', state, data->>'state' where is_there and data is not null
    union all select 'state', finding->>'state', data->>'state' where is_there and data is not null
    union all select name, finding->>name, data->>name from unnest(${toldFields}::text[]) as name
      where is_there and data is not null
  ) fields
  where "is" is distinct from told order by id, field limit ${toldMax}`;

/** The findings that were seen last, and those of which the lines after one tell. */
export const newestFindings = async (
  sql: Sql,
  site: string,
  { limit, after }: { readonly limit: number; readonly after: number },
): Promise<string[]> => {
  const rows = await sql<{ id: string }[]>`
    (select id::text from finding where site = ${site} order by last_seen_at desc, id desc limit ${limit})
    union select finding::text from line where site = ${site} and seq > ${after} and finding is not null`;
  return rows.map(({ id }) => id);
};

/** So many findings after one, those that are there and those of which only the log tells, in the order of their ids. */
export const findingsAfter = async (
  sql: Sql,
  site: string,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<string[]> => {
  const rows = await sql<{ id: string }[]>`
    select id::text from (
      (select id from finding where site = ${site} and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${limit})
      union
      (select distinct finding from line where site = ${site} and finding is not null
        and (${after}::uuid is null or finding > ${after}::uuid) order by finding limit ${limit})
    ) both_sides order by both_sides.id limit ${limit}`;
  return rows.map(({ id }) => id);
};

/** How many findings there are of a site, over or not. */
export const countOfSite = async (sql: Sql, site: string): Promise<number> => {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from finding where site = ${site}`;
  return row.count;
};
