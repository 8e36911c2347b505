import {
  AskIdleItems,
  AskUtilisation,
  type Item,
  ItemCreated,
  ItemReturned,
  type LoggedEvent,
} from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { openFilled } from "../test-filled.ts";
import { busyDays, type SampleLog, sampleLog } from "../test-log.ts";
import { busyRecords, enter, foundSite } from "../test-records.ts";
import { answerIdleItems } from "./idle-items.ts";
import { answerUtilisation } from "./utilisation.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zone = "America/Chicago";
const all = { site: "north", limit: 200, cursor: null };

/** Forty days of a busy site, every five hours something, over the night on which its clocks change. */
const busyLog = (): SampleLog => {
  const log = sampleLog({ site: "north", startMs: Date.parse("2026-02-10T03:00:00Z"), stepMs: 5 * hourMs });
  foundSite(log, zone);
  for (let round = 0; round < 4; round += 1) busyRecords(busyDays(log, 30, 20), 20);
  return log;
};

type Row = { readonly class: string; readonly status: string; readonly freeAt: string };

/** What the log says of every item after some of its events, looked up one by one. */
const stockAfter = (events: readonly LoggedEvent[]): Row[] => {
  const rows = new Map<string, Row>();
  const isGone = (status: string) => status === "on_rent" || status === "delivered";
  for (const { tag = "", type, data, recordedAt } of events) {
    if (type === ItemCreated.type) {
      const { item } = data as ItemCreated;
      rows.set(tag, { class: item.class, status: item.status, freeAt: recordedAt });
    }
    const { set, was } = data as { set?: Partial<Item>; was?: Pick<Item, "status"> };
    const row = rows.get(tag);
    if (row === undefined || was === undefined || set?.status === undefined) continue;
    const cameBack = isGone(was.status) && !isGone(set.status);
    const freeAt = cameBack ? (set.lastFactAt ?? recordedAt) : row.freeAt;
    rows.set(tag, { ...row, status: set.status, freeAt });
  }
  return [...rows.values()];
};

const groups = {
  outDays: ["on_rent", "delivered"],
  readyDays: ["ready", "provisioned", "staged"],
  inServiceDays: ["inspect", "repair", "wash", "wet"],
  missingDays: ["missing"],
} as const;

/** Utilisation as it is defined, day after day: everything is counted anew at the end of each. */
const slowUsage = (log: SampleLog, { from, to }: { from: string; to: string }) => {
  const dayOf = calendarOf(zone);
  const usage = new Map<string, Record<keyof typeof groups, number>>();
  for (let day = from; day <= to; day = daysAfter(day, 1)) {
    const until = log.events.filter(({ recordedAt }) => dayOf(recordedAt) <= day);
    for (const row of stockAfter(until)) {
      const own = usage.get(row.class) ?? { outDays: 0, readyDays: 0, inServiceDays: 0, missingDays: 0 };
      for (const [name, statuses] of Object.entries(groups))
        if (statuses.some((status) => status === row.status)) own[name as keyof typeof groups] += 1;
      usage.set(row.class, own);
    }
  }
  return usage;
};

const busy = busyLog();
const lastMs = Date.parse(busy.events.at(-1)?.recordedAt ?? "");
const lastDay = calendarOf(zone)(lastMs);
const firstDay = calendarOf(zone)(busy.events[0]?.recordedAt ?? "");

test.each([
  { what: "the whole log, from before it began", from: daysAfter(firstDay, -5), to: lastDay },
  { what: "one day", from: daysAfter(lastDay, -3), to: daysAfter(lastDay, -3) },
  { what: "the night of another clock", from: "2026-03-07", to: "2026-03-09" },
  { what: "days within", from: daysAfter(firstDay, 7), to: daysAfter(lastDay, -7) },
  { what: "days after the last event", from: daysAfter(lastDay, -1), to: daysAfter(lastDay, 4) },
])("over $what, item-days are those of the log, counted day by day", async ({ from, to }) => {
  await using database = await testDatabase();
  const nowMs = lastMs + 6 * dayMs;
  const store = await openFilled(database.url, busy, { nowMs, batchEvents: 11 });
  const answer = await answerUtilisation(store.sql, { ...all, from, to }, nowMs);
  expect(Value.Errors(AskUtilisation.answer, answer)).toEqual([]);
  expect(answer).toMatchObject({ known: true, pos: busy.events.length, from, to, timeZone: zone });
  const expected = slowUsage(busy, { from, to });
  expect(expected.size).toBeGreaterThan(2);
  for (const row of answer.rows) {
    const { outDays, readyDays, inServiceDays, missingDays } = row;
    expect({ outDays, readyDays, inServiceDays, missingDays }).toEqual(
      expected.get(row.class) ?? { outDays: 0, readyDays: 0, inServiceDays: 0, missingDays: 0 },
    );
    const itemDays = outDays + readyDays + inServiceDays + missingDays;
    expect(row.itemDays).toBe(itemDays);
    expect(row.utilisation).toBe(itemDays === 0 ? null : outDays / itemDays);
  }
  expect(answer.rows.map((row) => row.class)).toEqual(expect.arrayContaining([...expected.keys()]));
  const sum = (member: "itemDays" | "outDays") => answer.rows.reduce((total, row) => total + row[member], 0);
  expect(answer.totals).toMatchObject({ itemDays: sum("itemDays"), outDays: sum("outDays") });
  await store.close();
});

test.each([1, 9, 25])(
  "idle for %i days is what is available and was not on contract for as long",
  async (idleDays) => {
    await using database = await testDatabase();
    const nowMs = lastMs + hourMs;
    const store = await openFilled(database.url, busy, { nowMs, batchEvents: 11 });
    const available = stockAfter(busy.events).filter(
      ({ status }) => status === "ready" || status === "provisioned",
    );
    const idle = available.filter(({ freeAt }) => Date.parse(freeAt) <= nowMs - idleDays * dayMs);
    const { totals, rows } = await answerUtilisation(store.sql, { ...all, idleDays }, nowMs);
    const oldest = idle.map(({ freeAt }) => freeAt).sort()[0] ?? null;
    expect(totals).toMatchObject({ available: available.length, idle: idle.length, idleSince: oldest });
    for (const row of rows) expect(row.idle).toBe(idle.filter((item) => item.class === row.class).length);

    const seen: { since: string }[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof answerIdleItems>> = await answerIdleItems(
        store.sql,
        { ...all, limit: 2, idleDays, cursor },
        nowMs,
      );
      expect(Value.Errors(AskIdleItems.answer, page)).toEqual([]);
      seen.push(...page.rows);
      cursor = page.next;
    } while (cursor !== null);
    expect(seen.map(({ since }) => since)).toEqual(idle.map(({ freeAt }) => freeAt).sort());
    await store.close();
  },
);

test("an item is not idle while it is out, and again from when it came back", async () => {
  await using database = await testDatabase();
  const startMs = Date.parse("2026-01-01T10:00:00Z");
  const log = sampleLog({ site: "north", startMs, stepMs: 10 * dayMs });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  log.happen({ kind: "create", tag: "B", class: "tent", status: "ready" });
  enter(log, { kind: "rent", tag: "A", contract: "7" });
  log.happen({ kind: "move", tag: "A", status: "wash" });
  const item = log.items.get("A");
  if (item === undefined) throw new Error("no item");
  log.change(item, ItemReturned.type, { set: { status: "ready" } });
  const nowMs = startMs + 60 * dayMs;
  const store = await openFilled(database.url, log, { nowMs });
  const { rows } = await answerIdleItems(store.sql, { ...all, idleDays: 30 }, nowMs);
  expect(rows.map(({ tag, since }) => [tag, since])).toEqual([
    ["B", log.events[1]?.recordedAt],
    ["A", log.events[3]?.recordedAt],
  ]);
  expect((await answerIdleItems(store.sql, { ...all, idleDays: 31 }, nowMs)).rows).toHaveLength(1);
  await store.close();
});

test.each([
  { what: "ends before it begins", window: { from: "2026-03-02", to: "2026-03-01" } },
  { what: "has not come yet", window: { to: "2026-03-21" } },
  { what: "is too long", window: { from: "2024-01-01", to: "2026-01-01" } },
])("a window that $what is refused", async ({ window }) => {
  await using database = await testDatabase();
  const nowMs = Date.parse("2026-03-20T12:00:00Z");
  const store = await openFilled(database.url, busy, { nowMs });
  const asked = answerUtilisation(store.sql, { ...all, ...window }, nowMs);
  await expect(asked).rejects.toMatchObject({ code: "malformed" });
  await store.close();
});

test("classes come in pages by their names, and by crew, category or alone; totals are of all that fit", async () => {
  await using database = await testDatabase();
  const nowMs = lastMs + hourMs;
  const log = busyLog();
  enter(log, { kind: "describe", class: "class 1", category: "Napkins" });
  const store = await openFilled(database.url, log, { nowMs });
  const whole = await answerUtilisation(store.sql, all, nowMs);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: typeof whole = await answerUtilisation(store.sql, { ...all, limit: 2, cursor }, nowMs);
    expect(page.totals).toEqual(whole.totals);
    seen.push(...page.rows.map((row) => row.class));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual(whole.rows.map((row) => row.class));
  expect(seen.length).toBeGreaterThan(2);
  for (const filter of [{ crew: "linen" as const }, { category: "Napkins" }, { class: "class 1" }]) {
    const { rows, totals } = await answerUtilisation(store.sql, { ...all, ...filter }, nowMs);
    expect(rows.map((row) => row.class)).toEqual(["class 1"]);
    expect(totals.itemDays).toBe(rows[0]?.itemDays);
  }
  await store.close();
});
