import { type FindingCode, type RulePlace, violationsPerAnswerMax } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { reachRules } from "./reach-rules.ts";
import type { Rule } from "./rule.ts";
import { timeRules } from "./time-rules.ts";
import { toldRules } from "./told-rules.ts";

export type Violation = {
  readonly code: FindingCode;
  readonly entity: string;
  readonly key: string;
  readonly detail: string;
};

export type Broken = {
  readonly rules: number;
  readonly violations: Violation[];
  readonly next: RulePlace | null;
  readonly left: number;
  /** Rules that took too long, so that nothing is known of them. */
  readonly late: { code: FindingCode; entity: string }[];
};

/** So long may one rule take, at a site of any size. */
const ruleMsMax = 10_000;
/** A page ends with the rule after which it has taken so long: whoever asks waits for one that is slow, and not for several. */
const pageMsMax = 1_000;

/** What the log has created is there. */
export const createdRule: Rule = {
  code: "orphan_history",
  entity: "item",
  sql: `select distinct event.tag as key, 'the log has created it, and it has no row' as detail
    from event left join item using (site, tag)
    where event.site = $1 and event.type = 'item.created.v1' and item.tag is null`,
};

const recordRules: readonly Rule[] = [
  {
    code: "orphan_member",
    entity: "member",
    sql: `select member.contract || ' ' || member.tag as key, 'no item carries ' || member.tag as detail
      from contract_member member left join item using (site, tag) where member.site = $1 and item.tag is null`,
  },
  {
    code: "orphan_contract",
    entity: "item",
    sql: `select item.tag as key, 'contract ' || item.contract || ' is not there' as detail
      from item left join contract on contract.site = item.site and contract.number = item.contract
      where item.site = $1 and item.contract is not null and contract.number is null`,
  },
  {
    code: "orphan_contract",
    entity: "member",
    sql: `select member.contract || ' ' || member.tag as key, 'contract ' || member.contract || ' is not there' as detail
      from contract_member member left join contract on contract.site = member.site and contract.number = member.contract
      where member.site = $1 and contract.number is null`,
  },
  {
    code: "orphan_session_tag",
    entity: "session_tag",
    sql: `select own.session::text || ' ' || own.tag as key, 'session ' || own.session || ' is not there' as detail
      from session_tag own left join session on session.site = own.site and session.id = own.session
      where own.site = $1 and session.id is null`,
  },
  createdRule,
  ...toldRules,
  ...reachRules,
  {
    code: "double_rental",
    entity: "item",
    sql: `select tag as key, 'out on ' || string_agg(contract, ', ' order by contract) as detail
      from contract_member where site = $1 and state = 'out' group by tag having count(*) > 1`,
  },
  {
    code: "out_without_contract",
    entity: "item",
    sql: `select item.tag as key, item.status || ' on ' || coalesce(item.contract, 'no contract') || ', which has it ' ||
        coalesce(member.state, 'not at all') as detail
      from item left join contract_member member
        on member.site = item.site and member.contract = item.contract and member.tag = item.tag
      where item.site = $1 and item.status in ('on_rent', 'delivered') and member.state is distinct from 'out'
      union all
      select member.tag, 'out on ' || member.contract || ', and the item is ' || item.status
      from contract_member member join item using (site, tag)
      where member.site = $1 and member.state = 'out' and item.status not in ('on_rent', 'delivered')`,
  },
  {
    code: "contract_quantity",
    entity: "contract",
    sql: `with counted as (
        select contract, class, count(*) filter (where state = 'staged') as staged, count(*) filter (where state = 'out') as out,
          count(*) filter (where state = 'returned') as returned, count(*) filter (where state = 'not_recorded') as not_recorded
        from contract_member where site = $1 group by contract, class
      ), told as (
        select number as contract, key as class, (value->>'staged')::int as staged, (value->>'out')::int as out,
          (value->>'returned')::int as returned, (value->>'notRecorded')::int as not_recorded
        from contract, jsonb_each(doc->'counts') where site = $1
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
    sql: `select id::text as key, 'counts ' || (doc->>'seenTags') || ' seen tags, and holds ' || count(own.tag) as detail
      from session left join session_tag own
        on own.site = session.site and own.session = session.id and own.outcome = 'seen'
      where session.site = $1 group by session.id, doc having count(own.tag) <> (doc->>'seenTags')::int`,
  },
  {
    code: "session_count",
    entity: "session",
    sql: `select id::text as key, 'counts ' || duplicates || ' repeats, and ' || coalesce(repeats, 0) || ' were counted beside it' as detail
      from session left join session_repeat own on own.site = session.site and own.session = session.id
      where session.site = $1 and duplicates <> coalesce(repeats, 0)`,
  },
  {
    code: "duplicate_tag",
    entity: "item",
    // Of a name that one thing has, as nearly all of them are, no item is looked up.
    sql: `select called.name as key, 'carried by ' || string_agg(tag, ', ' order by tag) as detail
      from thing_name called join item using (site, tag)
      where site = $1 and item.replaced_by is null
        and called.name in (select name from thing_name where site = $1 group by name having count(*) > 1)
      group by called.name having count(distinct tag) > 1`,
  },
  {
    // Readers do not all read as much of a chip's number: only numbers of one length are held against each other.
    code: "tag_cloned",
    entity: "item",
    sql: `select tag as key, 'read from the chips ' || string_agg(distinct tid, ', ') as detail from (
        select tag, data #>> '{scan,tid}' as tid from event
        where site = $1 and recorded_at > now() - interval '1 day' and data->'scan' ? 'tid' and tag is not null
      ) chips group by tag having count(distinct tid) > count(distinct length(tid))`,
  },
  {
    code: "waiting_known",
    entity: "waiting",
    sql: `select distinct tag as key, 'an item carries it' as detail
      from quarantine join item using (site, tag)
      where site = $1 and released_at is null and item.replaced_by is distinct from item.tag`,
  },
  {
    code: "receipt_without_event",
    entity: "receipt",
    sql: `select receipt.id::text as key, 'no event ' || (receipt.receipt->'event'->>'epoch') || ':' || (receipt.receipt->'event'->>'pos') as detail
      from receipt left join event on event.site = receipt.site and event.epoch = (receipt.receipt->'event'->>'epoch')::bigint
        and event.pos = (receipt.receipt->'event'->>'pos')::bigint
      where receipt.site = $1 and receipt.receipt ? 'event' and event.pos is null
        and receipt.recorded_at > now() - interval '1 hour'`,
  },
  {
    code: "class_unknown",
    entity: "item",
    sql: `select tag as key, 'its class is ' || coalesce(nullif(btrim(class), ''), 'blank') as detail
      from item where site = $1 and lower(btrim(class)) in ('', 'null', 'undefined', 'none')`,
  },
  {
    // What was lately recorded: a log that was whole and is proven whole stays so.
    code: "return_twice",
    entity: "item",
    sql: `select distinct tag as key, 'returned twice, and not out between' as detail from (
        select tag, moved_to, lag(moved_to) over (partition by tag order by epoch, pos) as before from (
          select tag, epoch, pos, type, data->'set'->>'status' as moved_to from event
          where site = $1 and recorded_at > now() - interval '1 day' and data->'set' ? 'status'
        ) moved where type = 'item.returned.v1' or moved_to in ('on_rent', 'delivered', 'staged', 'missing')
      ) ordered where moved_to not in ('on_rent', 'delivered', 'staged', 'missing')
        and before not in ('on_rent', 'delivered', 'staged', 'missing')`,
  },
  {
    code: "stuck_in_transit",
    entity: "item",
    // Whoever sets aside early knows when it goes out: that day has to be over, too.
    sql: `select tag as key, 'set aside for ' || coalesce(item.contract, 'no contract') || ' for more than a week' as detail
      from item left join contract on contract.site = item.site and contract.number = item.contract
      where item.site = $1 and item.status = 'staged' and item.last_fact_at < now() - interval '7 days'
        and coalesce(contract.doc->>'outAt', '') < to_char(now() at time zone 'utc' - interval '1 day', 'YYYY-MM-DD')`,
  },
];

/** Something in a row is not what it has to be, so that nothing can be asked of it (class 22 of the errors of Postgres). */
const isDataUnreadable = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("22");

type Line = { key: string; detail: string; left: number };

/** The statement was ended by its own limit. */
const isLate = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "57014";

/** What breaks a rule after a place, a few of it, and how much there is; `late` when that took too long. */
const breaking = async (
  sql: Sql,
  site: string,
  { code, entity, sql: text }: Rule,
  { key, detail, limit, withinMs }: { key: string; detail: string; limit: number; withinMs: number },
): Promise<Line[] | Violation | "late"> => {
  try {
    return await inTransaction(
      sql,
      async (transaction) => {
        // Less than a transaction may take: that would end the connection, and look as if the store were away.
        await transaction.unsafe(`set local statement_timeout = ${withinMs}`);
        return transaction.unsafe<Line[]>(
          `select key, detail, count(*) over ()::int as left from (${text}) broken
          where (key, detail) > ($2::text, $3::text) order by key, detail limit ${limit}`,
          [site, key, detail],
        );
      },
      "read only",
    );
  } catch (error) {
    if (isLate(error)) return "late";
    if (!isDataUnreadable(error)) throw error;
    return { code: "record_unreadable", entity, key: code, detail: error.message };
  }
};

/** What breaks some rules in the record of a site, rule by rule, from a place on. */
export const findBroken = async (
  sql: Sql,
  site: string,
  rules: readonly Rule[],
  { from, withinMs = ruleMsMax }: { from?: RulePlace | undefined; withinMs?: number } = {},
): Promise<Broken> => {
  const [violations, late]: [Violation[], Broken["late"]] = [[], []];
  const first = from?.rule ?? 0;
  const endsAtMs = performance.now() + pageMsMax;
  const page = (next: RulePlace, left = 0): Broken => ({
    ...{ rules: rules.length, violations, left, late },
    next: next.rule < rules.length ? next : null,
  });
  // One after the other: nobody's turn waits for a connection because of an audit.
  for (const [at, rule] of rules.entries()) {
    if (at < first) continue;
    const { code, entity } = rule;
    const { key, detail } = from?.rule === at ? from : { key: "", detail: "" };
    const limit = violationsPerAnswerMax - violations.length;
    const found = await breaking(sql, site, rule, { key, detail, limit, withinMs });
    const after = { rule: at + 1, key: "", detail: "" };
    let left = 0;
    if (found === "late") late.push({ code, entity });
    else if (!Array.isArray(found)) violations.push(found);
    else {
      violations.push(...found.map((one) => ({ code, entity, key: one.key, detail: one.detail })));
      const last = found.at(-1);
      left = (found[0]?.left ?? 0) - found.length;
      // A page that is full ends within a rule, or before the next one.
      if (last !== undefined && left > 0) return page({ rule: at, key: last.key, detail: last.detail }, left);
    }
    if (violations.length >= violationsPerAnswerMax || performance.now() > endsAtMs) return page(after, left);
  }
  return page({ rule: rules.length, key: "", detail: "" });
};

/** What does not belong together in the record of a site. */
export const findRelations = (sql: Sql, site: string, from?: RulePlace): Promise<Broken> =>
  findBroken(sql, site, recordRules, { from });

/** What clocks say that cannot be, or that is worth a look, of what was lately recorded. */
export const findTimes = (sql: Sql, site: string, from?: RulePlace): Promise<Broken> =>
  findBroken(sql, site, timeRules, { from });
