import type { Transaction } from "@tagwire/actor";
import type { Crew, RentalClass } from "@tagwire/messages";
import { type Classes, describedClasses } from "../actors/class-book.ts";
import type { SiteRun } from "../actors/happening.ts";
import { type Reader, recordset } from "./rows.ts";

type Row = {
  site: string;
  class: string;
  name: string | null;
  short_name: string | null;
  category: string | null;
  subcategory: string | null;
  crew: Crew | null;
  place: string | null;
  version: number;
  pos: number;
};

const classOf = (row: Row): RentalClass => ({
  class: row.class,
  name: row.name,
  shortName: row.short_name,
  category: row.category,
  subcategory: row.subcategory,
  crew: row.crew,
  place: row.place,
  version: row.version,
  pos: row.pos,
});

const classesOf = (rows: readonly Row[] = []): Classes =>
  new Map(rows.map((row) => [row.class, classOf(row)]));

/** Some classes by their names, of each site. */
export const findNamedClasses = async (
  sql: Reader,
  wanted: readonly { readonly site: string; readonly class: string }[],
): Promise<ReadonlyMap<string, Classes>> => {
  const rows = await sql<Row[]>`
    select known.* from json_to_recordset(${recordset(wanted)}::text::json) as wanted (site text, class text)
    cross join lateral (
      select * from rental_class where rental_class.site = wanted.site and rental_class.class = wanted.class limit 1
    ) known`;
  return new Map([...Map.groupBy(rows, ({ site }) => site)].map(([site, own]) => [site, classesOf(own)]));
};

/** The classes that some happenings describe, as they were before. */
export const findClasses = async (
  sql: Reader,
  runs: readonly SiteRun[],
): Promise<ReadonlyMap<string, Classes>> => {
  const wanted = runs.flatMap(({ site, happenings }) =>
    [...describedClasses(happenings)].map((name) => ({ site, class: name })),
  );
  const known = await findNamedClasses(sql, wanted);
  return new Map(runs.map(({ site }) => [site, known.get(site) ?? new Map()]));
};

/** All classes of a site that somebody has described. */
export const readClasses = async (sql: Reader, site: string): Promise<Classes> =>
  classesOf(await sql<Row[]>`select * from rental_class where site = ${site}`);

/** Writes classes as they are now. Safe to repeat: the row is the whole truth of its class. */
export const saveClasses = (
  transaction: Transaction,
  changed: ReadonlyMap<string, Classes>,
): Promise<unknown> => {
  const rows = [...changed].flatMap(([site, own]) =>
    [...own.values()].map(({ shortName, ...rest }) => ({ site, short_name: shortName, ...rest })),
  );
  return transaction`
    insert into rental_class (site, class, name, short_name, category, subcategory, crew, place, version, pos)
    select site, class, name, short_name, category, subcategory, crew, place, version, pos
    from json_to_recordset(${recordset(rows)}::text::json) as given (
      site text, class text, name text, short_name text, category text, subcategory text, crew text, place text,
      version bigint, pos bigint)
    on conflict (site, class) do update set
      name = excluded.name, short_name = excluded.short_name, category = excluded.category,
      subcategory = excluded.subcategory, crew = excluded.crew, place = excluded.place,
      version = excluded.version, pos = excluded.pos`;
};
