import { afterEach, expect, test, vi } from "vitest";
import { roughClockOffsetMs } from "./rough-clock.ts";
import { fetchSession } from "./session.ts";

const startMs = Date.UTC(2026, 2, 1, 10, 0, 0, 300);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A server whose clock is `offMs` ahead of this one, each way to it taking `wayMs`. */
const serve = (offMs: number, wayMs: number): void => {
  vi.useFakeTimers({ toFake: ["Date"], now: startMs });
  vi.stubGlobal("fetch", async () => {
    vi.setSystemTime(Date.now() + wayMs);
    const now = new Date(Date.now() + offMs).toISOString();
    vi.setSystemTime(Date.now() + wayMs);
    return new Response(JSON.stringify({ name: "Ann", demo: false, now }));
  });
};

test.each([
  { what: "right", offMs: 0, wayMs: 40, knownMs: 0 },
  { what: "off by less than the way can explain", offMs: 70, wayMs: 40, knownMs: 0 },
  { what: "off by less than a second", offMs: -700, wayMs: 40, knownMs: -700 },
  { what: "20 minutes slow", offMs: 1_200_000, wayMs: 40, knownMs: 1_200_000 },
  { what: "a day fast", offMs: -86_400_000, wayMs: 900, knownMs: -86_400_000 },
])("a clock that is $what is known from the session", async ({ offMs, wayMs, knownMs }) => {
  serve(offMs, wayMs);
  await fetchSession();
  expect(roughClockOffsetMs()).toBe(knownMs);
});

test("an answer that tells no time leaves what was known", async () => {
  serve(600_000, 10);
  await fetchSession();
  vi.stubGlobal("fetch", async () => new Response("{}"));
  await fetchSession();
  expect(roughClockOffsetMs()).toBe(600_000);
});
