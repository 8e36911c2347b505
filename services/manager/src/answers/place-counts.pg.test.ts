import { AskPlaceCounts } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { openFilled } from "../test-filled.ts";
import { sampleLog } from "../test-log.ts";
import { answerPlaceCounts } from "./place-counts.ts";

const hourMs = 3_600_000;
const startMs = Date.parse("2026-01-01T10:00:00Z");
const all = { site: "north", limit: 50, cursor: null };

test("at each place stands what is there, by when it was seen last, and what is missing or gone apart", async () => {
  await using database = await testDatabase();
  const log = sampleLog({ site: "north", startMs, stepMs: hourMs });
  for (const tag of ["A", "B", "C", "D", "E", "F"])
    log.happen({ kind: "create", tag, class: "tent", status: "ready" });
  log.happen({ kind: "move", tag: "A", status: "ready", place: "rack-1" });
  log.happen({ kind: "move", tag: "B", status: "wash", place: "rack-1" });
  log.happen({ kind: "move", tag: "C", status: "missing", place: "rack-1" });
  log.happen({ kind: "move", tag: "D", status: "sold", place: "rack-2" });
  log.happen({ kind: "move", tag: "E", status: "ready", place: "Dock" });
  const store = await openFilled(database.url, log, { nowMs: startMs + 12 * hourMs });
  const { sql } = store;
  const seenAt = async (tag: string) =>
    (await sql<{ seen_at: Date | null }[]>`select seen_at from item where tag = ${tag}`)[0]?.seen_at;
  const [seenA, seenB, seenE] = [await seenAt("A"), await seenAt("B"), await seenAt("E")];
  const lastB = seenB?.getTime() ?? Number.NaN;
  const at = (nowMs: number) => answerPlaceCounts(sql, all, nowMs);

  const now = await at(lastB + hourMs / 2);
  expect(Value.Errors(AskPlaceCounts.answer, now)).toEqual([]);
  expect(now).toMatchObject({ known: true, pos: log.events.length, next: null });
  const bands = (rows: typeof now.rows) =>
    rows.map(({ place, items, inService, missing, seen }) => [
      place,
      ...[items, inService, missing],
      seen.map((band) => band.items).join(),
    ]);
  // A was seen an hour before B: that is no longer under an hour.
  expect(bands(now.rows)).toEqual([
    ["Dock", 1, 0, 0, "1,0,0,0,0"],
    ["rack-1", 2, 1, 1, "1,1,0,0,0"],
  ]);
  expect(now.rows.map(({ lastSeenAt }) => lastSeenAt)).toEqual([seenE?.toISOString(), seenB?.toISOString()]);
  expect(Math.round((lastB - (seenA?.getTime() ?? 0)) / hourMs)).toBe(1);
  expect(bands((await at(lastB + 800 * hourMs)).rows)[1]).toEqual(["rack-1", 2, 1, 1, "0,0,0,0,2"]);

  const first = await answerPlaceCounts(sql, { ...all, limit: 1 }, lastB);
  const second = await answerPlaceCounts(sql, { ...all, limit: 1, cursor: first.next }, lastB);
  expect([first, second].map(({ rows, next }) => [rows[0]?.place, next])).toEqual([
    ["Dock", "Dock"],
    ["rack-1", null],
  ]);
  await store.close();
});
