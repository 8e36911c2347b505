import { answer, ask, openBus } from "@tagwire/bus";
import {
  AskAudits,
  AskDeviceLedgers,
  AskFindings,
  AskMigrationGates,
  AskRfidproAgreement,
  AskScreenLag,
  AskSites,
  lagDistribution,
  newId,
  noLags,
} from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { quietLog, testDatabase, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerMigration } from "./answers/migration.ts";
import { readAgreement, readOldScanners } from "./store/agreement.ts";
import { migrations, schema } from "./store/migrations.ts";
import { findOldScanners } from "./store/staged-pages.ts";

/* What gates are measured on, from real rows, and from everybody who has to be asked. */

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

const openGround = async () => {
  const database = stack.use(await testDatabase());
  await migrate(database.url, schema, migrations);
  const log = quietLog();
  const store = await openStore({ url: database.url, schema, name: "test", log });
  stack.defer(store.close);
  const nats = stack.use(await testNats());
  const bus = await openBus({ url: nats.url, name: "test", log });
  stack.defer(() => bus.close());
  return { sql: store.sql, bus };
};
let ground: Awaited<ReturnType<typeof openGround>>;
beforeAll(async () => {
  ground = await openGround();
});

const both = [{ dataset: "items" }, { dataset: "transactions" }];

/** A run as it lies in the table, as far as gates look at it. */
const addRun = async (
  site: string,
  endedAt: string,
  more: { agreement?: number; verdict?: string; datasets?: object[]; incremental?: boolean },
) => {
  const { agreement = null, verdict = "complete", datasets = both, incremental } = more;
  const id = newId();
  const run = JSON.stringify({ id, site, verdict, agreement, datasets, endedAt, incremental });
  await ground.sql`
    insert into run (id, site, asked, state, verdict, started_at, version, run)
    values (${id}, ${site}, '{}', 'done', ${verdict}, ${endedAt}, 1, ${run}::text::jsonb)`;
  return id;
};

const addComparison = (run: string, site: string, comparison: object) =>
  ground.sql`
    insert into comparison (run, site, compared_at, comparison)
    values (${run}, ${site}, now(), ${JSON.stringify(comparison)}::text::jsonb)`;

test("the agreement of a day is the least of its whole runs, by the site's own days", async () => {
  const site = "by-day";
  await addRun(site, "2026-05-18T10:00:00Z", { agreement: 0.999 });
  await addRun(site, "2026-05-18T12:00:00Z", { agreement: 0.99 });
  // Still the 18th in Chicago, and the 19th in UTC.
  await addRun(site, "2026-05-19T03:00:00Z", { agreement: 0.98 });
  await addRun(site, "2026-05-20T10:00:00Z", { agreement: 0.5, verdict: "partial" });
  await addRun(site, "2026-05-20T11:00:00Z", { agreement: 0.5, datasets: [{ dataset: "items" }] });
  await addRun(site, "2026-05-20T12:00:00Z", {});
  await addRun(site, "2026-05-20T12:00:00Z", { agreement: 0.5, incremental: true });
  await addRun("another", "2026-05-20T12:00:00Z", { agreement: 0.1 });
  const asked = { site, days: 3, now: new Date("2026-05-20T18:00:00Z") };
  expect(await readAgreement(ground.sql, { ...asked, timeZone: "America/Chicago" })).toEqual([
    { day: "2026-05-18", runs: 3, worst: 0.98 },
    { day: "2026-05-19", runs: 0, worst: null },
    { day: "2026-05-20", runs: 0, worst: null },
  ]);
  expect((await readAgreement(ground.sql, { ...asked, timeZone: "UTC" }))[1]).toEqual({
    ...{ day: "2026-05-19", runs: 1, worst: 0.98 },
  });
});

test("who still scans with an old scanner is who handed in at RFIDpro within a week, whatever operations has of it", async () => {
  const run = newId();
  const stage = (seq: number, row: object) => ground.sql`
    insert into staged_row (site, run, dataset, seq, identity, row)
    values ('scanners', ${run}, 'transactions', ${seq}, ${seq}, ${JSON.stringify(row)}::text::jsonb)`;
  const at = (text: string) => Date.parse(`2026-05-${text}Z`);
  await stage(1, { scannedBy: "ann", createdAtMs: at("19T09:00:00"), scannedAtMs: at("01T09:00:00") });
  await stage(2, { scannedBy: "ann", createdAtMs: at("18T09:00:00"), scannedAtMs: at("18T09:00:00") });
  await stage(3, { scannedBy: "bob", createdAtMs: at("12T09:00:00"), scannedAtMs: at("12T09:00:00") });
  // It does not say when it was taken, nor by whom.
  await stage(4, { scannedBy: null, createdAtMs: null, scannedAtMs: at("20T09:00:00") });
  expect(await findOldScanners(ground.sql, run, at("13T10:00:00"))).toEqual([
    { name: "unnamed", scans: 1, lastAt: "2026-05-20T09:00:00.000Z" },
    { name: "ann", scans: 2, lastAt: "2026-05-19T09:00:00.000Z" },
  ]);
});

test("old scanners are those of the newest whole run that was compared, and of none where it did not look", async () => {
  const site = "scanners";
  const { sql } = ground;
  const ann = { name: "ann", scans: 2, lastAt: "2026-05-19T09:00:00.000Z" };
  expect(await readOldScanners(sql, site)).toBeUndefined();
  await addComparison(await addRun(site, "2026-05-18T10:00:00Z", { agreement: 1 }), site, {
    oldScanners: [],
  });
  await addComparison(await addRun(site, "2026-05-20T10:00:00Z", { agreement: 1 }), site, {
    oldScanners: [ann],
  });
  const parts = await addRun(site, "2026-05-20T11:00:00Z", { agreement: 1, verdict: "partial" });
  await addComparison(parts, site, { oldScanners: null });
  expect(await readOldScanners(sql, site)).toEqual({
    pulledAt: "2026-05-20T10:00:00.000Z",
    oldScanners: [ann],
  });
  await addComparison(await addRun(site, "2026-05-20T12:00:00Z", { agreement: 1 }), site, {});
  expect(await readOldScanners(sql, site)).toBeUndefined();
});

test("gates are measured on what everybody says now, and say who does not answer", async () => {
  const site = "north";
  const { bus, sql } = ground;
  const now = Date.now();
  for (let day = 0; day < 8; day += 1) {
    const run = await addRun(site, new Date(now - day * 86_400_000 - 1_000).toISOString(), {
      agreement: 0.997,
    });
    await addComparison(run, site, { oldScanners: [] });
  }
  const [measuring] = [answerMigration(bus, sql)];
  const gatesOf = async () => {
    await bus.connection.flush();
    const asked = { site, stage: "parallel" as const };
    const { gates } = await ask(bus, AskMigrationGates, asked, { timeoutMs: 15_000 });
    return Object.fromEntries(gates.map((gate) => [gate.name, gate]));
  };
  expect((await gatesOf()).findings).toMatchObject({
    met: null,
    why: "health-check does not answer: unavailable",
  });

  const at = new Date(now).toISOString();
  const known = {
    id: site,
    name: site,
    timeZone: "UTC",
    epoch: 1,
    pos: 1,
    createdAt: at,
    stage: "parallel" as const,
  };
  const ledger = {
    ...{ device: "tablet-1", received: 1, accepted: 1, alreadyApplied: 0, rejected: 0, quarantined: 0 },
    ...{
      counted: 0,
      missing: 0,
      gaps: [],
      reused: 0,
      reusedAt: null,
      clockOffsetMs: null,
      clockMeasuredAt: null,
    },
  };
  const audit = {
    ...{
      id: newId(),
      site,
      by: "tagwire",
      startedAt: at,
      durationMs: 1,
      verdict: "agree" as const,
      why: null,
    },
    ...{ barrier: null, tiers: [], bucketsCompared: 0, rowsRead: 0, found: [] },
  };
  const counts = noLags.map((_, bucket) => (bucket === 2 ? 1_000 : 0));
  answer(bus, AskSites, async () => ({ sites: [known] }));
  answer(bus, AskDeviceLedgers, async () => ({ ledgers: [{ ...ledger, lastAt: at }], next: null }));
  answer(bus, AskAudits, async () => ({ audits: [audit], next: null }));
  const listing = answer(bus, AskFindings, async () => ({ findings: [], next: null }));
  answer(bus, AskScreenLag, async () => ({ recordToScreen: lagDistribution({ counts, maxMs: 19 }) }));
  expect(await gatesOf()).toMatchObject({
    agreement: { met: true, value: 0.997 },
    findings: { met: true, value: 0 },
    devices: { met: true, value: 0 },
    lag: { met: true },
  });
  const { days } = await ask(bus, AskRfidproAgreement, { site, timeZone: "UTC", days: 2 });
  expect(days).toHaveLength(2);

  // Who is there and silent is told as such within the time of a sighting, however many pages came before, and hides no other.
  await listing.stop();
  const silent = Promise.withResolvers<never>();
  answer(bus, AskFindings, ({ cursor }) =>
    cursor === null ? Promise.resolve({ findings: [], next: "on" }) : silent.promise,
  );
  expect(await gatesOf()).toMatchObject({
    agreement: { met: true },
    findings: { met: null, why: "health-check did not answer within 5 s" },
    devices: { met: true },
    lag: { met: true },
  });
  for (const one of measuring ?? []) await one.stop();
});
