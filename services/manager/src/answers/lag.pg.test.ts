import { AskLag, lagBoundsMs, lagBucketOf } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { openFilled } from "../test-filled.ts";
import { sampleLog } from "../test-log.ts";
import { answerLag } from "./lag.ts";

const minuteMs = 60_000;
const nowMs = Date.parse("2026-03-11T12:00:30Z");

test("lags from the device to the record are distributed as the log says, over the minutes asked for", async () => {
  await using database = await testDatabase();
  const log = sampleLog({ site: "north", startMs: nowMs - 100 * minuteMs, stepMs: minuteMs });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  for (let at = 1; at <= 100; at += 1) {
    log.happen({ kind: at % 3 === 0 ? "refuse" : "sight", tag: "A" });
    const event = log.events[at];
    // The first hundred squares, in ms: from a thousandth of a second to ten.
    const scannedAt = new Date(Date.parse(event?.recordedAt ?? "") - at * at).toISOString();
    if (event !== undefined) log.events[at] = { ...event, scannedAt };
  }
  const store = await openFilled(database.url, log, { nowMs, batchEvents: 9 });
  for (const minutes of [1, 10, 60, 1_440]) {
    const answer = await answerLag(store.sql, { site: "north", minutes }, nowMs);
    expect(Value.Errors(AskLag.answer, answer)).toEqual([]);
    expect(answer).toMatchObject({ known: true, pos: log.events.length, to: new Date(nowMs).toISOString() });
    const lags = log.events
      .filter(({ scannedAt, recordedAt }) => scannedAt !== undefined && recordedAt >= answer.from)
      .map(({ scannedAt = "", recordedAt }) => Date.parse(recordedAt) - Date.parse(scannedAt))
      .sort((left, right) => left - right);
    const { samples, maxMs, buckets, p50Ms, p90Ms, p99Ms } = answer.deviceToRecord;
    expect(samples).toBe(Math.min(minutes, 100));
    expect([samples, maxMs]).toEqual([lags.length, lags.at(-1)]);
    for (const [index, { upToMs, samples: own }] of buckets.entries()) {
      const above = lagBoundsMs[index - 1] ?? -1;
      expect(own).toBe(
        lags.filter((lag) => lag > above && lag <= (upToMs ?? Number.POSITIVE_INFINITY)).length,
      );
    }
    for (const [share, value] of [[0.5, p50Ms] as const, [0.9, p90Ms] as const, [0.99, p99Ms] as const]) {
      const exact = lags[Math.ceil(share * lags.length) - 1] ?? 0;
      const bucket = lagBucketOf(exact);
      const [below, bound] = [lagBoundsMs[bucket - 1] ?? 0, lagBoundsMs[bucket] ?? 0];
      expect(value).toBeGreaterThanOrEqual(below);
      expect(value).toBeLessThanOrEqual(bound);
    }
  }
  const none = await answerLag(store.sql, { site: "north" }, nowMs + 120 * minuteMs);
  expect(none.deviceToRecord).toMatchObject({ samples: 0, p50Ms: null, p99Ms: null, maxMs: null });
  await store.close();
});
