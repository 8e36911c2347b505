import { thingNameOf } from "@tagwire/epc";
import { type Item, ItemCreated, isTrainingSite, type LoggedEvent } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { type Act, commissionedBy } from "../actors/act.ts";
import { isFree } from "../actors/free-tag.ts";
import { heldNameOf } from "../actors/held-name.ts";

/** How often a thing can have got another tag until its first one leads nowhere: far more than a tag's life allows. */
const retagsMax = 50;
const namedPerBatch = 5_000;

/** The names that tags say which acts may put on things. */
export const newNamesOf = (acts: readonly Act[], items: ReadonlyMap<string, Item>): string[] => {
  const names = acts.flatMap((act) => {
    const tag = commissionedBy(act);
    return tag === undefined || !isFree(items.get(tag)) ? [] : (thingNameOf(tag) ?? []);
  });
  return [...new Set(names)];
};

/**
 * The tags that things carry now which ever had one of these names, by the name: whatever tag they had it under. One that was given back
 * (`isGivenBack`) named nothing.
 */
export const findCarriers = async (
  sql: Sql,
  site: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  if (names.length === 0) return new Map();
  const rows = await sql<{ name: string; tags: string[] }[]>`
    with recursive carried (name, tag, retags) as (
      select thing_name.name, thing_name.tag, 0 from thing_name
      left join item on item.site = ${site} and item.tag = thing_name.tag
      where thing_name.site = ${site} and thing_name.name = any(${[...names]}::text[])
        and (item.replaced_by is null or item.replaced_by not in (item.tag, coalesce(item.replaces, item.tag)))
      union all
      select carried.name, item.replaced_by, carried.retags + 1
      from carried join item on item.site = ${site} and item.tag = carried.tag
      where item.replaced_by is not null and carried.retags < ${retagsMax}
    )
    select carried.name, array_agg(distinct carried.tag) as tags
    from carried join item on item.site = ${site} and item.tag = carried.tag and item.replaced_by is null
    group by carried.name`;
  return new Map(rows.map(({ name, tags }) => [name, tags]));
};

/** Every tag that has been on a thing of one of these names and says it, by the name. */
export const findTagsNamed = async (
  sql: Sql,
  site: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  if (names.length === 0) return new Map();
  const rows = await sql<{ name: string; tags: string[] }[]>`
    select name, array_agg(tag) as tags from thing_name
    where site = ${site} and name = any(${[...names]}::text[]) group by name`;
  return new Map(rows.map(({ name, tags }) => [name, tags]));
};

/**
 * The sites whose tags a site's numbers pass over: all that are real. What a site for practice makes up is on no thing, so it counts by
 * itself and is in nobody's way.
 */
export const countedWith = (sql: Sql, site: string) =>
  isTrainingSite(site) ? sql`site = ${site}` : sql`site !~ '^training-.'`;

/** Those of these names that a thing has had which counts with a site. */
export const findNames = async (sql: Sql, site: string, names: readonly string[]): Promise<string[]> => {
  if (names.length === 0) return [];
  const rows = await sql<{ name: string }[]>`
    select distinct name from thing_name where name = any(${[...names]}::text[]) and ${countedWith(sql, site)}`;
  return rows.map(({ name }) => name);
};

/** The part of a commit that keeps what new things are called; nothing where none of them has a name. */
export const keepingNames = (sql: Sql, events: readonly LoggedEvent[]) => {
  const named = events.flatMap(({ type, tag }) => {
    const name = type === ItemCreated.type && tag !== undefined ? thingNameOf(tag) : null;
    return name === null ? [] : [{ tag, name }];
  });
  return named.length === 0
    ? sql``
    : sql`, named as (
      insert into thing_name (site, name, tag)
      select head.site, name, tag
      from head, json_to_recordset(${JSON.stringify(named)}::text::json) as given (name text, tag text)
      on conflict do nothing
    )`;
};

/** A tag that is on things of two sites: both keep theirs, and one of them holds it. */
export type TagOfTwo = { readonly site: string; readonly tag: string };

const nameBatch = (sql: Sql): Promise<{ readonly count: number; readonly ofTwo: readonly TagOfTwo[] }> =>
  inTransaction(sql, async (transaction) => {
    const unnamed = await transaction<{ site: string; tag: string }[]>`
      delete from thing_unnamed where (site, tag) in (
        select site, tag from thing_unnamed order by site, tag limit ${namedPerBatch} for update
      ) returning site, tag`;
    const called = (nameOf: (tag: string) => string | null) =>
      JSON.stringify(
        unnamed.flatMap(({ site, tag }) => {
          const name = nameOf(tag);
          return name === null ? [] : [{ site, tag, name }];
        }),
      );
    await transaction`
      insert into thing_name (site, name, tag)
      select site, name, tag
      from json_to_recordset(${called(thingNameOf)}::text::json) as given (site text, name text, tag text)
      on conflict do nothing`;
    const holding = transaction`
      select given.name, site, tag, pos
      from json_to_recordset(${called(heldNameOf)}::text::json) as given (site text, name text, tag text)
        join item using (site, tag)
      where (status not in ('sold', 'retired') or replaced_by is not null) and site !~ '^training-.'`;
    await transaction`
      insert into name_holder (name, site)
      select name, site from (${holding}) holding order by name, pos on conflict do nothing`;
    const ofTwo = await transaction<TagOfTwo[]>`
      select holding.site, tag from (${holding}) holding join name_holder using (name)
      where name_holder.site <> holding.site order by holding.site, tag`;
    return { count: unnamed.length, ofTwo: [...ofTwo] };
  });

/**
 * Names the things that were there before names were kept, and holds what their tags say: SQL cannot read a GS1 code, so a migration left
 * them in a list. Gives those whose name another site holds: they stay as they are, and somebody has to look which of the two things it is.
 */
export const nameThings = async (sql: Sql): Promise<readonly TagOfTwo[]> => {
  const ofTwo: TagOfTwo[] = [];
  let named = await nameBatch(sql);
  while (named.count > 0) {
    ofTwo.push(...named.ofTwo);
    named = await nameBatch(sql);
  }
  return ofTwo;
};
