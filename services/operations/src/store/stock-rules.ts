import {
  type DueItem,
  resaleOutStatuses,
  resaleRoles,
  type SoldByRule,
  type StockRule,
  type StockRuleName,
  StockRuleSet,
  type StockRuleStanding,
  stockRuleDefault,
} from "@tagwire/messages";
import type { Migration, Sql } from "@tagwire/store";
import type { Said } from "../actors/decision.ts";

/** How a site's rules are set is what its log says; the row has it so that whoever looks need not read the log. */
export const siteRules: Migration = {
  name: "stock-rules-1",
  sql: `
    alter table site add rules jsonb not null default '{}';
    create index item_kept_for on item (site, role, status) where role in ('resale', 'pack');
    create index event_by_rule on event (site, (by->>'rule'), epoch, pos) where by ? 'rule';
    create index event_by_rule_of_tag on event (site, tag, pos) where by ? 'rule';
  `,
};

/** What the commit of a turn sets besides the head, where one of its events sets a rule; nothing for nearly all. */
export const keepingRules = (sql: Sql, events: readonly Pick<Said, "type" | "data">[]) => {
  const set = events.flatMap(({ type, data }) => (type === StockRuleSet.type ? [data as StockRuleSet] : []));
  if (set.length === 0) return sql``;
  const rules = Object.fromEntries(set.map(({ rule, set: now }) => [rule, now]));
  return sql`, rules = site.rules || ${JSON.stringify(rules)}::text::jsonb`;
};

/** How a rule of a site is set; as nobody has set it where nobody has. */
export const ruleOf = async (sql: Sql, site: string, rule: StockRuleName): Promise<StockRule> => {
  const [row] = await sql<{ set: StockRule | null }[]>`
    select rules->${rule} as set from site where site = ${site}`;
  return row?.set ?? stockRuleDefault;
};

/** The sites that follow a rule by themselves. */
export const sitesFollowing = async (sql: Sql, rule: StockRuleName): Promise<string[]> =>
  (
    await sql<{ site: string }[]>`
      select site from site where pos > 0 and rules->${rule}->>'enabled' = 'true' order by site`
  ).map(({ site }) => site);

/**
 * Things that are due: nobody scanned them since `before`, and the rule has not sold them since their last scan already. Where it has
 * and they are out again, somebody took that back, and knows better.
 */
const dueOf = (sql: Sql, site: string, { rule, before }: { rule: StockRuleName; before: Date }) => sql`
  from item, lateral (select (item.last_scan->>'scannedAt')::timestamptz as scanned_at) seen
  where item.site = ${site} and item.role = any(${[...resaleRoles]}::text[])
    and item.status = any(${[...resaleOutStatuses]}::text[]) and seen.scanned_at < ${before}
    and not exists (
      select 1 from event where event.site = item.site and event.tag = item.tag and event.by ? 'rule'
        and event.by->>'rule' = ${rule} and event.recorded_at > seen.scanned_at)`;

export type DueTag = { readonly tag: string; readonly version: number };

/** A batch of things that are due, in the order of their tags, after one when it is given. */
export const dueTags = (
  sql: Sql,
  site: string,
  query: { rule: StockRuleName; before: Date; after: string; limit: number },
): Promise<DueTag[]> => sql<DueTag[]>`
  select item.tag, item.version ${dueOf(sql, site, query)} and item.tag > ${query.after}
  order by item.tag limit ${query.limit}`;

type DueRow = Omit<DueItem, "lastScanAt"> & { scanned_at: Date };

export const countDue = async (
  sql: Sql,
  site: string,
  query: { rule: StockRuleName; before: Date },
): Promise<number> => {
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count ${dueOf(sql, site, query)}`;
  return row.count;
};

/** Those that are due and were not scanned for longest. */
export const listDue = async (
  sql: Sql,
  site: string,
  query: { rule: StockRuleName; before: Date; limit: number },
): Promise<DueItem[]> => {
  const rows = await sql<DueRow[]>`
    select item.tag, item.class, item.role, item.status, item.contract, seen.scanned_at ${dueOf(sql, site, query)}
    order by seen.scanned_at, item.tag limit ${query.limit}`;
  return rows.map(({ scanned_at, ...item }) => ({ ...item, lastScanAt: scanned_at.toISOString() }));
};

/** What a rule sold last, the newest first. */
export const listSold = async (
  sql: Sql,
  site: string,
  { rule, limit }: { rule: StockRuleName; limit: number },
): Promise<SoldByRule[]> => {
  const rows = await sql<(Omit<SoldByRule, "at"> & { recorded_at: Date })[]>`
    select tag, recorded_at, epoch, pos, by,
      exists (select 1 from event later where later.site = event.site and later.epoch = event.epoch
        and later.data->'undoes' = to_jsonb(event.pos) and later.data ? 'undoes') as undone
    from event
    where site = ${site} and by ? 'rule' and by->>'rule' = ${rule} and type = 'item.edited.v1'
    order by epoch desc, pos desc limit ${limit}`;
  return rows.map(({ recorded_at, ...sold }) => ({ ...sold, at: recorded_at.toISOString() }));
};

/** How much of what is kept for resale or in packs stands where. */
export const resaleStock = async (sql: Sql, site: string): Promise<StockRuleStanding["stock"]> => sql<
  StockRuleStanding["stock"]
>`
  select role, status, count(*)::int as items from item
  where site = ${site} and role in ('resale', 'pack') and replaced_by is null
  group by role, status order by role, status`;
