import { lagBucketOf, samplesOf, sumLags } from "@tagwire/messages";
import { expect, test } from "vitest";
import { minutesWaitingMax, openScreenLags } from "./screen-lags.ts";

const startMs = Date.parse("2026-03-01T10:00:30Z");
const north = { site: "north", view: "items" } as const;
const after = (lagMs: number, pos = 7, epoch = 1) => ({ lagMs, epoch, pos });

test("what screens say is counted by site and minute; a minute is taken as a whole each time that it grew", () => {
  let nowMs = startMs;
  const lags = openScreenLags(() => nowMs);
  lags.shown(north, after(42));
  lags.shown(north, after(-7));
  lags.shown({ site: "south", view: "events" }, after(90_000));
  // Readers and alerts have no record that their positions are of.
  lags.shown({ site: "north", view: "readers" }, after(1));
  lags.shown({ site: "north", view: "alerts" }, after(1));
  lags.shown(north, after(Number.NaN));
  const [first, second, ...more] = lags.take();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ site: "north", minute: "2026-03-01T10:00:00.000Z", maxMs: 42 });
  expect([first?.counts[lagBucketOf(42)], first?.counts[0]]).toEqual([1, 1]);
  expect(second).toMatchObject({ site: "south", maxMs: 90_000 });
  expect(lags.take()).toEqual([]);

  lags.shown(north, after(43));
  nowMs += 60_000;
  lags.shown(north, after(4));
  const taken = lags.take();
  expect(taken.map(({ minute, counts }) => [minute, samplesOf({ counts })])).toEqual([
    ["2026-03-01T10:00:00.000Z", 3],
    ["2026-03-01T10:01:00.000Z", 1],
  ]);
});

test("what could not be kept is taken again, with what was said meanwhile, and no more of it waits than may", () => {
  let nowMs = startMs;
  const lags = openScreenLags(() => nowMs);
  lags.shown(north, after(42));
  const lost = lags.take();
  lags.shown(north, after(43));
  lags.giveBack(lost);
  expect(lags.take().map(({ counts }) => samplesOf({ counts }))).toEqual([2]);
  nowMs += 10 * 60_000;
  lags.take();
  lags.giveBack(lost);
  expect(lags.take()).toEqual(lost);

  for (let count = 0; count < minutesWaitingMax + 10; count += 1) {
    lags.shown(north, after(1));
    nowMs += 60_000;
  }
  const kept = lags.take();
  expect(kept).toHaveLength(minutesWaitingMax);
  expect(samplesOf(sumLags(kept.slice(-10)))).toBe(10);
});

test("a minute says the newest position that was shown in it, a later epoch before a higher position", () => {
  const lags = openScreenLags(() => startMs);
  const newest = () => lags.take().map((minute) => minute.newest);
  for (const pos of [7, 9, 8]) lags.shown(north, after(1, pos));
  expect(newest()).toEqual([{ epoch: 1, pos: 9 }]);
  lags.shown(north, after(1, 2, 2));
  lags.shown(north, after(1, 11));
  expect(newest()).toEqual([{ epoch: 2, pos: 2 }]);
});

test("a clock that is set back over a minute's end goes on with that minute", () => {
  let nowMs = startMs;
  const lags = openScreenLags(() => nowMs);
  lags.shown(north, after(42));
  nowMs += 31_000;
  expect(lags.take()).toHaveLength(1);
  nowMs -= 5_000;
  lags.shown(north, after(43));
  expect(lags.take().map(({ minute, counts }) => [minute, samplesOf({ counts })])).toEqual([
    ["2026-03-01T10:00:00.000Z", 2],
  ]);
});
