import fc from "fast-check";
import { expect, test } from "vitest";
import { ReaderClock, tellClockOffset } from "./reader-clock.ts";
import { recordingHost } from "./recording-host.ts";

test("the quickest message tells the offset, and late ones do not spoil it", () => {
  const clock = new ReaderClock();
  clock.observe("utc", 1_000, 5_300);
  clock.observe("utc", 2_000, 6_010);
  clock.observe("utc", 3_000, 9_000);
  expect(clock.ours("utc", 2_500, 9_000)).toBe(6_510);
});

test("a reader whose clock drifts is followed", () => {
  const clock = new ReaderClock();
  for (let atMs = 0; atMs <= 600_000; atMs += 1_000) clock.observe("utc", atMs * 0.999, atMs + 5);
  const arrivedAtMs = 601_005;
  const errorMs = arrivedAtMs - clock.ours("utc", 601_000 * 0.999, arrivedAtMs);
  expect(errorMs).toBeLessThanOrEqual(5 + 60);
});

/** A message a second for a minute, each 10 ms on its way; returns when the reads in it count as heard. */
const minuteOf = (clock: ReaderClock, { fromMs, aheadMs }: { fromMs: number; aheadMs: number }): number[] =>
  Array.from({ length: 60 }, (_, second) => {
    const sentMs = fromMs + second * 1_000;
    clock.observe("utc", sentMs + aheadMs, sentMs + 10);
    return clock.ours("utc", sentMs + aheadMs, sentMs + 10) - sentMs;
  });

test.each([
  { what: "an hour ahead", aheadMs: 3_600_000 },
  { what: "ten seconds ahead", aheadMs: 10_000 },
  { what: "an hour back", aheadMs: -3_600_000 },
])("a reader's clock that is set $what dates no read wrongly, before or after", ({ aheadMs }) => {
  const clock = new ReaderClock();
  const errors = [
    ...minuteOf(clock, { fromMs: 0, aheadMs: 0 }),
    ...minuteOf(clock, { fromMs: 60_000, aheadMs }),
  ];
  expect(Math.min(...errors)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...errors)).toBeLessThanOrEqual(10);
});

test.each([365 * 86_400_000, 20_000, -365 * 86_400_000])(
  "one stamp that is wrong by %i ms dates no read wrongly, and is counted",
  (wrongMs) => {
    const clock = new ReaderClock();
    minuteOf(clock, { fromMs: 0, aheadMs: 0 });
    clock.observe("utc", 60_000 + wrongMs, 60_010);
    expect(clock.ours("utc", 60_000 + wrongMs, 60_010)).toBe(60_010);
    const errors = minuteOf(clock, { fromMs: 61_000, aheadMs: 0 });
    expect(Math.min(...errors)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...errors)).toBeLessThanOrEqual(10);
    expect(clock.unbelievable).toBe(1);
  },
);

test("a wrong stamp at the very beginning is forgotten with the next messages", () => {
  const clock = new ReaderClock();
  clock.observe("utc", 600_000, 10);
  expect(clock.ours("utc", 600_000, 10)).toBe(10);
  const errors = minuteOf(clock, { fromMs: 1_000, aheadMs: 0 });
  expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(10);
});

test("what a reader kept while nobody listened is as old as it says", () => {
  const clock = new ReaderClock();
  minuteOf(clock, { fromMs: 0, aheadMs: 0 });
  clock.observe("utc", 60_000 - 45_000, 60_010);
  expect(clock.ours("utc", 60_000 - 45_000, 60_010)).toBe(60_010 - 45_000);
});

test("nothing is ever heard in the future, nor earlier than it was", () => {
  const messages = fc.array(fc.record({ sentMs: fc.nat(100_000), delayMs: fc.nat(5_000) }), { minLength: 1 });
  fc.assert(
    fc.property(messages, fc.integer({ min: -1e9, max: 1e9 }), (sent, skewMs) => {
      const clock = new ReaderClock();
      for (const { sentMs, delayMs } of sent.toSorted(
        (a, b) => a.sentMs + a.delayMs - b.sentMs - b.delayMs,
      )) {
        const arrivedAtMs = sentMs + delayMs;
        clock.observe("uptime", sentMs + skewMs, arrivedAtMs);
        const heardMs = clock.ours("uptime", sentMs + skewMs, arrivedAtMs);
        expect(heardMs).toBeGreaterThanOrEqual(sentMs);
        expect(heardMs).toBeLessThanOrEqual(arrivedAtMs);
      }
    }),
  );
});

test("how far a clock is ahead is told once it is known, and again when it is set", () => {
  const host = recordingHost();
  const tell = tellClockOffset(host);
  const clock = new ReaderClock();
  const said = (sentMs: number, aheadMs: number) => {
    clock.observe("utc", sentMs + aheadMs, sentMs + 10);
    clock.observe("uptime", sentMs - 50_000, sentMs + 10);
    tell(clock);
  };
  said(0, 90_000);
  expect(host.notices).toEqual([]);
  for (let second = 1; second < 20; second += 1) said(second * 1_000, 90_000 - second);
  for (let second = 20; second < 40; second += 1) said(second * 1_000, -600_000);
  expect(host.notices).toEqual([
    { kind: "clock", offsetMs: 89_990 },
    { kind: "clock", offsetMs: -600_010 },
  ]);
});
