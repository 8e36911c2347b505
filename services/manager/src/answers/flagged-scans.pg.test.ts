import {
  AskFlaggedScans,
  flaggedDaysKept,
  type ItemChange,
  ItemRented,
  ItemSighted,
  lateScanSeconds,
  newId,
  type ScanMark,
  ScanQuarantined,
} from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { openFilled } from "../test-filled.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { answerFlaggedScans } from "./flagged-scans.ts";

const nowMs = Date.parse("2026-03-11T12:00:00Z");
const all = { site: "north", limit: 50, cursor: null };

/** A scan of a tag that was recorded so many seconds after it was made. */
const scanned = (log: SampleLog, tag: string, what: Partial<ItemChange>, lateSeconds = 1) => {
  const item = log.items.get(tag);
  if (item === undefined) throw new Error(`no item ${tag}`);
  const type = what.outcome === "rejected" ? ItemSighted.type : ItemRented.type;
  const event = log.change(item, type, what, { scanId: newId(), contract: "7" });
  const scannedAt = new Date(Date.parse(event.recordedAt) - lateSeconds * 1_000).toISOString();
  log.events[log.events.length - 1] = { ...event, scannedAt };
};

const oddLog = (): SampleLog => {
  const log = sampleLog({ site: "north", startMs: nowMs - 60_000, stepMs: 1_000 });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  log.happen({ kind: "sight", tag: "A" });
  scanned(log, "A", { flags: ["return_not_recorded"] });
  scanned(log, "A", { flags: ["late_history_only", "backdated"], code: "late_history_only" }, 400_000);
  scanned(log, "A", { outcome: "rejected", code: "transition_refused" });
  scanned(log, "A", {}, lateScanSeconds);
  scanned(log, "A", {}, lateScanSeconds - 1);
  scanned(log, "A", { flags: ["future_scan"] }, -30);
  scanned(log, "A", { flags: ["from_quarantine", "found"] }, 90_000);
  log.happen({ kind: "garble" });
  log.happen({ kind: "sight", tag: "NOBODY" });
  const scan = { id: newId(), tag: "NOBODY", type: "touch", scannedAt: new Date(nowMs).toISOString() };
  const odd = { scan, code: "tag_unknown", flags: ["backdated"] };
  log.write(ScanQuarantined.type, "NOBODY", odd, { scanId: scan.id });
  return log;
};

test("what is odd about scans is listed with who made them, how late they were and their trace, newest first", async () => {
  await using database = await testDatabase();
  const log = oddLog();
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 4 });
  const answer = await answerFlaggedScans(store.sql, all, nowMs);
  expect(Value.Errors(AskFlaggedScans.answer, answer)).toEqual([]);
  expect(answer.rows.map(({ pos, marks, outcome }) => [pos, outcome, marks])).toEqual([
    [12, "quarantined", ["backdated"]],
    [10, "rejected", ["tag_malformed", "rejected"]],
    [9, "accepted", ["from_quarantine", "found"]],
    [8, "accepted", ["future_scan"]],
    [6, "accepted", ["late"]],
    [5, "rejected", ["transition_refused", "rejected"]],
    [4, "accepted", ["late_history_only", "backdated", "late"]],
    [3, "accepted", ["return_not_recorded"]],
  ]);
  const third = log.events[2];
  expect(answer.rows.at(-1)).toMatchObject({
    event: "item.rented.v1",
    ...{ scanId: third?.scanId, tag: "A", contract: "7", by: third?.by, traceId: third?.traceId },
    ...{ lateSeconds: 1, recordedAt: third?.recordedAt, scannedAt: third?.scannedAt },
  });
  expect(answer.rows.find(({ pos }) => pos === 8)?.lateSeconds).toBe(-30);
  expect(answer.rows.find(({ pos }) => pos === 10)).toMatchObject({ tag: null, scan: "touch" });
  await store.close();
});

test.each<{ mark: ScanMark; positions: number[] }>([
  { mark: "rejected", positions: [10, 5] },
  { mark: "backdated", positions: [12, 4] },
  { mark: "late", positions: [6, 4] },
  { mark: "found", positions: [9] },
  { mark: "forced", positions: [] },
])("under $mark are the scans of $positions, page by page", async ({ mark, positions }) => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, oddLog(), { nowMs });
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const question = { ...all, mark, limit: 1, cursor };
    const page: Awaited<ReturnType<typeof answerFlaggedScans>> = await answerFlaggedScans(
      store.sql,
      question,
      nowMs,
    );
    seen.push(...page.rows.map(({ pos }) => pos));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual(positions);
  const bad = answerFlaggedScans(store.sql, { ...all, cursor: "nonsense" }, nowMs);
  await expect(bad).rejects.toMatchObject({ code: "malformed" });
  await store.close();
});

test("what a reader only overheard is kept with the item and is not odd, unless something else about it is", async () => {
  await using database = await testDatabase();
  const log = sampleLog({ site: "north", startMs: nowMs - 60_000, stepMs: 1_000 });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  scanned(log, "A", { flags: ["stray"] });
  scanned(log, "A", { flags: ["stray", "backdated"] });
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 4 });
  const { rows } = await answerFlaggedScans(store.sql, all, nowMs);
  expect(rows.map(({ pos, marks }) => [pos, marks])).toEqual([[3, ["backdated"]]]);
  await store.close();
});

test("flagged scans are forgotten after their time, with their marks", async () => {
  await using database = await testDatabase();
  const days = flaggedDaysKept + 10;
  const log = sampleLog({ site: "north", startMs: nowMs - days * 86_400_000, stepMs: 86_400_000 });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  while (log.events.length <= days) log.happen({ kind: "refuse", tag: "A" });
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 9 });
  const [kept] = await store.sql<{ scans: number; marks: number; first: number }[]>`
    select (select count(*)::int from flagged_scan) as scans, count(*)::int as marks, min(pos)::int as first from flagged_mark`;
  expect(kept).toEqual({
    scans: flaggedDaysKept + 1,
    marks: flaggedDaysKept + 1,
    first: days - flaggedDaysKept + 1,
  });
  await store.close();
});
