import type { RentalClass } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Changed } from "../actors/book.ts";

type Row = {
  class: string;
  name: string | null;
  short_name: string | null;
  category: string | null;
  subcategory: string | null;
  crew: RentalClass["crew"];
  place: string | null;
  version: number;
  pos: number;
};

const classOf = ({ short_name, ...row }: Row): RentalClass => ({ ...row, shortName: short_name });

export const findClasses = async (
  sql: Sql,
  site: string,
  names: readonly string[],
): Promise<Map<string, RentalClass>> => {
  if (names.length === 0) return new Map();
  const rows = await sql<Row[]>`
    select class, name, short_name, category, subcategory, crew, place, version, pos from class
    where site = ${site} and class = any(${names as string[]}::text[])`;
  return new Map(rows.map((row) => [row.class, classOf(row)]));
};

/** A page of the described classes in the order of their names; one row more than `limit` says that there is a next page. */
export const listClasses = async (
  sql: Sql,
  {
    site,
    limit,
    after,
  }: { readonly site: string; readonly limit: number; readonly after: string | undefined },
): Promise<RentalClass[]> => {
  const rows = await sql<Row[]>`
    select class, name, short_name, category, subcategory, crew, place, version, pos from class
    where site = ${site} ${after === undefined ? sql`` : sql`and class > ${after}`}
    order by class limit ${limit + 1}`;
  return rows.map(classOf);
};

/** The part of a turn's commit that keeps the classes it described; nothing when it described none. */
export const savingClasses = (sql: Sql, { classes }: Pick<Changed, "classes">) =>
  classes.size === 0
    ? sql``
    : sql`, classes as (
      insert into class (site, class, name, short_name, category, subcategory, crew, place, version, pos)
      select head.site, class, name, "shortName", category, subcategory, crew, place, version, pos
      from head, json_to_recordset(${JSON.stringify([...classes.values()])}::text::json) as given (class text, name text,
        "shortName" text, category text, subcategory text, crew text, place text, version int, pos bigint)
      on conflict (site, class) do update set name = excluded.name, short_name = excluded.short_name, category = excluded.category,
        subcategory = excluded.subcategory, crew = excluded.crew, place = excluded.place, version = excluded.version,
        pos = excluded.pos
    )`;
