import { ask, type Bus, openBus } from "@tagwire/bus";
import { bucketOf, canonicalJson, chainHash, chainStart, keptBuckets } from "@tagwire/digest";
import {
  AskActOnFinding,
  AskAlerts,
  AskFinding,
  AskFindings,
  AskRunAudit,
  type Finding,
} from "@tagwire/messages";
import { eventually, quietLog, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { openDesk, site, workADay } from "./test-day.ts";

const timeoutMs = 90_000;
const million = 1_000_000;
const testTimeoutMs = 900_000;
const services = ["operations", "manager", "health-check"] as const;
/** The clock would come between: each test asks for its audits. */
const env = { AUDIT_EVERY_SECONDS: "86400" };

const audit = async (bus: Bus) => (await ask(bus, AskRunAudit, { site, by: "ann" }, { timeoutMs })).audit;
const findings = async (bus: Bus, states: Finding["state"][]): Promise<Finding[]> =>
  (await ask(bus, AskFindings, { site, limit: 500, cursor: null, states })).findings;

/** More than one audit looks into, each in a bucket of its own, and one that comes later, above all of them. */
const damaged = 130;
const spreadTags = (): { readonly tags: readonly string[]; readonly later: string } => {
  const byBucket = new Map<number, string>();
  for (let at = 0; byBucket.size <= damaged; at += 1)
    byBucket.set(bucketOf(`S-${at}`, keptBuckets), `S-${at}`);
  const sorted = [...byBucket].sort(([left], [right]) => left - right).map(([, tag]) => tag);
  return { tags: sorted.slice(0, damaged), later: sorted[damaged] ?? "" };
};

/** How many lines of the chain do not come to their hashes. */
const brokenLines = async (sql: postgres.Sql): Promise<number> => {
  const lines = await sql<Record<string, unknown>[]>`
    select site, seq::int as seq, at, what, finding, by, why, data, prev_hash, hash from health_check.line order by seq`;
  let last = chainStart;
  return lines.filter(({ prev_hash, hash, at, ...line }) => {
    const told = chainHash(last, canonicalJson({ ...line, at: (at as Date).toISOString() }));
    const isBroken = prev_hash !== last || told !== hash;
    last = String(hash);
    return isBroken;
  }).length;
};

test("what an audit finds is an alert until it is healed, much of it is named by turns, and the log of findings is whole", {
  timeout: testTimeoutMs,
}, async () => {
  await using stack = await startStack({
    services: [...services],
    env: { ...env, ALERTS_EVERY_SECONDS: "1" },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  const sql = postgres(stack.databaseUrl, { max: 2, onnotice: () => {} });
  await workADay(bus);
  expect((await audit(bus)).verdict).toBe("agree");
  const [{ tag } = { tag: "" }] = await sql<{ tag: string }[]>`
    update manager.item set quality = 'C-' where tag = (select min(tag) from manager.item) returning tag`;
  expect(await audit(bus)).toMatchObject({ verdict: "differ", found: [{ code: "field_diff", count: 1 }] });
  const [finding] = await findings(bus, ["open"]);
  expect(finding).toMatchObject({ code: "field_diff", key: tag, seen: 1 });
  expect(finding?.evidence).toMatchObject({
    fields: ["quality"],
    manager: { quality: "C-" },
    operations: { quality: null },
    folded: { quality: null },
  });
  const alerts = async () =>
    (await ask(bus, AskAlerts, { site, limit: 50, cursor: null, kinds: ["finding_opened"] })).alerts.filter(
      ({ group }) => group === "field_diff",
    );
  await eventually("it is an alert", async () => (await alerts())[0]?.examples[0]?.key === tag);

  const id = finding?.id ?? "";
  await ask(bus, AskActOnFinding, { site, id, act: "acknowledge", by: "ann" });
  await ask(bus, AskActOnFinding, { site, id, act: "heal", by: "ann" });
  await eventually("it has healed", async () => {
    await audit(bus);
    return (await ask(bus, AskFinding, { site, id })).finding?.state === "auto_healed";
  });
  await eventually("the alert is over", async () =>
    (await alerts()).every(({ state }) => state === "resolved"),
  );
  const { finding: after } = await ask(bus, AskFinding, { site, id });
  expect(after?.history.map(({ what }) => what).reverse()).toEqual([
    "opened",
    "acknowledged",
    "healing",
    "auto_healed",
  ]);
  // What is kept of a bucket, and is not what its rows come to, is counted anew.
  await sql`
    insert into operations.digest_delta (site, entity, bucket, rows, a, b, c, d)
    select site, 'item', operations.tagwire_bucket(tag, 4096), 0, 1, 0, 0, 0 from operations.item limit 1`;
  await audit(bus);
  const drifts = (await findings(bus, ["open"])).filter(({ code }) => code === "digest_drift");
  expect(drifts).toHaveLength(1);
  await ask(bus, AskActOnFinding, { site, id: drifts[0]?.id ?? "", act: "heal", by: "ann" });
  expect((await audit(bus)).verdict).toBe("agree");

  // Of very many things that differ each is named in its turn, and one that comes later, too.
  const { tags, later } = spreadTags();
  const { hand } = openDesk(bus);
  for (const tag of [...tags, later]) await hand("item.create", { tag, class: "tent" });
  // By then the manager has all of them.
  expect((await audit(bus)).verdict).toBe("agree");
  const spoil = (some: readonly string[]) =>
    sql`update manager.item set quality = 'C-' where tag = any(${[...some]})`;
  const named = async () => (await findings(bus, ["open"])).filter(({ code }) => code === "field_diff");
  await spoil(tags);
  expect((await audit(bus)).unproven).toContainEqual({
    ...{ what: "item bucket", why: "behind" },
    ...{ count: damaged - 50, examples: [] },
  });
  expect(await named()).toHaveLength(50);
  for (let audits = 0; audits < 2; audits += 1) await audit(bus);
  expect((await named()).map(({ key }) => key).sort()).toEqual([...tags].sort());
  await spoil([later]);
  for (let audits = 0; audits < 3; audits += 1) await audit(bus);
  expect((await named()).map(({ key }) => key)).toContain(later);
  await sql`update manager.item set quality = null where tag = any(${[...tags, later]})`;
  for (let audits = 0; audits < 2; audits += 1) await audit(bus);
  expect((await audit(bus)).verdict).toBe("agree");
  expect(await named()).toEqual([]);

  // What happened is one chain, barred against whoever would like it to have happened otherwise.
  expect(await brokenLines(sql)).toBe(0);
  await sql`
    update health_check.line set why = 'nothing happened'
    where seq = (select min(seq) from health_check.line where what = 'opened')`;
  expect(await brokenLines(sql)).toBe(1);
  expect(await audit(bus)).toMatchObject({ verdict: "differ", found: [{ code: "findings_changed" }] });
  await sql.end();
  await bus.close();
});

test("one flipped field in a million items is found and named in one audit", {
  timeout: testTimeoutMs,
}, async () => {
  // These million things were never made by an event, which an audit would say of each of them.
  await using stack = await startStack({
    services: [...services],
    env: { ...env, AUDIT_LIVES_AT_ONCE: "0" },
  });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  const sql = postgres(stack.databaseUrl, { max: 2, onnotice: () => {} });
  await workADay(bus);
  expect((await audit(bus)).verdict).toBe("agree");
  // The same on both sides, by the triggers of each: how they came there makes no difference to what is compared.
  const columns = "class, name, status, quality, place, notes, version, pos, role";
  const fill = (side: "operations" | "manager", more: string) =>
    sql.unsafe(`insert into ${side}.item (site, tag, ${columns}${more})
      select site, 'M' || lpad(at::text, 9, '0'), ${columns}${more}
      from ${side}.item, generate_series(1, ${million}) as one (at) where tag = 'TENT-11'`);
  await Promise.all([fill("operations", ""), fill("manager", ", changed_at")]);
  const whole = await audit(bus);
  expect(whole).toMatchObject({
    verdict: "agree",
    unproven: [
      { what: "readers", why: "unanswered" },
      { what: "lives", why: "switched_off" },
    ],
  });
  const key = `M${String(1 + Math.floor(Math.random() * million)).padStart(9, "0")}`;
  await sql`update manager.item set notes = 'flipped' where site = ${site} and tag = ${key}`;
  const found = await audit(bus);
  const [finding, ...others] = await findings(bus, ["open", "suspect"]);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ key, evidence: { fields: ["notes"], manager: { notes: "flipped" } } });
  // Rows were read where they differ, and of the rest no more than a day's part.
  expect(found.rowsRead).toBeLessThan(million / 4);
  await sql.end();
  await bus.close();
});
