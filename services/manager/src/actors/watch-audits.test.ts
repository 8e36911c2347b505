import { expect, test } from "vitest";
import type { Watches } from "./watch.ts";
import { type NewestAudit, watchAudits } from "./watch-audits.ts";

const startMs = Date.parse("2026-05-04T09:00:00.000Z");
const minuteMs = 60_000;

/** What looks once a minute say, each with what the one before remembered: the minutes at which it was an alert. */
const lateAt = (minutes: number, newest: (minute: number) => NewestAudit | undefined): number[] => {
  let watches: Watches = new Map();
  const late: number[] = [];
  for (let minute = 0; minute <= minutes; minute += 1) {
    const looked = watchAudits(newest(minute), watches, {
      nowMs: startMs + minute * minuteMs,
      isHeld: late.length > 0,
    });
    watches = looked.watches;
    if (looked.sight !== undefined) late.push(minute);
  }
  return late;
};

const everyMs = 300_000;
const begun = (minute: number): NewestAudit => ({ atMs: startMs + minute * minuteMs, everyMs });

test.each<{ what: string; newest: (minute: number) => NewestAudit | undefined; late: number[] }>([
  { what: "one every five minutes", newest: (minute) => begun(minute - (minute % 5)), late: [] },
  { what: "none after the first, and it says so", newest: () => begun(0), late: [12, 13] },
  {
    what: "nobody answers any more",
    newest: (minute) => (minute < 2 ? begun(0) : undefined),
    late: [12, 13],
  },
  { what: "nobody ever answers", newest: () => undefined, late: [12, 13] },
  { what: "there never was one", newest: () => ({ atMs: null, everyMs }), late: [12, 13] },
  {
    what: "one is made at last",
    newest: (minute) => (minute === 13 ? begun(13) : begun(0)),
    late: [12],
  },
  { what: "they are an hour apart", newest: () => ({ atMs: startMs, everyMs: 3_600_000 }), late: [] },
])(
  "of audits of which $what it is an alert that they are late only after eleven minutes",
  ({ newest, late }) => {
    expect(lateAt(13, newest)).toEqual(late);
  },
);

test("after a time without a look, nobody knows how old the newest audit is, until somebody says so", () => {
  const { watches } = watchAudits(begun(0), new Map(), { nowMs: startMs, isHeld: false });
  const nowMs = startMs + 20 * minuteMs;
  expect(watchAudits(undefined, watches, { nowMs, isHeld: false }).sight).toBeUndefined();
  expect(watchAudits(begun(0), watches, { nowMs, isHeld: false }).sight?.subjects).toEqual([
    { key: "audits", since: "2026-05-04T09:00:00.000Z", detail: "no audit has begun since" },
  ]);
});
