import { openBus, request } from "@tagwire/bus";
import {
  AskRelations,
  type Audit,
  askSubject,
  commandSubject,
  type Finding,
  newId,
  rulesInParts,
} from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { eventually, quietLog, type Stack, startStack } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findProgress, findUnaudited, listAudits } from "../store/audits.ts";
import { listFindings } from "../store/findings.ts";
import { migrations, schema } from "../store/migrations.ts";
import { leadAudits } from "./lead.ts";
import { runAudit } from "./run-audit.ts";

/*
 * When audits take place, and by whom: two replicas, of which the one that leads dies, and then the other one, too; several sites, of which
 * one hangs; and what has its turn in which audit.
 */

const site = "north";
/** One whose audits cannot be kept, and one that comes after it. */
const [hanging, other] = ["hall", "quay"];
const everyMs = 2_000;
const testTimeoutMs = 300_000;
/** So many audits are waited for each time. */
const some = 4;
const bounds = { livesPerAudit: 100, transactionMsMax: 600_000, barrierWithinMs: 60_000, everyMs };

const endOf = ({ startedAt, durationMs }: Audit): number => Date.parse(startedAt) + durationMs;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    services: ["operations", "manager", "health-check"],
    env: { AUDIT_EVERY_SECONDS: String(everyMs / 1_000) },
  });
}, testTimeoutMs);
afterAll(() => stack?.[Symbol.asyncDispose]());

/** The store and the bus of a replica that runs here. */
const open = async () => {
  const opened = new AsyncDisposableStack();
  const { databaseUrl: url, natsUrl } = stack;
  const log = quietLog();
  await migrate(url, schema, migrations);
  const { sql, close } = await openStore({ url, schema, name: "test", log });
  opened.defer(close);
  const bus = await openBus({ url: natsUrl, name: "test", log });
  opened.defer(() => bus.close());
  /** Somebody else in the database, who may take as long as they like. */
  const patient = { connectionsMax: 2, transactionTimeoutMs: testTimeoutMs };
  const { sql: somebody, close: leave } = await openStore({ url, schema, name: "somebody", log, ...patient });
  opened.defer(leave);
  const hand = (kind: string, of: string, body: object) =>
    request(
      bus,
      commandSubject(of),
      {
        ...{ kind, id: newId(), by: { person: "ann" }, receivedAt: new Date().toISOString(), body },
        traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-00`,
      },
      { timeoutMs: 30_000 },
    );
  const makeSite = (id: string) => hand("site.create", id, { id, name: id, timeZone: "America/Chicago" });
  return { opened, sql, bus, log, somebody, hand, makeSite };
};

test("audits go on when the replica that leads is killed, none is made twice, one that hangs delays no others, and that none took place is a finding of the next one", {
  timeout: testTimeoutMs,
}, async () => {
  const { opened, sql, bus, log, somebody, makeSite } = await open();
  await using _ = opened;
  await makeSite(site);

  const audits = async (of = site): Promise<Audit[]> =>
    (await listAudits(sql, { site: of, limit: 500, after: undefined })).reverse();
  const more = async (what: string): Promise<void> => {
    const before = (await audits()).length;
    await eventually(
      `audits go on ${what}`,
      async () => (await audits()).length >= before + some,
      testTimeoutMs,
    );
  };
  const late = async (): Promise<Finding[]> =>
    listFindings(sql, { site, limit: 10, after: undefined, codes: ["audit_late"] });

  const standby = await leadAudits({ bus, sql, log, ...bounds });
  await more("while two are there");
  expect(standby.leading()).toBeUndefined();
  await stack.service("health-check").kill("SIGKILL");
  await more("after the one that led was killed");
  expect(standby.leading()).toBeDefined();

  const all = await audits();
  expect(all.filter(({ by }) => by !== "tagwire")).toEqual([]);
  // A round begins no sooner than an interval after the one before; whoever takes over begins one of its own.
  const spanMs = Date.parse(all.at(-1)?.startedAt ?? "") - Date.parse(all[0]?.startedAt ?? "");
  expect(all.length).toBeLessThanOrEqual(spanMs / everyMs + 4);
  for (const [index, audit] of all.slice(1).entries())
    expect(Date.parse(audit.startedAt)).toBeGreaterThanOrEqual(endOf(all[index] as Audit) - 1);

  for (const one of [hanging, other]) {
    await makeSite(one);
    await eventually(`${one} is audited`, async () => (await audits(one)).length > 0, testTimeoutMs);
  }
  await somebody.begin(async (holding) => {
    await holding`select from health_check.audited_site where site = ${hanging} for update`;
    /** Which statement of an audit waits for the row, if one does: each gives up after some seconds, and another one comes. */
    const waits = async () =>
      (
        await holding<{ since: string }[]>`
          select pid || ' ' || query_start as since from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`
      )[0]?.since;
    const counts = async () => Promise.all([site, other].map(async (one) => (await audits(one)).length));
    let seen: { readonly since: string; readonly before: readonly number[] } | undefined;
    await eventually(
      "while one and the same audit hangs each of the others has one from its beginning to its end",
      async () => {
        const since = await waits();
        if (since === undefined) return false;
        const before = seen?.since === since ? seen.before : await counts();
        seen = { since, before };
        return (await counts()).every((count, at) => count >= (before[at] ?? 0) + 2);
      },
      testTimeoutMs,
    );
  });

  // Nobody is left who audits.
  await standby.stop();
  const isSilent = async () => {
    const unaudited = await findUnaudited(sql, site);
    return unaudited !== undefined && unaudited.nowMs - unaudited.sinceMs > 2 * everyMs;
  };
  await eventually("none came to its end for long", isSilent, testTimeoutMs);
  const last = (await audits()).at(-1) as Audit;
  const before = (await late())[0]?.lastSeenAt ?? "";
  const third = await leadAudits({ bus, sql, log, ...bounds });
  opened.defer(() => third.stop());
  const found = await eventually(
    "it is a finding",
    async () => (await late()).find(({ lastSeenAt }) => lastSeenAt > before),
    testTimeoutMs,
  );
  expect(found).toMatchObject({ entity: "site", key: "audits", severity: "high" });
  const [, from = "", to = ""] = /from (\S+) to (\S+),/.exec(found.evidence.detail ?? "") ?? [];
  // The end of the last audit by the clock of the database, within what writing it takes.
  expect(Date.parse(from)).toBeGreaterThanOrEqual(Date.parse(last.startedAt));
  expect(Date.parse(to) - Date.parse(from)).toBeGreaterThan(2 * everyMs);
  await eventually("it has healed", async () => (await late())[0]?.state === "auto_healed", testTimeoutMs);
});

/** So many rows both sides say that they have beside the one that there is: an audit looks at a quarter of such a site. */
const rowsMore = 399_999;
const quarter = 1_024;

test("rules in parts go round audit by audit; one that is late has its turn again, is told, and does not make its part grow", {
  timeout: testTimeoutMs,
}, async () => {
  const { opened, sql, bus, log, somebody, hand, makeSite } = await open();
  await using _ = opened;
  await stack.service("health-check").kill("SIGKILL");
  const large = "large";
  await makeSite(large);
  await hand("item.create", large, { tag: "TENT-04", class: "tent" });
  for (const side of ["operations", "manager"])
    await somebody.unsafe(
      `insert into ${side}.digest_delta (site, entity, bucket, rows, a, b, c, d) values ($1, 'item', $2, $3, 0, 0, 0, 0)`,
      // In the last bucket, which nobody counts again in these audits.
      [large, 4 * quarter - 1, rowsMore],
    );

  // Whoever listens beside operations hears what it is asked.
  let asked: number[] = [];
  const spy = bus.connection.subscribe(askSubject(AskRelations), {
    callback: (_error, message) => {
      const {
        site: of,
        from,
        buckets = [],
      } = message.json<{ site: string; from?: object; buckets?: number[] }>();
      if (of === large && from === undefined) asked = [];
      if (of === large) asked = [...new Set([...asked, ...buckets])];
    },
  });
  opened.defer(() => spy.unsubscribe());
  const audit = async () => {
    const signal = AbortSignal.timeout(testTimeoutMs);
    const done = await runAudit(
      { ...{ bus, sql, log }, ...bounds, everyMs: 300_000 },
      { site: large, by: "tagwire", isDue: true, signal },
    );
    const late = await listFindings(sql, { site: large, limit: 10, after: undefined, codes: ["rule_late"] });
    const { drilledFrom } = await findProgress(sql, large);
    return {
      ...{ why: done.why, asked: asked.length, first: asked[0], next: drilledFrom.rules },
      late: late.map(({ key, state }) => `${key} ${state}`),
      unproven: done.unproven?.find(({ what }) => what === "rule")?.examples,
    };
  };
  const inTime = { why: null, asked: quarter, late: [], unproven: undefined };
  const round = [await audit(), await audit(), await audit(), await audit(), await audit()];
  expect(round).toEqual(
    [0, 1, 2, 3, 0].map((at) => ({ ...inTime, first: at * quarter, next: ((at + 1) % 4) * quarter })),
  );

  const rule = "session_count session";
  expect(rulesInParts.map(({ code, entity }) => `${code} ${entity}`)).toContain(rule);
  await somebody.begin(async (holding) => {
    await holding`lock table operations.session_repeat`;
    let isOver = false;
    // As its own limit ends a statement, and sooner.
    const ending = (async () => {
      while (!isOver)
        await somebody`
          select pg_cancel_backend(pid) from pg_stat_activity
          where query like '%session_repeat%' and cardinality(pg_blocking_pids(pid)) > 0`;
    })();
    try {
      const again = { why: null, asked: quarter, first: quarter, next: quarter, unproven: [rule] };
      expect(await audit()).toEqual({ ...again, late: [`${rule} suspect`] });
      // So much has become due meanwhile.
      await sql`update audited_site set rules_proven_until = now() - interval '2 days' where site = ${large}`;
      expect(await audit()).toEqual({ ...again, late: [`${rule} open`] });
    } finally {
      isOver = true;
      await ending;
    }
  });

  const over = { ...inTime, first: quarter };
  expect(await audit()).toEqual({ ...over, next: 2 * quarter, late: [`${rule} open`] });
  expect(await audit()).toEqual({
    ...{ ...over, first: 2 * quarter, next: 3 * quarter },
    late: [`${rule} auto_healed`],
  });
  // Of all that was due a half has been looked at since, and the rest is made up for at once.
  expect((await audit()).asked).toBeGreaterThan(2 * quarter);
});
