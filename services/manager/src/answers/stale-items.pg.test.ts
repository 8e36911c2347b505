import { type AlertRule, AskStaleItems, newId, staleParamsDefault } from "@tagwire/messages";
import { migrate, openStore } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { insertRules } from "../store/alert-rules.ts";
import { findStale } from "../store/conditions.ts";
import { noticesMigrations, noticesSchema } from "../store/notices-migrations.ts";
import { openFilled } from "../test-filled.ts";
import { sampleLog } from "../test-log.ts";
import { answerStaleItems } from "./stale-items.ts";

const dayMs = 24 * 3_600_000;
const startMs = Date.parse("2026-01-01T10:00:00Z");
const daysLater = (days: number): number => startMs + days * dayMs;
const all = { site: "north", limit: 50, cursor: null };

const rule = (what: Partial<AlertRule>): AlertRule => ({
  ...{ id: newId(), site: "north", kind: "stale", name: "Stale", severity: "info", enabled: true },
  ...{ params: staleParamsDefault, quietHours: null, escalateAfterMinutes: null, channels: [], version: 1 },
  ...{
    createdAt: new Date(startMs).toISOString(),
    changedAt: new Date(startMs).toISOString(),
    changedBy: "ana",
  },
  ...what,
});

/** Six items, a day apart, each scanned once; then A is scanned again, late and refused. B is gone, F was never scanned. */
const openYard = async (url: string, rules: readonly AlertRule[]) => {
  const log = sampleLog({ site: "north", startMs, stepMs: dayMs });
  for (const tag of ["A", "B", "C", "D", "E", "F"])
    log.happen({ kind: "create", tag, class: tag < "D" ? "tent" : "chair", status: "ready" });
  log.happen({ kind: "move", tag: "A", status: "ready", place: "rack-1" });
  log.happen({ kind: "move", tag: "B", status: "sold", place: "resale" });
  log.happen({ kind: "move", tag: "C", status: "wash", place: "Resale" });
  log.happen({ kind: "move", tag: "D", status: "ready", place: "pack" });
  log.happen({ kind: "sight", tag: "E" });
  log.happen({ kind: "refuse", tag: "A" });
  const store = await openFilled(url, log, { nowMs: daysLater(12), batchEvents: 4 });
  // What it is for counts before where it is.
  await store.sql`update item set role = 'resale' where tag = 'D'`;
  await migrate(url, noticesSchema, noticesMigrations);
  const notices = await openStore({ url, schema: noticesSchema, name: "test", log: quietLog() });
  await notices.sql`insert into alert_site (site, time_zone) values ('north', 'UTC')`;
  await notices.sql.begin((transaction) => insertRules(transaction, rules));
  return {
    log,
    place: { sql: store.sql, notices: notices.sql },
    close: () => Promise.all([store.close(), notices.close()]),
  };
};

test("stale is what no scan touched for the limit of its role or place; late and refused scans touch", async () => {
  await using database = await testDatabase();
  const { log, place, close } = await openYard(database.url, []);
  const seenAt = (tag: string) =>
    log.events.filter((event) => event.tag === tag && event.scannedAt !== undefined).at(-1)?.scannedAt;
  const at = (days: number) => answerStaleItems(place, all, daysLater(days));
  expect((await at(90)).rows).toEqual([]);
  const soon = await at(101);
  expect(Value.Errors(AskStaleItems.answer, soon)).toEqual([]);
  expect(soon).toMatchObject({ known: true, pos: log.events.length, limits: { rule: null, days: 360 } });
  expect(soon.rows.map(({ tag, name, days, since }) => [tag, name, days, since])).toEqual([
    ["C", "resale", 90, seenAt("C")],
    ["D", "resale", 90, seenAt("D")],
  ]);
  expect(soon.counts).toEqual([
    { name: "", days: 360, items: 0, oldestSince: null },
    { name: "resale", days: 90, items: 2, oldestSince: seenAt("C") },
    { name: "pack", days: 120, items: 0, oldestSince: null },
  ]);
  const late = await at(500);
  // F was never scanned, so it counts from when it was commissioned.
  const F = { tag: "F", since: log.events[5]?.recordedAt, lastSeenAt: null, name: "" };
  expect(late.rows.find(({ tag }) => tag === "F")).toMatchObject(F);
  expect(late.rows.map(({ tag }) => tag)).toEqual(["F", "C", "D", "E", "A"]);
  expect(late.rows.at(-1)?.lastSeenAt).toBe(seenAt("A"));
  await close();
});

test("the limits are those of the site's own rule, of the one that is asked for, and alert and list find the same", async () => {
  await using database = await testDatabase();
  const off = rule({ enabled: false, params: { days: 1, limits: [] } });
  const own = rule({ params: { days: 300, limits: [{ name: "Rack-1", days: 20 }] } });
  const missing = rule({ kind: "missing", params: {} });
  const { place, close } = await openYard(database.url, [off, own, missing]);
  const nowMs = daysLater(40);
  const mine = await answerStaleItems(place, all, nowMs);
  expect(mine.limits).toEqual({ rule: own.id, ...own.params });
  expect(mine.rows.map(({ tag, name }) => [tag, name])).toEqual([["A", "Rack-1"]]);
  const asked = await answerStaleItems(place, { ...all, rule: off.id }, nowMs);
  expect(asked.rows.map(({ tag }) => tag)).toEqual(["F", "C", "D", "E", "A"]);
  for (const { limits, rows, counts } of [mine, asked]) {
    const { rule: _rule, ...params } = limits;
    const sights = await place.sql.begin((transaction) => findStale(transaction, "north", params, nowMs));
    for (const { name, items, oldestSince } of counts) {
      expect(sights.get(name)?.count ?? 0).toBe(items);
      expect(sights.get(name)?.subjects[0]?.since ?? null).toBe(oldestSince);
      const subjects = sights.get(name)?.subjects.map(({ key }) => key) ?? [];
      expect(rows.filter((row) => row.name === name).map(({ tag }) => tag)).toEqual(subjects);
    }
  }
  for (const id of [missing.id, newId()])
    await expect(answerStaleItems(place, { ...all, rule: id }, nowMs)).rejects.toMatchObject({
      code: "not_found",
    });
  await close();
});

test.each([
  { filter: {}, tags: ["F", "C", "D", "E", "A"] },
  { filter: { name: "" }, tags: ["F", "E", "A"] },
  { filter: { name: "resale" }, tags: ["C", "D"] },
  { filter: { class: "chair" }, tags: ["F", "D", "E"] },
])("of what is stale, by $filter is $tags, page by page", async ({ filter, tags }) => {
  await using database = await testDatabase();
  const { place, close } = await openYard(database.url, []);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const question = { ...all, ...filter, limit: 2, cursor };
    const page: Awaited<ReturnType<typeof answerStaleItems>> = await answerStaleItems(
      place,
      question,
      daysLater(500),
    );
    seen.push(...page.rows.map(({ tag }) => tag));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual(tags);
  const bad = answerStaleItems(place, { ...all, cursor: "nonsense" }, daysLater(500));
  await expect(bad).rejects.toMatchObject({ code: "malformed" });
  await close();
});
