import type { Sql } from "@tagwire/store";
import { expect, test } from "vitest";
import { findBroken, recordRules } from "./store/relations.ts";
import type { Rule } from "./store/rule.ts";
import { timeRules } from "./store/time-rules.ts";
import type { TestOperations } from "./test-operations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* What the rules of the record read at a site that is large and old: what they are about, and not all that there ever was. */

let operations: TestOperations;
let site: string;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, site, told } = ground);
});

const things = 30_000;
/** So many of them are made by one statement: no transaction of a service is open for long. */
const thingsAtOnce = 5_000;
/** One thing in so many is out and has scans that wait; each of them has a name. */
const share = 50;
const perContract = 20;
const contracts = things / perContract;
/** What one audit of five minutes looks at, of the buckets of a day. */
const part = Array.from({ length: 15 }, (_, bucket) => bucket * 7);
/** So many rows may be read for one rule: no table whole, since each of the large ones has five times as many. */
const rowsReadMax = things / 5;

/** Rows of a site of years by SQL, past the triggers: so many things from one on, with 200,000 rows in all. */
const grow = async (sql: Sql, from: number): Promise<void> => {
  const uuid = (of: string) => `md5(${of})::uuid`;
  const contract = `'C-' || lpad((number % ${contracts})::text, 6, '0')`;
  const session = uuid(`'session ' || number % ${contracts}`);
  const all = `generate_series(${from}, ${from + thingsAtOnce - 1}) number`;
  const groups = `generate_series(${from} / ${perContract}, ${from + thingsAtOnce - 1} / ${perContract}) number`;
  const isOne = `number % ${share} = 0`;
  const statements = [
    `insert into item (site, tag, class, status, contract, version, pos, last_fact_at)
        select '${site}', 'T-' || number, 'tent', case when ${isOne} then 'on_rent' else 'ready' end,
          case when ${isOne} then ${contract} end, 1, number, now() from ${all}`,
    `insert into contract (site, number, kind, state, version, pos, doc)
        select '${site}', 'C-' || lpad(number::text, 6, '0'), 'rental', 'open', 1, number,
          '{"counts": {"tent": {"staged": 0, "out": 0, "returned": 0, "notRecorded": 0}}}'
        from ${groups}`,
    `insert into contract_member (site, contract, tag, class, state, pos)
        select '${site}', ${contract}, 'T-' || number, 'tent', case when ${isOne} then 'out' else 'returned' end, number from ${all}`,
    `insert into session (site, id, state, version, pos, doc)
        select '${site}', ${uuid("'session ' || number")}, 'closed', 1, number, '{"seenTags": ${perContract}}'
        from ${groups}`,
    `insert into session_tag (site, session, tag, expected, outcome)
        select '${site}', ${session}, 'T-' || number, false, 'seen' from ${all}`,
    `insert into thing_name (site, name, tag)
        select '${site}', 'urn:epc:' || number, 'T-' || number from ${all}`,
    `insert into quarantine (site, scan_id, tag, heard, received_at)
        select '${site}', ${uuid("'scan ' || number")}, 'LOST-' || number, '{}', now() from ${all} where ${isOne}`,
    `insert into receipt (site, id, body_hash, receipt, recorded_at)
        select '${site}', ${uuid("number::text")}, '', '{}', now() - interval '1 minute' * number from ${all}`,
    `insert into event (site, epoch, pos, id, type, tag, contract, session, scan_id, scanned_at, received_at, recorded_at, by, traceparent,
          data, prev_hash, hash)
        select '${site}', 1, 10 + number + at * ${things}, ${uuid("number || 'event' || at")},
          case when at = 0 then 'item.created.v1' when ${isOne} then 'scan.quarantined.v1' else 'item.touched.v1' end,
          case when at = 1 and ${isOne} then 'LOST-' else 'T-' end || number,
          case when at = 1 then ${contract} end, case when at = 1 then ${session} end, ${uuid("'scan ' || number")}, now(),
          now(), now() - interval '1 minute' * (2 * ${things} - number - at * ${things}), '{"device": "tablet"}', '', '{"flags": []}', '', ''
        from ${all}, generate_series(0, 1) at`,
  ];
  for (const statement of statements)
    await sql.begin(async (transaction) => {
      await transaction`set local session_replication_role = replica`;
      await transaction.unsafe(statement);
    });
};

type Plan = {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly Plan[];
};

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** How many rows of tables a rule reads, those that it does not keep, too. */
const rowsRead = (plan: Plan): number =>
  nodesOf(plan)
    .filter((node) => node["Relation Name"] !== undefined)
    .reduce(
      (rows, node) =>
        rows +
        node["Actual Loops"] *
          (node["Actual Rows"] +
            (node["Rows Removed by Filter"] ?? 0) +
            (node["Rows Removed by Index Recheck"] ?? 0)),
      0,
    );

test("no rule of the record reads a large table whole, however old a site is", async () => {
  const { sql } = operations;
  await told.stock(["x1"]);
  for (let from = 0; from < things; from += thingsAtOnce) await grow(sql, from);
  await sql`analyze`;
  const read = async ({ sql: text, inParts }: Rule): Promise<number> => {
    const [row] = await sql.unsafe<{ "QUERY PLAN": { Plan: Plan }[] }[]>(
      `explain (analyze, timing off, format json) select * from (${text}) broken ${inParts ? "where $2::text is null or $3::text is null" : ""}`,
      inParts ? [site, null, null, part] : [site],
    );
    return rowsRead(row?.["QUERY PLAN"][0]?.Plan as Plan);
  };
  const rows: Record<string, number> = {};
  for (const [at, rule] of [...recordRules, ...timeRules].entries())
    rows[`${at} ${rule.code} ${rule.entity}`] = await read(rule);
  expect(Object.entries(rows).filter(([, count]) => count > rowsReadMax)).toEqual([]);
  expect((await findBroken(sql, site, recordRules, { buckets: part })).late).toEqual([]);
}, 120_000);
