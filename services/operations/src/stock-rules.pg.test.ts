import { newId } from "@tagwire/messages";
import { openLog } from "@tagwire/service";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { originOf } from "./actors/test-acts.ts";
import { createStockRules, dueBefore, startStockRules } from "./stock-rules.ts";
import { countDue, listDue, listSold, ruleOf, sitesFollowing } from "./store/stock-rules.ts";
import {
  beginSite,
  expectSound,
  type Member,
  readLog,
  type TestOperations,
  tellActs,
} from "./test-operations.ts";
import { eachOnItsSite } from "./test-told.ts";

/* What a site sells by itself; each test on a site of its own. */

let operations: TestOperations;
let member: Member;
let site: string;
eachOnItsSite((ground) => {
  ({ operations, member, site } = ground);
});

const rule = "resale-sold";
const dayMs = 24 * 60 * 60_000;
const nowMs = Date.now();
const ago = (days: number) => new Date(nowMs - days * dayMs).toISOString();
const act = <K extends Act["kind"]>(kind: K, body: unknown, receivedAt = ago(0)) =>
  ({ kind, id: newId(), origin: originOf({ by: { person: "ann" }, receivedAt }), body }) as unknown as Act;
const scanAct = (tag: string, days: number, type: "rental" | "touch" = "rental"): Act => {
  const id = newId();
  const contract = type === "rental" ? { contract: "R-1" } : {};
  const scan = { id, tag, type, scannedAt: ago(days), ...contract };
  return { kind: "scan", id, origin: originOf({ receivedAt: ago(days) }), scan };
};
const create = (tag: string, role?: string) =>
  act("item.create", { tag, class: "chair", ...(role === undefined ? {} : { role }) }, ago(30));
const rules = () => createStockRules({ sql: operations.sql, turns: member.turns, now: () => nowMs });
const statusOf = async (tag: string) =>
  (
    await operations.sql<{ status: string }[]>`select status from item where site = ${site} and tag = ${tag}`
  )[0]?.status;

test("what is kept for resale and went out is sold once no scan touched it for the days that are set, and only that", async () => {
  const things = { OLD: "resale", PACKED: "pack", FRESH: "resale", TOUCHED: "resale", OTHER: undefined };
  await tellActs(member, site, [
    ...Object.entries(things).map(([tag, role]) => create(tag, role)),
    create("STAYED", "resale"),
    ...["OLD", "PACKED", "TOUCHED", "OTHER"].map((tag) => scanAct(tag, 5)),
    scanAct("FRESH", 3),
    scanAct("STAYED", 6, "touch"),
    scanAct("TOUCHED", 1, "touch"),
  ]);
  const { sql } = operations;
  const query = { rule, before: dueBefore(nowMs, 4) } as const;
  expect((await listDue(sql, site, { ...query, limit: 10 })).map(({ tag }) => tag)).toEqual([
    "OLD",
    "PACKED",
  ]);
  expect(await countDue(sql, site, { rule, before: dueBefore(nowMs, 2) })).toBe(3);

  expect(await rules().run(site, rule)).toEqual({ rule, days: 4, sold: 2, left: 0 });
  expect(await rules().run(site, rule)).toEqual({ rule, days: 4, sold: 0, left: 0 });
  const statuses = await Promise.all([...Object.keys(things), "STAYED"].map(statusOf));
  expect(statuses).toEqual(["sold", "sold", "on_rent", "on_rent", "on_rent", "ready"]);
  const { log } = await expectSound(sql, site);
  const sold = log.filter(({ by }) => by.rule === rule);
  expect(
    sold.map(({ tag, type, by, data }) => ({ tag, type, by, flags: data.flags, reason: data.reason })),
  ).toEqual(
    ["OLD", "PACKED"].map((tag) => ({
      ...{ tag, type: "item.edited.v1", by: { rule }, flags: [], reason: "no scan for 4 days" },
    })),
  );
});

test("what was taken back is left alone until it is scanned again", async () => {
  await tellActs(member, site, [create("T", "resale"), scanAct("T", 9)]);
  expect(await rules().run(site, rule, { person: "ann" })).toMatchObject({ sold: 1 });
  const [event] = (await readLog(operations.sql, site)).filter(({ by }) => by.rule === rule);
  expect(event?.by).toEqual({ person: "ann", rule });
  const undo = { events: [event?.pos], preview: false };
  expect(await tellActs(member, site, [act("events.undo", undo)])).toMatchObject([
    { receipt: { outcome: "accepted" } },
  ]);
  expect(await statusOf("T")).toBe("on_rent");
  expect(await listSold(operations.sql, site, { rule, limit: 5 })).toMatchObject([
    { tag: "T", undone: true },
  ]);
  expect(await rules().run(site, rule)).toMatchObject({ sold: 0, left: 0 });

  // A scan is a new beginning: five days after it nobody has seen the thing again.
  await tellActs(member, site, [scanAct("T", -1, "touch")]);
  const { sql } = operations;
  const later = createStockRules({ sql, turns: member.turns, now: () => nowMs + 6 * dayMs });
  expect(await later.run(site, rule)).toMatchObject({ sold: 1 });
});

test("a scan that was made before the sale and comes after it is flagged: whoever looks at odd scans sees that the rule did not know of it", async () => {
  await tellActs(member, site, [create("T", "resale"), scanAct("T", 9)]);
  expect(await rules().run(site, rule)).toMatchObject({ sold: 1 });
  const late = (days: number) => tellActs(member, site, [{ ...scanAct("T", days, "touch") }]);
  expect(await late(1)).toMatchObject([
    {
      receipt: {
        ...{ outcome: "accepted", code: "late_history_only" },
        flags: ["late_history_only", "scanned_before_sale"],
      },
    },
  ]);
  // What was made before the last scan that was known says nothing new.
  expect(await late(10)).toMatchObject([{ receipt: { flags: ["late_history_only"] } }]);
  expect(await statusOf("T")).toBe("sold");
  const [event] = (await readLog(operations.sql, site)).filter(({ by }) => by.rule === rule);
  const undo = { events: [event?.pos], preview: false };
  expect(await tellActs(member, site, [act("events.undo", undo)])).toMatchObject([
    { receipt: { outcome: "accepted" } },
  ]);
  expect(await statusOf("T")).toBe("on_rent");
  await expectSound(operations.sql, site);
});

test("a scan that comes between the look and the turn keeps the thing", async () => {
  await tellActs(member, site, [create("T", "pack"), scanAct("T", 9)]);
  const { turns } = member;
  const interrupted = createStockRules({
    sql: operations.sql,
    now: () => nowMs,
    turns: {
      ...turns,
      tell: async (name, message) => {
        await tellActs(member, site, [scanAct("T", 0, "touch")]);
        return turns.tell(name, message);
      },
    },
  });
  expect(await interrupted.run(site, rule)).toMatchObject({ sold: 0, left: 0 });
  expect(await statusOf("T")).toBe("on_rent");
});

test("it goes in batches through the turns of the site", async () => {
  const tags = Array.from({ length: 450 }, (_, index) => `B-${String(index).padStart(3, "0")}`);
  await tellActs(member, site, [
    ...tags.map((tag) => create(tag, "resale")),
    ...tags.map((tag) => scanAct(tag, 8)),
  ]);
  const sizes: number[] = [];
  const { turns } = member;
  const counted = createStockRules({
    sql: operations.sql,
    now: () => nowMs,
    turns: {
      ...turns,
      tell: (name, message) => {
        if ("acts" in message) sizes.push(message.acts.length);
        return turns.tell(name, message);
      },
    },
  });
  const [first, second] = await Promise.all([counted.run(site, rule), counted.run(site, rule)]);
  expect([first, second]).toMatchObject([{ sold: 450, left: 0 }, { sold: 0 }]);
  expect(sizes).toEqual([200, 200, 50]);
});

test("it is switched on for its site alone, with days of its own, in the site's log", async () => {
  const { sql } = operations;
  expect(await ruleOf(sql, site, rule)).toEqual({ enabled: false, days: 4 });
  const set = (body: object) => tellActs(member, site, [act("rule.set", { rule, set: body })]);
  expect(await set({ enabled: true, days: 10 })).toMatchObject([{ receipt: { outcome: "accepted" } }]);
  expect(await set({ enabled: true })).toMatchObject([{ receipt: { outcome: "already_applied" } }]);
  expect(await ruleOf(sql, site, rule)).toEqual({ enabled: true, days: 10 });
  expect(await sitesFollowing(sql, rule)).toEqual([site]);
  expect(await set({ enabled: false })).toMatchObject([{ receipt: { outcome: "accepted" } }]);
  expect(await sitesFollowing(sql, rule)).toEqual([]);
  const { log } = await expectSound(sql, site);
  expect(log.filter(({ type }) => type === "site.rule_set.v1").map(({ data }) => data)).toEqual([
    { rule, set: { enabled: true, days: 10 }, was: { enabled: false, days: 4 } },
    { rule, set: { enabled: false, days: 10 }, was: { enabled: true, days: 10 } },
  ]);
});

test("sites that follow the rule do so by themselves, over and over, and one that cannot holds up none", async () => {
  const other = `${site}-b`;
  await beginSite(member, other);
  const begin = (name: string, tag: string) =>
    tellActs(member, name, [create(tag, "resale"), scanAct(tag, 9)]);
  for (const name of [site, other]) {
    await begin(name, "FIRST");
    await tellActs(member, name, [act("rule.set", { rule, set: { enabled: true } })]);
  }
  const { sql } = operations;
  const soldAt = async (name: string) =>
    (await listSold(sql, name, { rule, limit: 5 })).map(({ tag }) => tag).sort();
  const own = rules();
  let refusals = 0;
  const following = startStockRules({
    ...{ sql, leases: member.leases(), log: openLog("test", "silent"), intervalMs: 10 },
    rules: {
      run: async (name, which) => {
        if (name === site && refusals < 2) {
          refusals += 1;
          throw new Error("not now");
        }
        return own.run(name, which);
      },
    },
  });
  try {
    await eventually("sold by itself", async () => (await soldAt(other)).join() === "FIRST");
    await eventually("sold by itself", async () => (await soldAt(site)).join() === "FIRST");
    await begin(other, "SECOND");
    await eventually("sold again", async () => (await soldAt(other)).join() === "FIRST,SECOND");
  } finally {
    await following.stop();
  }
  expect(refusals).toBe(2);
  for (const name of [site, other])
    await tellActs(member, name, [act("rule.set", { rule, set: { enabled: false } })]);
});
