import {
  AskIdleItems,
  AskUtilisation,
  type Item,
  ItemCreated,
  ItemRented,
  ItemReturned,
  ItemUndone,
  type LoggedEvent,
  newId,
} from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { applyBatch } from "../projecting/batch.ts";
import { openFilled } from "../test-filled.ts";
import { busyDays, type SampleLog, sampleLog } from "../test-log.ts";
import { busyRecords, enter, foundSite } from "../test-records.ts";
import { answerClassCounts } from "./class-counts.ts";
import { answerDashboard } from "./dashboard.ts";
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
  for (let round = 0; round < 4; round += 1) {
    busyRecords(busyDays(log, 30, 20), 20);
    tellLate(log, `LATE-${round}`, 3 + 4 * round);
  }
  return log;
};

/** A thing that lay there for long went out and came back, and the device said so days later. */
const tellLate = (log: SampleLog, tag: string, daysLate: number) => {
  log.happen({ kind: "create", tag, class: "class 1", status: "ready" });
  busyDays(log, 5 * daysLate, 20);
  const nowMs = Date.parse(log.events.at(-1)?.recordedAt ?? "");
  for (const [type, status, daysAgo] of [
    [ItemRented.type, "on_rent", daysLate - 0.5],
    [ItemReturned.type, "ready", daysLate / 3],
  ] as const) {
    const item = log.items.get(tag);
    if (item === undefined) throw new Error(`${tag} is not there`);
    const scannedAtMs = nowMs - daysAgo * dayMs;
    const lastFactAt = new Date(scannedAtMs).toISOString();
    log.change(item, type, { set: { status, lastFactAt } }, { scanId: newId(), scannedAtMs });
  }
};

type Row = {
  readonly class: string;
  readonly status: string;
  readonly freeAt: string;
  /** From when on it counts there, however late that was told. */
  readonly movedAt: string;
};

/** Where every item stood by the facts of the log, one after the other, looked up event by event. */
const livesOf = (events: readonly LoggedEvent[]): Row[][] => {
  const lives = new Map<string, Row[]>();
  const isGone = (status: string) => status === "on_rent" || status === "delivered";
  for (const { tag = "", type, data, recordedAt } of events) {
    if (type === ItemCreated.type) {
      const { item } = data as ItemCreated;
      lives.set(tag, [{ class: item.class, status: item.status, freeAt: recordedAt, movedAt: recordedAt }]);
    }
    const { set, was } = data as { set?: Partial<Item>; was?: Pick<Item, "status"> };
    const row = lives.get(tag)?.at(-1);
    if (row === undefined || was === undefined || set?.status === undefined) continue;
    const cameBack = isGone(was.status) && !isGone(set.status);
    const freeAt = cameBack ? (set.lastFactAt ?? recordedAt) : row.freeAt;
    const factAt = set.lastFactAt ?? recordedAt;
    // What takes a fact back counts from that fact on.
    const isSame = set.status === was.status || type === ItemUndone.type;
    const movedAt = isSame || factAt < row.movedAt ? row.movedAt : factAt;
    lives.get(tag)?.push({ ...row, status: set.status, freeAt, movedAt });
  }
  return [...lives.values()];
};

/** Every item as it is after the log. */
const stockAfter = (events: readonly LoggedEvent[]): Row[] =>
  livesOf(events).flatMap((life) => life.at(-1) ?? []);

const groups = {
  availableDays: ["ready"],
  stagedDays: ["staged"],
  provisionedDays: ["provisioned"],
  outDays: ["on_rent", "delivered"],
  readyDays: ["ready", "provisioned", "staged"],
  inServiceDays: ["inspect", "repair", "wash", "wet"],
  missingDays: ["missing"],
} as const;

const noDays = {
  ...{ availableDays: 0, stagedDays: 0, provisionedDays: 0 },
  ...{ outDays: 0, readyDays: 0, inServiceDays: 0, missingDays: 0 },
};

/** Utilisation as it is defined, day after day: everything is counted anew at the end of each. */
const slowUsage = (log: SampleLog, { from, to }: { from: string; to: string }) => {
  const dayOf = calendarOf(zone);
  const usage = new Map<string, Record<keyof typeof groups, number>>();
  for (let day = from; day <= to; day = daysAfter(day, 1)) {
    const stood = livesOf(log.events).flatMap(
      (life) => life.findLast(({ movedAt }) => dayOf(movedAt) <= day) ?? [],
    );
    for (const row of stood) {
      const own = usage.get(row.class) ?? { ...noDays };
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
    expect(row).toMatchObject(expected.get(row.class) ?? noDays);
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
    const available = stockAfter(busy.events).filter(({ status }) => status === "ready");
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

test("what is available is the same number wherever it is told, and what is staged or only a tag is not", async () => {
  await using database = await testDatabase();
  const log = sampleLog({ site: "north", startMs: lastMs - 60_000, stepMs: 1 });
  foundSite(log, zone);
  const statuses = ["provisioned", "ready", "ready", "staged", "ready", "wash", "on_rent", "staged"] as const;
  for (const [at, status] of statuses.entries())
    log.happen({ kind: "create", tag: `T${at}`, class: at < 5 ? "tent" : "chair", status });
  const store = await openFilled(database.url, log, { nowMs: lastMs });
  const [usage, counts, past, { dashboard }] = await Promise.all([
    answerUtilisation(store.sql, { ...all, from: lastDay, to: lastDay }, lastMs),
    answerClassCounts(store.sql, { site: "north" }, lastMs),
    answerClassCounts(store.sql, { site: "north", at: `1:${log.events.length}` }, lastMs),
    answerDashboard(store.sql, "north", lastMs),
  ]);
  const told = { total: 8, ready: 6, available: 3, staged: 2, provisioned: 1, out: 1, inService: 1 };
  for (const { totals } of [counts, past, { totals: dashboard?.totals }]) expect(totals).toMatchObject(told);
  expect(usage.totals).toMatchObject({ available: 3, availableDays: 3, readyDays: 6 });
  const byClass = (rows: readonly { class: string; available: number }[] = []) =>
    rows.map(({ class: name, available }) => [name, available]);
  const expected = [
    ["chair", 0],
    ["tent", 3],
  ];
  for (const rows of [usage.rows, counts.classes, past.classes, dashboard?.classes])
    expect(byClass(rows)).toEqual(expected);
  await store.close();
});

test("what is told late counts on the days on which it was so, and what is taken back on none", async () => {
  await using database = await testDatabase();
  const log = sampleLog({ site: "north", startMs: lastMs - 9 * dayMs, stepMs: 1 });
  foundSite(log, zone);
  for (const tag of ["A", "B"]) log.happen({ kind: "create", tag, class: "tent", status: "ready" });
  const rent = (tag: string) => {
    const item = log.items.get(tag);
    if (item === undefined) throw new Error(`${tag} is not there`);
    const scannedAtMs = lastMs - 2.5 * dayMs;
    const set = {
      status: "on_rent",
      contract: "7",
      lastFactAt: new Date(scannedAtMs).toISOString(),
    } as const;
    const about = { scanId: newId(), scannedAtMs, recordedAtMs: lastMs, contract: "7" };
    return { item, rented: log.change(item, ItemRented.type, { set }, about) };
  };
  rent("A");
  const { item, rented } = rent("B");
  const store = await openFilled(database.url, log, { nowMs: lastMs, batchEvents: 2 });
  const from = daysAfter(lastDay, -6);
  const of = async () => (await answerUtilisation(store.sql, { ...all, from, to: lastDay }, lastMs)).totals;
  const days = new Set([2.5, 1.5, 0.5, 0].map((ago) => calendarOf(zone)(lastMs - ago * dayMs))).size;
  expect(days).toBeGreaterThanOrEqual(3);
  expect(await of()).toMatchObject({ itemDays: 14, outDays: 2 * days, availableDays: 14 - 2 * days });

  const out = log.items.get("B");
  if (out === undefined) throw new Error("B is not there");
  const { status, contract, lastFactAt } = item;
  const set = { status, contract, lastFactAt };
  log.change(out, ItemUndone.type, { set, undoes: rented.pos }, { recordedAtMs: lastMs });
  await store.sql.begin((transaction) => applyBatch(transaction, log.events.slice(-1), lastMs));
  expect(await of()).toMatchObject({ itemDays: 14, outDays: days, availableDays: 14 - days });
  await store.close();
});

test("a rental and its return that are taken back together leave no day out, and are days out again when that is taken back", async () => {
  await using database = await testDatabase();
  const log = sampleLog({ site: "north", startMs: lastMs - 9 * dayMs, stepMs: 1 });
  foundSite(log, zone);
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  const itemNow = () => {
    const item = log.items.get("A");
    if (item === undefined) throw new Error("A is not there");
    return item;
  };
  const states: Item[] = [];
  const state = (type: string, ago: number, set: Partial<Item>) => {
    const scannedAtMs = lastMs - ago * dayMs;
    states.push(itemNow());
    const data = { set: { ...set, lastFactAt: new Date(scannedAtMs).toISOString() } };
    return log.change(itemNow(), type, data, {
      ...{ scanId: newId(), scannedAtMs, recordedAtMs: scannedAtMs, contract: "7" },
    });
  };
  const rented = state(ItemRented.type, 5, { status: "on_rent", contract: "7" });
  const returned = state(ItemReturned.type, 3, { status: "ready", contract: null });
  const wasReturned = itemNow();
  const takeBack = (undoes: number, { status, contract, lastFactAt }: Item) => {
    const set = { status, contract, lastFactAt };
    return log.change(itemNow(), ItemUndone.type, { set, undoes }, { recordedAtMs: lastMs });
  };
  const [free, out] = states as [Item, Item];
  const store = await openFilled(database.url, log, { nowMs: lastMs });
  const outDays = async () =>
    (await answerUtilisation(store.sql, { ...all, from: daysAfter(lastDay, -8), to: lastDay }, lastMs)).totals
      .outDays;
  const tell = (events: readonly LoggedEvent[]) =>
    store.sql.begin((transaction) => applyBatch(transaction, events, lastMs));
  const days = await outDays();
  expect(days).toBeGreaterThan(0);

  const returnBack = takeBack(returned.pos, out);
  const rentalBack = takeBack(rented.pos, free);
  await tell([returnBack, rentalBack]);
  expect(await outDays()).toBe(0);

  await tell([takeBack(rentalBack.pos, out)]);
  await tell([takeBack(returnBack.pos, wasReturned)]);
  expect(await outDays()).toBe(days);
  await store.close();
});
