import { AskSnapshot, ItemEdited, type ItemStatus, type LiveRow } from "@tagwire/messages";
import { migrate, openStore, type Store } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { applyBatch } from "../projecting/batch.ts";
import { migrations, schema } from "../store/migrations.ts";
import { busyDays, type SampleLog, sampleLog } from "../test-log.ts";
import { answerDashboard } from "./dashboard.ts";
import { answerItemDigest } from "./item-digest.ts";
import { answerSnapshot } from "./snapshot.ts";

const nowMs = Date.now();

const openFilled = async (databaseUrl: string, log: SampleLog): Promise<Store<unknown>> => {
  await migrate(databaseUrl, schema, migrations);
  const store = await openStore({ url: databaseUrl, schema, name: "test", log: quietLog() });
  await store.sql.begin(async (transaction) => {
    await applyBatch(transaction, log.events, nowMs);
    await transaction`
      insert into site_position (site, epoch, pos, hash) values (${log.site}, ${log.epoch}, ${log.events.length}, '')`;
  });
  return store;
};

const stock = (count: number): SampleLog => {
  const log = sampleLog({ site: "north", startMs: nowMs - 60_000, stepMs: 1 });
  const statuses: ItemStatus[] = ["ready", "wash", "missing"];
  for (let at = 0; at < count; at += 1) {
    log.happen({
      kind: "create",
      tag: `tag-${String(at).padStart(5, "0")}`,
      class: at % 2 === 0 ? "Tent 10%" : "Table",
      status: statuses[at % 3] ?? "ready",
    });
  }
  return log;
};

test("items come in pages by tag; together they are all, each once, and the first page names the position", async () => {
  await using database = await testDatabase();
  const log = stock(2_345);
  const store = await openFilled(database.url, log);
  const tags: string[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page = await answerSnapshot(store.sql, { site: "north", view: "items", cursor }, nowMs);
    expect(Value.Errors(AskSnapshot.answer, page)).toEqual([]);
    expect([page.known, page.epoch, page.pos]).toEqual([true, 1, log.events.length]);
    tags.push(...page.rows.map(({ key }) => key));
    cursor = page.next;
    pages += 1;
  } while (cursor !== null);
  expect(pages).toBe(3);
  expect(tags).toEqual([...log.items.keys()].sort());
  await store.close();
});

test("a snapshot of items has every row as whoever folds the log has it, to the last member", async () => {
  await using database = await testDatabase();
  const log = busyDays(stock(40), 600, 30);
  const graded = log.items.get("tag-00003");
  if (graded === undefined) throw new Error("nothing to grade");
  const at = new Date(nowMs).toISOString();
  log.change(graded, ItemEdited.type, {
    set: { quality: "B+", qualityAt: at, place: "rack-2", placeAt: at },
  });
  const store = await openFilled(database.url, log);
  const { rows, next } = await answerSnapshot(
    store.sql,
    { site: "north", view: "items", cursor: null },
    nowMs,
  );
  expect(next).toBeNull();
  expect(new Map(rows.map(({ key, ...item }) => [key, item]))).toEqual(log.items);
  expect(rows.filter(({ placeAt }) => placeAt !== null).length).toBeGreaterThan(10);
  expect(rows.find(({ key }) => key === graded.tag)).toMatchObject({ qualityAt: at, placeAt: at });
  await store.close();
});

test.each([
  { what: "a status", filter: { status: ["wash"] }, count: 10 },
  { what: "several statuses", filter: { status: ["wash", "missing"] }, count: 20 },
  { what: "a class", filter: { class: "Table" }, count: 15 },
  { what: "a tag", filter: { tag: "tag-00007" }, count: 1 },
  { what: "a place where nothing is", filter: { place: "moon" }, count: 0 },
  { what: "part of a class, in either case", filter: { q: "tENT" }, count: 15 },
  { what: "a per cent sign, which is only itself", filter: { q: "0%" }, count: 15 },
  { what: "status and class together", filter: { status: ["ready"], class: "Table" }, count: 5 },
])("a snapshot of items by $what", async ({ filter, count }) => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, stock(30));
  const { rows } = await answerSnapshot(
    store.sql,
    { site: "north", view: "items", cursor: null, ...filter },
    nowMs,
  );
  expect(rows).toHaveLength(count);
  await store.close();
});

test("the newest events come newest last, no more than a screen wants", async () => {
  await using database = await testDatabase();
  const log = stock(300);
  const store = await openFilled(database.url, log);
  const { rows } = await answerSnapshot(store.sql, { site: "north", view: "events", cursor: null }, nowMs);
  expect(rows.map(({ version }) => version)).toEqual(log.events.slice(-200).map(({ pos }) => pos));
  expect(rows.at(-1)).toMatchObject({ key: "1:300", ...log.events.at(-1) });
  await store.close();
});

test("large rows make small pages: an answer always fits into one message", async () => {
  await using database = await testDatabase();
  const log = sampleLog({ site: "north", startMs: nowMs - 60_000, stepMs: 1 });
  for (let at = 0; at < 1_000; at += 1)
    log.happen({ kind: "create", tag: `${at}`, class: `${at} ${"é".repeat(1_000)}`, status: "ready" });
  const store = await openFilled(database.url, log);
  for (const view of ["items", "dashboard"] as const) {
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const page = await answerSnapshot(store.sql, { site: "north", view, cursor }, nowMs);
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_000_000);
      for (const { key } of page.rows) seen.add(key);
      cursor = page.next;
    } while (cursor !== null);
    expect([...seen].filter((key) => view === "items" || key.startsWith("class:"))).toHaveLength(1_000);
  }
  await store.close();
});

test("the dashboard's rows say what the dashboard says", async () => {
  await using database = await testDatabase();
  const log = stock(30);
  log.happen({ kind: "sight", tag: "tag-00001" });
  log.happen({ kind: "refuse", tag: "tag-00002" });
  log.happen({ kind: "sight", tag: "stranger" });
  const store = await openFilled(database.url, log);
  const { dashboard } = await answerDashboard(store.sql, "north", nowMs);
  const { rows } = await answerSnapshot(store.sql, { site: "north", view: "dashboard", cursor: null }, nowMs);
  const byKey = new Map<string, LiveRow>(rows.map((row) => [row.key, row as LiveRow]));
  expect(byKey.get("totals")).toMatchObject({ ...dashboard?.totals, total: 30, quarantined: 1 });
  expect(byKey.get("class:Table")).toMatchObject({
    class: "Table",
    total: 15,
    ready: 5,
    inService: 5,
    missing: 5,
  });
  expect(dashboard?.minutes).toHaveLength(1);
  expect(dashboard?.minutes[0]).toMatchObject({ scans: 3, rejected: 1, quarantined: 1 });
  expect(dashboard?.lag.samples).toBe(3);
  await store.close();
});

test("nothing is known of a site that never was", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, stock(1));
  expect(await answerSnapshot(store.sql, { site: "south", view: "items", cursor: null }, nowMs)).toEqual({
    known: false,
    epoch: 0,
    pos: 0,
    rows: [],
    next: null,
  });
  expect(await answerDashboard(store.sql, "south", nowMs)).toEqual({ dashboard: null });
  expect(await answerItemDigest(store.sql, "south")).toEqual({ epoch: 0, pos: 0, digest: "0:0:0:0:0" });
  await store.close();
});

test("rows that are being made again are shown to nobody before they have what the log had", async () => {
  await using database = await testDatabase();
  const log = stock(40);
  const store = await openFilled(database.url, log);
  const wholeFrom = (epoch: number, pos: number) => store.sql`
    insert into site_rebuild (site, epoch, pos) values ('north', ${epoch}, ${pos})
    on conflict (site) do update set epoch = excluded.epoch, pos = excluded.pos`;
  const answers = () =>
    Promise.allSettled([
      answerDashboard(store.sql, "north", nowMs),
      ...(["items", "events", "dashboard"] as const).map((view) =>
        answerSnapshot(store.sql, { site: "north", view, cursor: null }, nowMs),
      ),
    ]);
  await wholeFrom(1, log.events.length + 1);
  for (const answered of await answers())
    expect(answered).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
  for (const [epoch, pos] of [
    [1, log.events.length],
    // What an earlier history had says nothing of this one.
    [0, log.events.length + 1],
  ] as const) {
    await wholeFrom(epoch, pos);
    for (const answered of await answers()) expect(answered.status).toBe("fulfilled");
  }
  await store.close();
});

test("a dashboard is as of when it was last known to be the log's, or else of its newest event", async () => {
  await using database = await testDatabase();
  const log = stock(3);
  const store = await openFilled(database.url, log);
  const recordedAtMs = Date.parse(log.events.at(-1)?.recordedAt ?? "");
  const asOf = async (lastLevelMs: number | undefined) => {
    const { dashboard } = await answerDashboard(store.sql, "north", nowMs, () => lastLevelMs);
    return Date.parse(dashboard?.asOf ?? "");
  };
  expect(await asOf(undefined)).toBe(recordedAtMs);
  expect(await asOf(recordedAtMs - 1)).toBe(recordedAtMs);
  expect(await asOf(recordedAtMs + 7_000)).toBe(recordedAtMs + 7_000);
  await store.close();
});

test("while the schema is gone the answer is: not now", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, stock(1));
  await store.sql`drop schema manager cascade`;
  await expect(answerDashboard(store.sql, "north", nowMs)).rejects.toMatchObject({ code: "unavailable" });
  await store.close();
});
