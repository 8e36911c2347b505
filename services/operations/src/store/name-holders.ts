import { type Item, isTrainingSite } from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";
import { type Act, commissionedBy } from "../actors/act.ts";
import { type HeldNames, isHolding } from "../actors/epc-holder.ts";
import { isFree } from "../actors/free-tag.ts";
import { heldNameOf } from "../actors/held-name.ts";

/** The site where the thing is that has a name: one of all sites, which the key sees to whoever commits first. */
export const nameHolders: Migration = {
  name: "name-holders-1",
  sql: `
    create table name_holder (
      name text collate "C" primary key,
      site text not null
    );
    insert into name_holder (name, site)
    select thing_name.name, site from thing_name join item using (site, tag)
    where (status not in ('sold', 'retired') or replaced_by is not null) and site !~ '^training-.'
    order by thing_name.name, pos
    on conflict do nothing;
  `,
};

/**
 * EPCs that GS1 names nothing by are held as well. Those that were there before wait to be held with what waits for its name: an older
 * replica that runs meanwhile holds none of its own.
 */
export const epcHolders: Migration = {
  name: "name-holders-2",
  sql: `
    insert into thing_unnamed (site, tag)
    select site, tag from item
    where tag ~ '^([0-9A-F]{4}){6,}$' and tag !~ '^E2'
      and not exists (select 1 from thing_name where thing_name.site = item.site and thing_name.tag = item.tag)
    on conflict do nothing;
  `,
};

/** Postgres' word for a key that is there already. */
const uniqueViolation = "23505";
const keyName = "name_holder_pkey";

/** Whether a commit failed because another site has begun to hold a name of it meanwhile. */
export const isNameHeld = (error: unknown): boolean => {
  const { code, constraint_name: key } = error as { code?: unknown; constraint_name?: unknown };
  return code === uniqueViolation && key === keyName;
};

/** The names of things that acts may bring back into the stock: what was sold or retired is edited, by hand or by a file. */
export const revivedNamesOf = (acts: readonly Act[], items: ReadonlyMap<string, Item>): string[] =>
  acts.flatMap((act) => {
    if (act.kind !== "item.patch" && act.kind !== "import") return [];
    const item = items.get(act.body.tag);
    return item === undefined || isHolding(item) ? [] : (heldNameOf(item.tag) ?? []);
  });

/** The names by which the tags are held that acts may put on things. */
export const newlyHeldOf = (acts: readonly Act[], items: ReadonlyMap<string, Item>): string[] =>
  acts.flatMap((act) => {
    const tag = commissionedBy(act);
    return tag === undefined || !isFree(items.get(tag)) ? [] : (heldNameOf(tag) ?? []);
  });

/** Those of some names that other sites hold. A site for practice holds none, and may use every one. */
export const findHeldElsewhere = async (
  sql: Sql,
  site: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (names.length === 0 || isTrainingSite(site)) return new Set();
  const rows = await sql<{ name: string }[]>`
    select name from name_holder where name = any(${names as string[]}::text[]) and site <> ${site}`;
  return new Set(rows.map(({ name }) => name));
};

/**
 * The part of a commit that holds names, and lets them go. A name that another site holds fails the statement as a whole; all sites take
 * theirs in one order, so that two of them never wait for each other.
 */
export const holdingNames = (sql: Sql, { taken, freed }: HeldNames) => sql`
    ${
      taken.length === 0
        ? sql``
        : sql`, names_taken as (
      insert into name_holder (name, site)
      select given.name, head.site from head, unnest(${[...taken].sort()}::text[]) as given (name)
      where not exists (select 1 from name_holder own where own.name = given.name and own.site = head.site)
    )`
    }
    ${
      freed.length === 0
        ? sql``
        : sql`, names_freed as (
      delete from name_holder using head
      where name_holder.site = head.site and name_holder.name = any(${freed as string[]}::text[])
    )`
    }`;
