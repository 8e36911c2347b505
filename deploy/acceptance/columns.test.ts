import { ask, type Bus, openBus, publishInOrder } from "@tagwire/bus";
import { AskFindings, AskRunAudit, newId, type Observation, observationSubject } from "@tagwire/messages";
import { eventually, quietLog, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { openDesk, site, tents, workADay } from "./test-day.ts";
import { barrierColumns, mendSums, spoilBarriers, spoilSums, sumColumns } from "./test-sums.ts";

/* Every column of every table of which both sides keep account: whoever writes to it, an audit finds it. */

const testTimeoutMs = 600_000;
const timeoutMs = 60_000;

/** Words that a column may be bound to; what is bound to none takes the first. */
const words = ["another", "wash", "closed", "laundry", "count", "returned", "rejected", "tent"];

/**
 * Columns that are in the sums of neither side, since only one of them has anything of the kind. What the manager keeps for its boards is
 * folded again by the manager, what waits and what the record looks rows up by is held against the log: an audit finds whatever is
 * written there.
 */
const foundOtherwise: readonly string[] = [
  ...["due_in_day", "due_out_day", "progress", "still_out_items"].map((name) => `manager.contract ${name}`),
  ...["changed_at", "free_at", "seen_at", "status_at", "steps"].map((name) => `manager.item ${name}`),
  "manager.quarantine since",
  ...["active_at", "complete", "late_scans"].map((name) => `manager.session ${name}`),
  ...["pos", "version"].map((name) => `operations.contract ${name}`),
  ...["heard", "received_at", "scan_id"].map((name) => `operations.quarantine ${name}`),
  ...["begun_at", "duplicates", "pos", "station", "version"].map((name) => `operations.session ${name}`),
];

type Column = {
  readonly store: string;
  readonly name: string;
  readonly column: string;
  readonly type: string;
};

const textTypes = new Set(["text", "character varying"]);

/** What a column is made, as SQL: the first of them that it may be and is not yet. */
const others = ({ column, type }: Column): readonly string[] => {
  if (textTypes.has(type)) return words.map((word) => `'${word}'`);
  if (type === "boolean") return [`not ${column}`];
  if (type === "uuid") return ["gen_random_uuid()"];
  if (type === "jsonb")
    return [`case jsonb_typeof(${column}) when 'object' then ${column} else '{}' end || '{"more": 1}'`];
  if (type.startsWith("timestamp")) return [`coalesce(${column}, now()) + interval '1 second'`];
  if (type === "date") return [`coalesce(${column}, current_date) + 1`];
  if (type === "ARRAY") return [`array_append(${column}, null)`];
  return [`coalesce(${column}, 0) + 1`];
};

class Undone extends Error {}

/** Whether the sums are others once a column of a row is; nothing of it stays. Undefined where it can be nothing else. */
const isCounted = async (sql: postgres.Sql, one: Column): Promise<boolean | undefined> => {
  const { store, name, column } = one;
  for (const other of others(one)) {
    let counted: boolean | undefined;
    try {
      await sql.begin("isolation level repeatable read", async (transaction) => {
        const sums = () =>
          transaction.unsafe(`
          select sum(rows) as rows, sum(a) as a, sum(b) as b, sum(c) as c, sum(d) as d from (
            select rows, a, b, c, d from ${store}.digest union all select rows, a, b, c, d from ${store}.digest_delta) all_there_is`);
        const before = await sums();
        const { count } = await transaction.unsafe(`
          update ${store}.${name} set ${column} = ${other}
          where ctid = (select ctid from ${store}.${name} where ${column} is distinct from ${other} limit 1)`);
        if (count === 1) counted = JSON.stringify(before) !== JSON.stringify(await sums());
        throw new Undone();
      });
    } catch (error) {
      // One that is bound to other words refuses; the next one may be among them.
      if (!(error instanceof Undone) && !(error instanceof postgres.PostgresError)) throw error;
    }
    if (counted !== undefined) return counted;
  }
  return undefined;
};

/** Makes a column of some row another one, and gives what puts the row back. */
const change = async (sql: postgres.Sql, one: Column): Promise<() => Promise<unknown>> => {
  const table = `${one.store}.${one.name}`;
  for (const other of others(one)) {
    const isOther = `${one.column} is distinct from ${other}`;
    const [row] = await sql.unsafe<{ was: string; is: string }[]>(`
      with chosen as (select ctid as at_ctid, to_jsonb(own)::text as was from ${table} own where ${isOther} limit 1)
      update ${table} own set ${one.column} = ${other} from chosen where own.ctid = at_ctid
      returning was, to_jsonb(own)::text as is`);
    if (row === undefined) continue;
    return () =>
      sql.begin(async (transaction) => {
        await transaction.unsafe(`delete from ${table} own where to_jsonb(own) = $1::text::jsonb`, [row.is]);
        await transaction.unsafe(
          `insert into ${table} select * from jsonb_populate_record(null::${table}, $1::text::jsonb)`,
          [row.was],
        );
      });
  }
  throw new Error(`nothing of ${table} ${one.column} can be another`);
};

/** One thing that is scanned so often that its life does not fit into one answer. */
const longLived = tents[11] ?? "";
const scanOften = async (bus: Bus): Promise<void> => {
  const { hand } = openDesk(bus);
  for (let batch = 0; batch < 4; batch += 1) {
    const scans = Array.from({ length: 200 }, (_, at) => ({
      ...{ id: newId(), tag: longLived, type: "touch" as const, place: `rack-${at % 7}` },
      scannedAt: new Date().toISOString(),
    }));
    await hand("scans.record", { scans });
  }
};

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** A reader hears a tag, and the number of its chip. */
const hear = (bus: Bus, tag: string, place: string, tid: string) => {
  const now = new Date().toISOString();
  const one: Observation = {
    ...{ id: newId(), tag, place, tid, antenna: 1, reads: 7, peakRssiDbm: -41.5, traceparent },
    ...{ firstHeardAt: now, lastHeardAt: now },
  };
  const payload = JSON.stringify({ observations: [one] });
  return publishInOrder(bus, [
    { subject: observationSubject(site, "dock"), id: newId(), payload, headers: {} },
  ]);
};

/** So many things that somebody writes off by hand: more than anybody should. */
const writtenOff = Array.from({ length: 501 }, (_, at) => `OFF-${at}`);
const inParallel = 50;
const forEachOf = async (tags: readonly string[], work: (tag: string) => Promise<unknown>) => {
  for (let at = 0; at < tags.length; at += inParallel)
    await Promise.all(tags.slice(at, at + inParallel).map(work));
};

test("whatever is written to a column of what both sides keep account of, its sums tell it, or what an audit holds it against", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: ["operations", "manager", "health-check"],
    env: { AUDIT_EVERY_SECONDS: "86400" },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  await workADay(bus);
  await openDesk(bus).scan("touch", ["NOBODY"]);
  await scanOften(bus);
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  await eventually("the manager has come to the head of the log", async () => {
    const [row] = await sql<{ isThere: boolean }[]>`
      select (select pos from manager.site_position) = (select pos from operations.site) as "isThere"`;
    return row?.isThere;
  });
  // Of events the chain proves every column.
  const columns = await sql<Column[]>`
    select distinct table_schema as store, table_name as name, column_name as column, data_type as type
    from information_schema.columns
      join pg_trigger on tgrelid = format('%I.%I', table_schema, table_name)::regclass
      join pg_proc on pg_proc.oid = tgfoid and prosrc like '%digest_delta%'
    where table_schema in ('operations', 'manager') and table_name <> 'event' and column_name <> 'site'
    order by 1, 2, 3`;
  const [uncountedFound, fixed]: [string[], string[]] = [[], []];
  for (const one of columns) {
    const counted = await isCounted(sql, one);
    const called = `${one.store}.${one.name} ${one.column}`;
    if (counted === undefined) fixed.push(called);
    else if (!counted) uncountedFound.push(called);
  }
  expect(columns.length).toBeGreaterThan(80);
  expect(fixed).toEqual([]);
  expect(uncountedFound).toEqual([...foundOtherwise].sort());

  const audit = async () => (await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs })).audit;
  expect(await audit()).toMatchObject({ verdict: "agree" });
  const missed: string[] = [];
  for (const one of columns) {
    const called = `${one.store}.${one.name} ${one.column}`;
    if (!foundOtherwise.includes(called)) continue;
    const putBack = await change(sql, one);
    if ((await audit()).verdict !== "differ") missed.push(called);
    await putBack();
  }
  expect(missed).toEqual([]);
  // Of a life that does not fit into one answer nothing is taken for granted, on boards neither.
  const [{ events } = { events: 0 }] = await sql<{ events: number }[]>`
    select count(*)::int as events from operations.event where tag = ${longLived}`;
  expect(events).toBeGreaterThan(600);
  await sql`update manager.item set status_at = status_at + interval '1 second' where tag = ${longLived}`;
  expect(await audit()).toMatchObject({
    found: [{ code: "field_diff", count: 1 }],
    unproven: [{ what: "readers", why: "unanswered" }],
  });
  await sql`update manager.item set status_at = status_at - interval '1 second' where tag = ${longLived}`;
  expect(await audit()).toMatchObject({ verdict: "agree" });

  // Whoever writes to the sums instead: what is wrong of them is named, on either side.
  const seenAt = async (startedAt: string) =>
    (await ask(bus, AskFindings, { site, limit: 500, cursor: null, states: ["open"] })).findings.filter(
      ({ lastSeenAt }) => lastSeenAt >= startedAt,
    );
  for (const column of sumColumns)
    for (const [ofRecord, ofPicture] of [
      ["digest", "digest_delta"],
      ["digest_delta", "digest"],
    ] as const) {
      const spoiled = [
        await spoilSums(sql, "operations", { table: ofRecord, column }),
        await spoilSums(sql, "manager", { table: ofPicture, column }),
      ];
      const { startedAt } = await audit();
      const seen = await seenAt(startedAt);
      for (const { side, entity, bucket } of spoiled) {
        // Of events the manager keeps nothing but sums, so that they are told by what they are of.
        const isNamed = seen.some((one) =>
          side === "manager" && entity === "event"
            ? one.code === "events_not_applied"
            : one.code === "digest_drift" && one.entity === entity && one.key === `${side} ${bucket}`,
        );
        if (!isNamed) missed.push(`${side} ${column} of ${entity} ${bucket}`);
      }
      await mendSums(sql);
    }
  expect(missed).toEqual([]);
  expect(await audit()).toMatchObject({ verdict: "agree" });
  for (const one of barrierColumns)
    for (const side of ["operations", "manager"] as const) {
      const mend = await spoilBarriers(sql, side, one);
      const { verdict } = await audit();
      if (verdict !== (one.differs.includes(side) ? "differ" : "agree"))
        missed.push(`${side} barrier_vector ${one.column}: ${verdict}`);
      await mend();
    }
  expect(missed).toEqual([]);

  // What nobody should be able to reach is told by an audit, too, and is no disagreement where both sides say the same.
  const { hand, scan } = openDesk(bus);
  const epc = "E280689000000000000000AB";
  await hand("item.create", { tag: epc, class: "tent" });
  await scan("touch", [epc], { place: "dock" });
  await openDesk(bus, "tablet-2", "south").hand("site.create", {
    ...{ id: "south", name: "South", timeZone: "America/Chicago" },
  });
  await openDesk(bus, "tablet-2", "south").scan("touch", [epc], { place: "gate" });
  const south = (await ask(bus, AskRunAudit, { site: "south", by: "ann" }, { timeoutMs })).audit;
  expect(south).toMatchObject({ verdict: "agree", found: [{ code: "travel_impossible", count: 1 }] });
  await hear(bus, tents[10] ?? "", "dock", "E280110520001111");
  await hear(bus, tents[10] ?? "", "gate", "E280110520002222");
  await eventually("both chips are in the log", async () => {
    const [row] = await sql<{ chips: number }[]>`
      select count(*)::int as chips from operations.event where site = ${site} and data->'scan' ? 'tid'`;
    return row?.chips === 2;
  });
  await forEachOf(writtenOff, (tag) => hand("item.create", { tag, class: "tent" }));
  await forEachOf(writtenOff, (tag) =>
    hand("item.patch", { tag, version: null, patch: { status: "retired" } }),
  );
  expect((await audit()).found).toEqual(
    expect.arrayContaining([
      { code: "tag_cloned", count: 1 },
      { code: "mass_change", count: 1 },
    ]),
  );
  await sql.end();
  await bus.close();
});
