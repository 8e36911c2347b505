import {
  type AvailableItem,
  type BoardView,
  type ClassDay,
  flaggedLiveMax,
  type HeldTag,
  itemDaysOf,
  type LagMinute,
  type LiveRow,
  lagDistribution,
  staleLimitOf,
  staleParamsDefault,
  sumLags,
  type UnseenItem,
  utilisationDaysDefault,
} from "@tagwire/messages";
import { migrate, openStore, type Store } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { noticesMigrations, noticesSchema } from "../store/notices-migrations.ts";
import { openFilled } from "../test-filled.ts";
import { busyDays, type SampleLog, sampleLog } from "../test-log.ts";
import { busyRecords, foundSite } from "../test-records.ts";
import { answerFlaggedScans } from "./flagged-scans.ts";
import { answerIdleItems } from "./idle-items.ts";
import { answerLag } from "./lag.ts";
import { answerSnapshot } from "./snapshot.ts";
import { answerStaleItems } from "./stale-items.ts";
import { answerUtilisation } from "./utilisation.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zone = "America/Chicago";

/** Seventy days of a busy site, every seven hours something. */
const yard = (): SampleLog => {
  const log = sampleLog({ site: "north", startMs: Date.parse("2026-01-05T03:00:00Z"), stepMs: 7 * hourMs });
  foundSite(log, zone);
  const shelf = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => `SHELF-${at}`);
  for (const tag of shelf) log.happen({ kind: "create", tag, class: "class 7", status: "ready" });
  for (let round = 0; round < 4; round += 1) {
    // Some go out and come back, some are only seen, and the rest lies where it lay.
    for (const tag of shelf.slice(round * 2, round * 2 + 2)) {
      log.happen({ kind: "move", tag, status: "on_rent", place: "rack-2" });
      log.happen({ kind: "move", tag, status: "ready", place: round === 1 ? "rack-2" : "rack-1" });
      log.happen({ kind: round === 2 ? "refuse" : "sight", tag });
    }
    busyRecords(busyDays(log, 30, 25), 20);
  }
  return log;
};
const log = yard();
const nowMs = Date.parse(log.events.at(-1)?.recordedAt ?? "") + hourMs;

type Asked = { view: BoardView; until?: string; class?: string; tag?: string; mark?: "rejected" };

/** What a screen shows of a view, page by page. */
const shown = async <T>(store: Store<unknown>, asked: Asked): Promise<T[]> => {
  const rows: LiveRow[] = [];
  let cursor: string | null = null;
  do {
    const page = await answerSnapshot(store.sql, { site: "north", cursor, ...asked }, nowMs);
    rows.push(...(page.rows as LiveRow[]));
    cursor = page.next;
  } while (cursor !== null);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  return rows as unknown as T[];
};

test("utilisation that a screen reckons from the days of classes is the one that is answered", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 13 });
  const rows = await shown<ClassDay>(store, { view: "utilisation" });
  const to = calendarOf(zone)(nowMs);
  const days = itemDaysOf(rows, { from: daysAfter(to, 1 - utilisationDaysDefault), to });
  const answer = await answerUtilisation(store.sql, { site: "north", limit: 200, cursor: null }, nowMs);
  expect(answer.rows.length).toBeGreaterThan(3);
  for (const row of answer.rows) expect(row).toMatchObject(days.get(row.class) ?? {});
  // A window of a week, of which most has no row of its own.
  const from = daysAfter(to, -6);
  const week = itemDaysOf(rows, { from, to });
  const weekly = await answerUtilisation(store.sql, { site: "north", limit: 200, cursor: null, from }, nowMs);
  for (const row of weekly.rows) expect(row).toMatchObject(week.get(row.class) ?? {});
  const [one] = answer.rows;
  const ofOne = await shown<ClassDay>(store, { view: "utilisation", ...{ class: one?.class ?? "" } });
  expect(ofOne).toEqual(rows.filter((row) => row.class === one?.class));
  await store.close();
});

test("what a screen takes for idle is what is answered, and an instant leaves out the rest", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 13 });
  const idleDays = 20;
  const until = new Date(nowMs - idleDays * dayMs).toISOString();
  const all = await shown<AvailableItem>(store, { view: "idle" });
  const old = await shown<AvailableItem>(store, { view: "idle", until });
  expect(old.length).toBeGreaterThan(0);
  expect(all.length).toBeGreaterThan(old.length);
  expect(old).toEqual(all.filter(({ since }) => since <= until));
  const answer = await answerIdleItems(
    store.sql,
    { site: "north", limit: 200, cursor: null, idleDays },
    nowMs,
  );
  const facts = old
    .toSorted((one, other) => (one.since < other.since ? -1 : 1))
    .map(({ tag, since, lastSeenAt, status }) => ({ tag, since, lastSeenAt, status }));
  expect(
    answer.rows.map(({ tag, since, lastSeenAt, status }) => ({ tag, since, lastSeenAt, status })),
  ).toEqual(facts);
  await store.close();
});

test("what a screen takes for stale by the limits of the site is what is answered", async () => {
  await using database = await testDatabase();
  await migrate(database.url, noticesSchema, noticesMigrations);
  const notices = await openStore({
    url: database.url,
    schema: noticesSchema,
    name: "test",
    log: quietLog(),
  });
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 13 });
  const laterMs = nowMs + 100 * dayMs;
  const limits = { ...staleParamsDefault, days: 145, limits: [{ name: "RACK-2", days: 120 }] };
  const rows = await shown<UnseenItem>(store, { view: "stale" });
  const over = rows.filter((row) => Date.parse(row.since) < laterMs - staleLimitOf(limits, row).days * dayMs);
  expect(over.length).toBeGreaterThan(3);
  expect(rows.length).toBeGreaterThan(over.length);
  await notices.sql`insert into alert_site (site, time_zone) values ('north', 'UTC')`;
  await notices.sql`
    insert into alert_rule (id, site, kind, name, severity, enabled, params, channels, version, created_at, changed_at, changed_by)
    values (gen_random_uuid(), 'north', 'stale', 'Stale', 'info', true, ${JSON.stringify(limits)}::text::jsonb, '[]', 1, now(), now(), 'ana')`;
  const asked = { site: "north", limit: 200, cursor: null };
  const answer = await answerStaleItems({ sql: store.sql, notices: notices.sql }, asked, laterMs);
  expect(answer.limits).toMatchObject(limits);
  expect(answer.rows.map(({ tag }) => tag).sort()).toEqual(over.map(({ tag }) => tag).sort());
  await Promise.all([store.close(), notices.close()]);
});

test("the minutes of lag that a screen adds up are the distribution that is answered", async () => {
  await using database = await testDatabase();
  const quick = busyDays(sampleLog({ site: "north", startMs: nowMs - 50 * 60_000, stepMs: 9_000 }), 300, 40);
  const store = await openFilled(database.url, quick, { nowMs, batchEvents: 50 });
  const minutes = await shown<LagMinute>(store, { view: "lag" });
  expect(minutes.length).toBeGreaterThan(20);
  const { deviceToRecord } = await answerLag(store.sql, { site: "north" }, nowMs);
  expect(lagDistribution(sumLags(minutes))).toEqual(deviceToRecord);
  await store.close();
});

test("a screen gets the newest odd scans, as many as are promised, of one mark or of all", async () => {
  await using database = await testDatabase();
  const refusals = sampleLog({ site: "north", startMs: nowMs - hourMs, stepMs: 1_000 });
  refusals.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  for (let at = 0; at < flaggedLiveMax + 40; at += 1)
    refusals.happen({ kind: at % 50 === 0 ? "garble" : "refuse", tag: "A" });
  const store = await openFilled(database.url, refusals, { nowMs });
  const newest = await shown<{ pos: number; key: string }>(store, { view: "flagged" });
  expect(newest).toHaveLength(flaggedLiveMax);
  expect(newest[0]).toMatchObject({ pos: refusals.events.length, key: String(refusals.events.length) });
  const rejected = await shown<{ pos: number }>(store, { view: "flagged", mark: "rejected" });
  const listed = await answerFlaggedScans(
    store.sql,
    { site: "north", mark: "rejected", limit: 200, cursor: null },
    nowMs,
  );
  expect(rejected.slice(0, 200).map(({ pos }) => pos)).toEqual(listed.rows.map(({ pos }) => pos));
  await store.close();
});

test("tags that scans wait for are shown with how many and since when", async () => {
  await using database = await testDatabase();
  const strange = sampleLog({ site: "north", startMs: nowMs - hourMs, stepMs: 60_000 });
  for (const tag of ["B", "A", "B"]) strange.happen({ kind: "sight", tag });
  const store = await openFilled(database.url, strange, { nowMs, batchEvents: 2 });
  const since = (at: number) => strange.events[at]?.recordedAt ?? "";
  const held = await shown<HeldTag>(store, { view: "quarantine" });
  expect(held).toMatchObject([
    { tag: "A", scans: 1, since: since(1) },
    { tag: "B", scans: 2, since: since(0) },
  ]);
  expect(await shown<HeldTag>(store, { view: "quarantine", until: since(0) })).toMatchObject([{ tag: "B" }]);
  strange.happen({ kind: "create", tag: "B", class: "tent", status: "ready" });
  await store.close();
});
