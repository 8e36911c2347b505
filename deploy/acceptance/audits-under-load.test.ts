import { setTimeout as wait } from "node:timers/promises";
import { ask, type Bus, openBus } from "@tagwire/bus";
import { AskRunAudit, type Audit } from "@tagwire/messages";
import { eventually, quietLog, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { openDesk, tents, workADay } from "./test-day.ts";
import { keepAsking, keepReading } from "./test-edges.ts";
import { keepScanning } from "./test-load.ts";
import { troublesOf, wholeHouse } from "./test-troubles.ts";

/** Each of them is audited as often as it can be, all at once: whoever dies is missed by several audits, each somewhere else. */
const sites = ["north", "south", "east", "quay", "yard"];
/** Audits of one site rest between portions, while those of the others go on. */
const auditsWanted = 200;
/** A question whose answerer was killed is never answered; the next one joins the audit that is under way, if one is. */
const timeoutMs = 15_000;
const whileDownMs = 200;
/** An audit of a site that has just begun, among the others. */
const justMade = "west";
/** Each audit waits for what is being restarted; a busy machine takes minutes for all of them. */
const testTimeoutMs = 900_000;
const hourMs = 3_600_000;

/** Where a reader reads, and where somebody scans by way of the public edge. */
const [siteOfReaders, siteOfEdge] = ["quay", "yard"];

/** So long nobody scans after a few scans, at all sites together. */
const restMs = 400;

/** What is said of an audit that did not come to its end, because a service had just died: open where that happens twice in a row. */
const duringTrouble = new Set(["audit_incomplete", "lease_unheld"]);

/** A process that had no turn for half a minute says of its clock what was so before: a reader's clock looks slow for that long. */
const ofStarvedClocks = new Set(["clock_skew"]);

/** What wrong clocks are found by, and they are wrong here. */
const seeded = new Set(["clock_ahead", "backdated", "late_arrival", "time_travel"]);

/** Clocks of devices that are right, an hour slow, an hour fast, and four days slow. */
const skewsMs = [0, 0, 0, -hourMs, hourMs, -96 * hourMs];

/** Audits a site again and again, and gives what every audit said. */
const keepAuditing = async (
  bus: Bus,
  {
    site,
    wanted = auditsWanted / sites.length,
    onDone,
  }: { site: string; wanted?: number; onDone: () => Promise<unknown> },
): Promise<Audit[]> => {
  const audits: Audit[] = [];
  while (audits.length < wanted) {
    const done = await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs }).catch(() => undefined);
    if (done === undefined) {
      await wait(whileDownMs);
      continue;
    }
    audits.push(done.audit);
    await onDone();
  }
  return audits;
};

/** What the health check has kept of all its sites. */
const connectTo = (databaseUrl: string) => {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  return {
    /** Whatever opened, opened again or became another trouble, in the order in which it did. */
    lines: () =>
      sql<{ site: string; what: string; code: string; key: string; evidence: unknown }[]>`
        select site, what, data->>'code' as code, data->>'key' as key, data->'evidence' as evidence
        from health_check.line where what in ('opened', 'reopened', 'revised') order by site, seq`.then(
        (rows) => [...rows],
      ),
    audits: async () => {
      const rows = await sql<{ audit: Audit }[]>`select audit from health_check.audit order by started_at`;
      return rows.map(({ audit }) => audit);
    },
    open: () =>
      sql<{ site: string; code: string; key: string }[]>`
        select site, code, finding->>'key' as key from health_check.finding
        where state in ('open', 'acknowledged', 'in_review')`,
    [Symbol.asyncDispose]: () => sql.end(),
  };
};

test("two hundred audits while everybody scans and imports and a reader reads, every service and nats-server die, the stream is lost, Postgres is away and rows are made anew find the wrong clocks, and nothing else", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: [...wholeHouse],
    // A service that was killed takes a minute or more to be there again on a busy machine, which is no lag of the manager.
    env: { AUDIT_EVERY_SECONDS: "86400", AUDIT_BARRIER_SECONDS: "300" },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  await Promise.all(sites.map((site) => workADay(bus, site)));
  await using loads = new AsyncDisposableStack();
  const reading = loads.use(await keepReading(stack, siteOfReaders));
  const asking = loads.use(await keepAsking(stack, siteOfEdge));
  const scanning = sites.map((site) =>
    loads.use(
      keepScanning(bus, {
        ...{ site, items: tents, strays: ["LOST-1", "LOST-2"], skewsMs, restMs: restMs * sites.length },
        contracts: ["1001", "1002", "2001", "2002"],
      }),
    ),
  );

  const troubles = await troublesOf(stack, bus);
  let [done, made] = [0, 0];
  let trouble: Promise<unknown> = Promise.resolve();
  const makeTrouble = async () => {
    done += 1;
    const next = troubles[made];
    if (next === undefined || done < ((made + 1) * auditsWanted) / (troubles.length + 1)) return;
    // One after the other: what one of them ends, the next one finds at work again.
    const before = trouble;
    made += 1;
    trouble = before.then(next);
  };
  const audits = (
    await Promise.all(sites.map((site) => keepAuditing(bus, { site, onDone: makeTrouble })))
  ).flat();
  await trouble;
  // A site of which nothing is known but that there is one.
  await openDesk(bus, "office", justMade).hand("site.create", {
    ...{ id: justMade, name: "West", timeZone: "America/Chicago" },
  });
  audits.push(...(await keepAuditing(bus, { site: justMade, wanted: 2, onDone: async () => {} })));
  for (const { stop } of [...scanning, reading, asking]) await stop();
  // Whoever died is there again: some of them no audit asks anything.
  for (const name of wholeHouse)
    await eventually(
      `${name} is at work`,
      async () => (await fetch(`${stack.service(name).http}/readyz`)).ok,
    );
  for (const scanned of scanning) expect(scanned.done()).toBeGreaterThan(auditsWanted / sites.length);
  expect(made).toBe(troubles.length);
  // Both were at work to the end, whoever had died between.
  expect(await reading.sighted()).toBeGreaterThan(troubles.length);
  expect(asking.done()).toBeGreaterThan(troubles.length);

  await using sql = connectTo(stack.databaseUrl);
  // By the log of findings: what was open for a moment and has healed is there, too, and so is what audits found that nobody was told of.
  const opened = await sql.lines();
  const clocks = opened
    .filter(({ code }) => seeded.has(code))
    .map(({ site, code, key }) => `${site} ${code} ${key}`);
  expect([...new Set(clocks)].sort()).toEqual(
    sites.flatMap((site) => [...seeded].map((code) => `${site} ${code} tablet-1`)).sort(),
  );
  const isAllowed = (code: string) =>
    seeded.has(code) || duringTrouble.has(code) || ofStarvedClocks.has(code);
  expect(opened.filter(({ code }) => !isAllowed(code))).toEqual([]);
  const kept = await sql.audits();
  expect(kept.length).toBeGreaterThanOrEqual(audits.length);
  // Not even for one audit, as what is only suspected is.
  const wrong = kept.flatMap(({ site, found }) => found.map(({ code }) => `${site} ${code}`));
  expect(wrong.filter((one) => !isAllowed(one.split(" ")[1] ?? ""))).toEqual([]);
  // What did not come to its end twice in a row, where a service was away for so long, was so, and has to be over.
  const open = (await sql.open()).map(({ site, code, key }) => `${site} ${code} ${key}`);
  expect(open.sort()).toEqual([...new Set(clocks)].sort());
  expect(audits.filter(({ verdict }) => verdict === "agree").length).toBeGreaterThan(auditsWanted * 0.9);
  await bus.close();
});
