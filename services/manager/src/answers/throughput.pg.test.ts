import { AskThroughput } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { openFilled } from "../test-filled.ts";
import { sampleLog } from "../test-log.ts";
import { foundSite } from "../test-records.ts";
import { answerSnapshot } from "./snapshot.ts";
import { answerThroughput } from "./throughput.ts";

/** In Chicago it is the evening of the 10th while UTC has the 11th already. */
const nowMs = Date.parse("2026-03-11T02:30:00Z");
const hourMs = 3_600_000;
const all = { site: "north", limit: 50, cursor: null };

/** One scan each hour up to now for a hundred days, every fifth of them refused; each third by a person with the device. */
const longLog = (hours: number) => {
  const log = sampleLog({ site: "north", startMs: nowMs - hours * hourMs, stepMs: hourMs });
  foundSite(log, "America/Chicago");
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  while (log.events.length <= hours)
    log.happen({ kind: log.events.length % 5 === 0 ? "refuse" : "sight", tag: "A" });
  return log;
};

test("scans are counted by who made them, by hours of UTC and by days of the site, within the window", async () => {
  await using database = await testDatabase();
  const log = longLog(100);
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 7 });
  const hours = await answerThroughput(store.sql, all, nowMs);
  expect(Value.Errors(AskThroughput.answer, hours)).toEqual([]);
  expect(hours).toMatchObject({
    span: "hour",
    from: "2026-03-10T03:00:00.000Z",
    to: "2026-03-11T02:00:00.000Z",
  });
  expect(hours.pos).toBe(log.events.length);
  const last = log.events.filter(({ recordedAt }) => recordedAt >= hours.from);
  const of = (who: string) => last.filter(({ by }) => by.person === who || by.device === who);
  expect(hours.rows.map(({ kind, who, scans }) => ({ kind, who, scans }))).toEqual([
    { kind: "device", who: "scanner-1", scans: of("scanner-1").length },
    { kind: "person", who: "ana", scans: of("ana").length },
  ]);
  const [device] = hours.rows;
  expect(device?.spans).toHaveLength(24);
  expect(device?.rejected).toBe(last.filter(({ data }) => data.outcome === "rejected").length);
  expect(device?.rejected).toBeGreaterThan(0);

  const days = await answerThroughput(store.sql, { ...all, span: "day", count: 2, kind: "device" }, nowMs);
  expect(days).toMatchObject({ span: "day", from: "2026-03-09", to: "2026-03-10" });
  // From midnight in Chicago, which is 05:00 in UTC, to now.
  expect(days.rows[0]?.spans.map(({ start, scans }) => ({ start, scans }))).toEqual([
    { start: "2026-03-09", scans: 24 },
    { start: "2026-03-10", scans: 22 },
  ]);
  await store.close();
});

test("pages follow each other, one person is asked for alone, and a bad cursor is refused", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, longLog(30), { nowMs });
  const first = await answerThroughput(store.sql, { ...all, limit: 1 }, nowMs);
  expect(first.rows.map(({ who }) => who)).toEqual(["scanner-1"]);
  const second = await answerThroughput(store.sql, { ...all, limit: 1, cursor: first.next }, nowMs);
  expect(second.rows.map(({ who }) => who)).toEqual(["ana"]);
  expect(second.next).toBeNull();
  const ana = await answerThroughput(store.sql, { ...all, who: "ana" }, nowMs);
  expect(ana.rows).toEqual(second.rows);
  const bad = answerThroughput(store.sql, { ...all, cursor: "nonsense" }, nowMs);
  await expect(bad).rejects.toMatchObject({ code: "malformed" });
  await store.close();
});

test("hours are kept for two days and days for ninety, however long the log is, and a snapshot shows them", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, longLog(100 * 24), { nowMs, batchEvents: 500 });
  const starts = async (span: string) =>
    (
      await store.sql<{ start: string }[]>`
        select distinct start from scan_tally where span = ${span} and kind = 'device' order by start`
    ).map(({ start }) => start);
  const hours = await starts("hour");
  expect([hours.length, hours[0], hours.at(-1)]).toEqual([
    48,
    "2026-03-09T03:00:00.000Z",
    "2026-03-11T02:00:00.000Z",
  ]);
  const days = await starts("day");
  expect([days.length, days[0], days.at(-1)]).toEqual([90, "2025-12-11", "2026-03-10"]);
  const shown = await answerSnapshot(store.sql, { site: "north", view: "throughput", cursor: null }, nowMs);
  expect(shown.rows.filter(({ span, kind }) => span === "hour" && kind === "device")).toHaveLength(48);
  expect(shown.rows.filter(({ span, kind }) => span === "day" && kind === "device")).toHaveLength(90);
  await store.close();
});
