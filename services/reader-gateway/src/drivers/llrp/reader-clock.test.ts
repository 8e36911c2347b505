import fc from "fast-check";
import { expect, test } from "vitest";
import { ReaderClock } from "./reader-clock.ts";

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

test("a reader's clock that is set ahead is followed at once, one set back within a minute", () => {
  const clock = new ReaderClock();
  clock.observe("utc", 0, 10);
  clock.observe("utc", 3_601_000, 1_010);
  expect(clock.ours("utc", 3_601_000, 1_010)).toBe(1_010);
  for (let atMs = 2_000; atMs <= 63_000; atMs += 1_000) clock.observe("utc", atMs, atMs + 10);
  expect(clock.ours("utc", 63_000, 63_010)).toBe(63_010);
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
