import { keptBuckets } from "@tagwire/digest";
import { type FindingCode, type RulePlace, violationsPerAnswerMax } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { partRules } from "./part-rules.ts";
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
  readonly partsFrom?: number;
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

const wholeRules: readonly Rule[] = [
  {
    code: "orphan_contract",
    entity: "item",
    sql: `select item.tag as key, 'contract ' || item.contract || ' is not there' as detail
      from item left join contract on contract.site = item.site and contract.number = item.contract
      where item.site = $1 and item.contract is not null and contract.number is null`,
  },
  ...toldRules,
  ...reachRules,
  {
    code: "double_rental",
    entity: "item",
    sql: `select tag as key, 'out on ' || string_agg(contract, ', ' order by contract) as detail
      from contract_member where site = $1 and state = 'out' group by tag having count(*) > 1`,
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
      from quarantine where site = $1 and released_at is null and exists (
        select from item where item.site = $1 and item.tag = quarantine.tag and item.replaced_by is distinct from item.tag offset 0
      )`,
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

/** Every rule of the record, those in parts at the end. */
export const recordRules: readonly Rule[] = [...wholeRules, ...partRules];

/** Something in a row is not what it has to be, so that nothing can be asked of it (class 22 of the errors of Postgres). */
const isDataUnreadable = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("22");

type Line = { key: string; detail: string; left: number };

/** How long a rule may take, and the buckets of what is asked of in parts; all of them where nothing is said. */
type Asked = { readonly withinMs: number; readonly buckets: readonly number[] | undefined };

/** The statement was ended by its own limit. */
const isLate = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "57014";

/** Buckets as SQL has them: null for all of them, which is far faster than to name each. */
const wantedOf = (buckets: readonly number[] | undefined): number[] | null =>
  buckets === undefined || new Set(buckets).size === keptBuckets ? null : [...buckets];

/** What breaks a rule after a place, a few of it, and how much there is; `late` when that took too long. */
const breaking = async (
  sql: Sql,
  site: string,
  { code, entity, sql: text, inParts }: Rule,
  { key, detail, limit, withinMs, buckets }: Asked & { key: string; detail: string; limit: number },
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
          [site, key, detail, ...(inParts ? [wantedOf(buckets)] : [])],
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
  { from, withinMs = ruleMsMax, buckets }: Partial<Asked> & { from?: RulePlace | undefined } = {},
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
    const found = await breaking(sql, site, rule, { key, detail, limit, withinMs, buckets });
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

/** What does not belong together in the record of a site: of what grows for ever, in some buckets, or in all where nothing is said. */
export const findRelations = async (
  sql: Sql,
  site: string,
  asked: { readonly from?: RulePlace | undefined; readonly buckets?: readonly number[] | undefined } = {},
): Promise<Broken> => ({
  ...(await findBroken(sql, site, recordRules, asked)),
  partsFrom: wholeRules.length,
});

/** What clocks say that cannot be, or that is worth a look, of what was lately recorded. */
export const findTimes = (sql: Sql, site: string, from?: RulePlace): Promise<Broken> =>
  findBroken(sql, site, timeRules, { from });
