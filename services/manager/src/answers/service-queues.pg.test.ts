import { AskServiceQueues, type Item, ItemServiced } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { openFilled } from "../test-filled.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { enter } from "../test-records.ts";
import { answerServiceQueues } from "./service-queues.ts";
import { answerSnapshot } from "./snapshot.ts";

const nowMs = Date.parse("2026-03-11T12:00:00Z");
const hourMs = 3_600_000;
const hoursAgo = (hours: number): string => new Date(nowMs - hours * hourMs).toISOString();
const all = { site: "north", limit: 50, cursor: null };

/** Sends an item to a queue; the fact is so many hours old, however late it is recorded. */
const send = (log: SampleLog, tag: string, status: Item["status"], hours: number) => {
  const item = log.items.get(tag);
  if (item === undefined) throw new Error(`no item ${tag}`);
  const set = { status, lastFactAt: hoursAgo(hours), condition: { dirty: true } };
  log.change(item, ItemServiced.type, { set }, { scanId: `scan of ${tag}` });
};

const queuesLog = (): SampleLog => {
  const log = sampleLog({ site: "north", startMs: nowMs - hourMs });
  enter(log, { kind: "describe", class: "tent", category: "Frame Tent Tops" });
  enter(log, { kind: "describe", class: "napkin", category: "Napkins" });
  for (const [tag, name] of [
    ["T1", "tent"],
    ["T2", "tent"],
    ["N1", "napkin"],
    ["N2", "napkin"],
    ["C1", "chair"],
  ] as const)
    log.happen({ kind: "create", tag, class: name, status: "ready" });
  send(log, "T1", "wash", 2);
  send(log, "T2", "wash", 100);
  send(log, "N1", "wash", 30);
  send(log, "N2", "repair", 800);
  send(log, "C1", "repair", 24);
  return log;
};

test("every queue of every crew has its items by age, the oldest first, each since the fact that led there", async () => {
  await using database = await testDatabase();
  const log = queuesLog();
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 3 });
  const answer = await answerServiceQueues(store.sql, all, nowMs);
  expect(Value.Errors(AskServiceQueues.answer, answer)).toEqual([]);
  expect(answer.pos).toBe(log.events.length);
  expect(answer.counts).toHaveLength(12);
  const counted = answer.counts
    .filter(({ items }) => items > 0)
    .map(({ queue, crew, oldestSince, bands }) => [
      queue,
      crew,
      oldestSince,
      bands.map(({ items }) => items),
    ]);
  expect(counted).toEqual([
    ["repair", "linen", hoursAgo(800), [0, 0, 0, 0, 1]],
    // What is exactly as old as a limit is not under it.
    ["repair", "service", hoursAgo(24), [0, 1, 0, 0, 0]],
    ["wash", "tent", hoursAgo(100), [1, 0, 1, 0, 0]],
    ["wash", "linen", hoursAgo(30), [0, 1, 0, 0, 0]],
  ]);
  expect(answer.rows.map(({ tag, since }) => [tag, since])).toEqual([
    ["N2", hoursAgo(800)],
    ["T2", hoursAgo(100)],
    ["N1", hoursAgo(30)],
    ["C1", hoursAgo(24)],
    ["T1", hoursAgo(2)],
  ]);
  expect(answer.rows[0]).toMatchObject({ className: "napkins", crew: "linen", condition: { dirty: true } });
  expect(answer.rows[3]).toMatchObject({ className: null, crew: "service" });
  await store.close();
});

test.each([
  { filter: { queue: "wash" as const }, tags: ["T2", "N1", "T1"] },
  { filter: { crew: "linen" as const }, tags: ["N2", "N1"] },
  { filter: { crew: "service" as const }, tags: ["C1"] },
  { filter: { queue: "wash" as const, crew: "tent" as const, class: "tent" }, tags: ["T2", "T1"] },
  { filter: { queue: "wet" as const }, tags: [] },
])("of what waits, by $filter is $tags, page by page", async ({ filter, tags }) => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, queuesLog(), { nowMs });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const question = { ...all, ...filter, limit: 1, cursor };
    const page: Awaited<ReturnType<typeof answerServiceQueues>> = await answerServiceQueues(
      store.sql,
      question,
      nowMs,
    );
    seen.push(...page.rows.map(({ tag }) => tag));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual(tags);
  const bad = answerServiceQueues(store.sql, { ...all, cursor: "nonsense" }, nowMs);
  await expect(bad).rejects.toMatchObject({ code: "malformed" });
  await store.close();
});

test("a snapshot of the queues has the rows of the board, by their tags", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, queuesLog(), { nowMs });
  const { rows } = await answerServiceQueues(store.sql, all, nowMs);
  const shown = await answerSnapshot(store.sql, { site: "north", view: "queues", cursor: null }, nowMs);
  expect(shown.rows.map(({ key }) => key)).toEqual(["C1", "N1", "N2", "T1", "T2"]);
  expect(new Set(shown.rows.map(({ key, version, ...row }) => row))).toEqual(new Set(rows));
  await store.close();
});
