import type { TimelineRow } from "@tagwire/messages";
import { expect, test } from "vitest";
import { appendOlder, mergeNewest, rowKey, takenBackAt, undoText } from "./timeline.ts";

const row = (pos: number): TimelineRow => ({
  kind: "event",
  type: "item.sighted.v1",
  epoch: 1,
  pos,
  scannedAt: null,
  receivedAt: "2026-03-01T10:00:00Z",
  recordedAt: "2026-03-01T10:00:00Z",
  by: {},
  outcome: "accepted",
  flags: [],
  traceId: "t",
  data: {},
});
const rows = (...positions: number[]): TimelineRow[] => positions.map(row);
const positions = (timeline: { rows: readonly TimelineRow[] }): unknown[] =>
  timeline.rows.map(({ pos }) => pos);

test("a fresh first page goes before what was read, each row once", () => {
  const before = { rows: rows(9, 8, 7, 6, 5), cursor: "older" };
  const merged = mergeNewest(before, { data: rows(11, 10, 9), nextCursor: "after-9" });
  expect(positions(merged)).toEqual([11, 10, 9, 8, 7, 6, 5]);
  expect(merged.cursor).toBe("older");
});

test("pages that do not touch are not glued together over a hole", () => {
  const before = { rows: rows(9, 8), cursor: "older" };
  const merged = mergeNewest(before, { data: rows(30, 29, 28), nextCursor: "after-28" });
  expect(positions(merged)).toEqual([30, 29, 28]);
  expect(merged.cursor).toBe("after-28");
});

test("an older page goes behind, each row once", () => {
  const before = { rows: rows(9, 8), cursor: "after-8" };
  const whole = appendOlder(before, { data: rows(8, 7, 6), nextCursor: null }, "after-8");
  expect(whole).toEqual({ rows: rows(9, 8, 7, 6), cursor: null });
});

test("an older page that was asked for before everything was read anew leaves no hole", () => {
  const anew = mergeNewest(
    { rows: rows(9, 8), cursor: "after-8" },
    { data: rows(30, 29), nextCursor: "after-29" },
  );
  expect(appendOlder(anew, { data: rows(7, 6), nextCursor: "after-6" }, "after-8")).toBe(anew);
});

test("a page that is the whole life replaces everything", () => {
  expect(mergeNewest({ rows: rows(1), cursor: null }, { data: rows(2, 1), nextCursor: null })).toEqual({
    rows: rows(2, 1),
    cursor: null,
  });
});

test("a row outside the log is known by its scan", () => {
  const { pos: _, ...outside } = row(1);
  expect(rowKey({ ...outside, scanId: "s1" })).not.toBe(rowKey({ ...outside, scanId: "s2" }));
});

test("a mistake and what took it back name each other, and nothing else does", () => {
  const [newest, ...older] = rows(9, 8, 7);
  const undo = { ...newest, data: { undoes: 7 } } as TimelineRow;
  const takenBack = takenBackAt([undo, ...older]);
  expect([undo, ...older].map((each) => undoText(each, takenBack.get(rowKey(each))))).toEqual([
    "This takes back what is recorded at position 7.",
    undefined,
    "It was taken back at position 9.",
  ]);
});
