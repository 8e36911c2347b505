import { inPart, type Rule } from "./rule.ts";

/** SQL of whether nothing is there: looked up for each row in an index, and never by reading a large table whole. */
const none = (there: string): string => `not exists (select from ${there} offset 0)`;
/** Items are ordered otherwise than what is on contracts: their index knows nothing of a tag in another order. */
const noItem = (tag: string): string =>
  none(`item where item.site = $1 and item.tag = (${tag} collate "default")`);

/**
 * What belongs together in what grows for as long as a site lives: everything that was ever on a contract or in a session, or was created.
 * Each is asked of some buckets of its keys at a time, as the digests have them, so that it reads no more at a site of ten years.
 */
export const partRules: readonly Rule[] = [
  {
    code: "orphan_member",
    entity: "member",
    inParts: true,
    sql: `select member.contract || ' ' || member.tag as key, 'no item carries ' || member.tag as detail
      from contract_member member
      where member.site = $1 and ${inPart("(member.contract || ' ' || member.tag)")} and ${noItem("member.tag")}`,
  },
  {
    code: "orphan_contract",
    entity: "member",
    inParts: true,
    sql: `select member.contract || ' ' || member.tag as key, 'contract ' || member.contract || ' is not there' as detail
      from contract_member member
      where member.site = $1 and ${inPart("(member.contract || ' ' || member.tag)")}
        and ${none("contract where contract.site = $1 and contract.number = member.contract")}`,
  },
  {
    code: "orphan_session_tag",
    entity: "session_tag",
    inParts: true,
    sql: `select own.session::text || ' ' || own.tag as key, 'session ' || own.session || ' is not there' as detail
      from session_tag own
      where own.site = $1 and ${inPart("(own.session::text || ' ' || own.tag)")}
        and ${none("session where session.site = $1 and session.id = own.session")}`,
  },
  {
    code: "orphan_history",
    entity: "item",
    inParts: true,
    sql: `select distinct event.tag as key, 'the log has created it, and it has no row' as detail
      from event
      where event.site = $1 and event.type = 'item.created.v1' and ${inPart("event.tag")} and ${noItem("event.tag")}`,
  },
  {
    code: "duplicate_tag",
    entity: "item",
    inParts: true,
    // Of a name that one thing has, as nearly all of them are, no item is looked up.
    sql: `with shared as materialized (
        select name from thing_name where site = $1 and ${inPart("name")} group by name having count(*) > 1
      )
      select called.name as key, 'carried by ' || string_agg(tag, ', ' order by tag) as detail
      from shared join thing_name called on called.site = $1 and called.name = shared.name cross join lateral (
        select from item where item.site = $1 and item.tag = called.tag and item.replaced_by is null offset 0
      ) carried
      group by called.name having count(*) > 1`,
  },
  {
    code: "out_without_contract",
    entity: "item",
    inParts: true,
    sql: `select item.tag as key, item.status || ' on ' || coalesce(item.contract, 'no contract') || ', which has it ' ||
        coalesce(member.state, 'not at all') as detail
      from item left join lateral (
        select state from contract_member own where own.site = $1 and own.contract = item.contract and own.tag = item.tag limit 1
      ) member on true
      where item.site = $1 and item.status in ('on_rent', 'delivered') and member.state is distinct from 'out' and ${inPart("item.tag")}
      union all
      select item.tag, 'out on ' || member.contract || ', and the item is ' || item.status
      from item cross join lateral (
        select contract from contract_member own where own.site = $1 and own.tag = item.tag and own.state = 'out' offset 0
      ) member
      where item.site = $1 and item.status not in ('on_rent', 'delivered') and ${inPart("item.tag")}`,
  },
  {
    code: "contract_quantity",
    entity: "contract",
    inParts: true,
    // Where the contract is not there at all, what is on it says so.
    sql: `with looked as (select number, doc from contract where site = $1 and ${inPart("number")}), counted as (
        select contract, class, count(*) filter (where state = 'staged') as staged, count(*) filter (where state = 'out') as out,
          count(*) filter (where state = 'returned') as returned, count(*) filter (where state = 'not_recorded') as not_recorded
        from contract_member where site = $1 and contract in (select number from looked) group by contract, class
      ), told as (
        select number as contract, key as class, (value->>'staged')::int as staged, (value->>'out')::int as out,
          (value->>'returned')::int as returned, (value->>'notRecorded')::int as not_recorded
        from looked, jsonb_each(doc->'counts')
      )
      select contract as key, class || ': the contract counts ' || concat_ws('/', told.staged, told.out, told.returned, told.not_recorded) ||
        ' staged/out/returned/not recorded, on it are ' ||
        concat_ws('/', counted.staged, counted.out, counted.returned, counted.not_recorded) as detail
      from counted full join told using (contract, class)
      where (coalesce(counted.staged, 0), coalesce(counted.out, 0), coalesce(counted.returned, 0), coalesce(counted.not_recorded, 0))
        <> (coalesce(told.staged, 0), coalesce(told.out, 0), coalesce(told.returned, 0), coalesce(told.not_recorded, 0))`,
  },
  {
    code: "session_count",
    entity: "session",
    inParts: true,
    sql: `select id::text as key, 'counts ' || (doc->>'seenTags') || ' seen tags, and holds ' || held as detail
      from session cross join lateral (
        select count(*) as held from session_tag own
        where own.site = session.site and own.session = session.id and own.outcome = 'seen'
      ) own where session.site = $1 and held <> (doc->>'seenTags')::int and ${inPart("id::text")}`,
  },
  {
    code: "session_count",
    entity: "session",
    inParts: true,
    sql: `select id::text as key, 'counts ' || duplicates || ' repeats, and ' || coalesce(repeats, 0) || ' were counted beside it' as detail
      from session left join session_repeat own on own.site = session.site and own.session = session.id
      where session.site = $1 and duplicates <> coalesce(repeats, 0) and ${inPart("id::text")}`,
  },
];
