import { prefetchDaysKept } from "@tagwire/messages";
import { expect, test } from "vitest";
import { daysAfter } from "./day.ts";
import {
  evidenceDays,
  evidenceOf,
  judge,
  judgeAll,
  lookupsMin,
  prefetchedMin,
  type SourceDay,
} from "./prefetch-standing.ts";

const today = "2026-06-30";
const nowMs = Date.parse("2026-06-30T12:00:00Z");
const enough = { lookups: 1_000, hits: 100, beyond: 30, prefetched: 500, used: 100 };
const on = (daysAgo: number, tally: Partial<SourceDay["tally"]> = {}): SourceDay => ({
  source: "due",
  day: daysAfter(today, -daysAgo),
  tally: { ...enough, ...tally },
});

test.each([
  { what: "just worth it", tally: {}, state: "earning", reason: "adds_enough" },
  { what: "a name too few", tally: { beyond: 29 }, state: "quiet", reason: "adds_too_little" },
  { what: "wrong once too often", tally: { used: 99 }, state: "quiet", reason: "right_too_seldom" },
  {
    what: "naming nothing",
    tally: { beyond: 0, prefetched: 0, used: 0 },
    state: "quiet",
    reason: "adds_too_little",
  },
  {
    what: "a scan too few",
    tally: { lookups: lookupsMin - 1 },
    state: "unproven",
    reason: "too_little_counted",
  },
  {
    what: "too few settled",
    tally: { prefetched: prefetchedMin - 1 },
    state: "unproven",
    reason: "too_little_counted",
  },
  {
    what: "nothing at all",
    tally: { lookups: 0, beyond: 0 },
    state: "unproven",
    reason: "too_little_counted",
  },
] as const)("$what: $state", ({ tally, state, reason }) => {
  expect(judge({ ...enough, ...tally })).toEqual({ state, reason });
});

test("the last days count, and older ones only where these say too little", () => {
  const recent = on(evidenceDays - 1);
  expect(evidenceOf([on(evidenceDays), recent, on(40)], "due", today)).toEqual({
    from: daysAfter(today, 1 - evidenceDays),
    tally: enough,
  });
  const [few, older, oldest] = [on(1, { lookups: 10 }), on(20), on(30)];
  expect(evidenceOf([oldest, older, few], "due", today)).toMatchObject({
    from: older.day,
    tally: { lookups: 1_010 },
  });
  expect(evidenceOf([few, on(prefetchDaysKept)], "due", today).tally.lookups).toBe(10);
  expect(evidenceOf([recent], "session", today).tally.lookups).toBe(0);
});

test("a state goes on since it began, and begins anew when it is another", () => {
  const good = judgeAll([on(0)], [], { today, nowMs });
  expect(good.map(({ source, state }) => [source, state])).toEqual([
    ["due", "earning"],
    ["session", "unproven"],
    ["together", "unproven"],
  ]);
  const later = { today, nowMs: nowMs + 60_000 };
  expect(judgeAll([on(0), on(1)], good, later)[0]).toMatchObject({
    sinceMs: nowMs,
    judgedAtMs: nowMs + 60_000,
  });
  expect(judgeAll([on(0, { used: 0 })], good, later)[0]).toMatchObject({
    state: "quiet",
    sinceMs: nowMs + 60_000,
  });
});

test("a source that was condemned comes back by what it is worth where it is tried", () => {
  const condemned = Array.from({ length: 20 }, (_, nth) => on(60 + nth, { beyond: 0, used: 0 }));
  const tried = { lookups: 8, hits: 4, beyond: 2, prefetched: 6, used: 3 };
  const trials = (days: number) => Array.from({ length: days }, (_, nth) => on(nth, tried));
  const stateAfter = (days: number) =>
    judgeAll([...condemned, ...trials(days)], [], { today, nowMs })[0]?.state;
  expect(stateAfter(5)).toBe("quiet");
  expect(stateAfter(30)).toBe("earning");
});
