import { expect, test } from "vitest";
import { dueShare, provenUntil, shareBehind } from "./proof-share.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const startMs = Date.parse("2026-03-02T08:00:00Z");

test.each([
  { what: "every ten seconds", everyMs: 10_000 },
  { what: "every five minutes", everyMs: 5 * minuteMs },
  { what: "every hour", everyMs: 60 * minuteMs },
  { what: "every eight hours", everyMs: 480 * minuteMs },
  { what: "once a day", everyMs: dayMs },
])("with an audit $what, some of them late, each part is proven again within a day", ({ everyMs }) => {
  // A part is the point on a ring that an audit comes to; it is proven again when the shares after it have gone round.
  let [nowMs, until, ring]: [number, number | null, number] = [startMs, null, 0];
  const proven: { readonly atMs: number; readonly from: number }[] = [];
  for (let audits = 0; audits < 3 * Math.ceil(dayMs / everyMs) + 3; audits += 1) {
    const moment = { isDue: true, everyMs, nowMs };
    const share = dueShare(until, moment);
    proven.push({ atMs: nowMs, from: ring });
    ring += share;
    until = provenUntil(until, share, moment);
    expect(shareBehind(until, moment)).toBe(0);
    // Every third one is late by half of the time between them, and the next one is at its own time again.
    nowMs += audits % 3 === 0 ? 1.5 * everyMs : audits % 3 === 1 ? 0.5 * everyMs : everyMs;
  }
  const limitMs = everyMs < dayMs ? dayMs : 1.5 * everyMs;
  for (const { atMs, from } of proven) {
    const again = proven.find((later, at) => (proven[at + 1]?.from ?? ring) >= from + 1 && later.atMs > atMs);
    if (again !== undefined) expect(again.atMs - atMs).toBeLessThanOrEqual(limitMs);
  }
  expect(ring).toBeGreaterThan(2);
});

const everyMs = 5 * minuteMs;

test("what was missed while nobody audited is due at once, and all of it after a day", () => {
  const hour = dueShare(startMs - 60 * minuteMs, { isDue: true, everyMs, nowMs: startMs });
  expect(hour).toBeGreaterThan(1 / 24);
  expect(hour).toBeLessThan(1 / 23);
  expect(dueShare(startMs - 3 * dayMs, { isDue: true, everyMs, nowMs: startMs })).toBe(1);
});

test("whoever asks between has no more to wait for than in five minutes is due, and the rest stays due", () => {
  const [longAgo, moment] = [startMs - dayMs / 2, { isDue: false, everyMs, nowMs: startMs }];
  const share = dueShare(longAgo, moment);
  expect(share).toBe(1 / 288);
  const left = dueShare(provenUntil(longAgo, share, moment), { ...moment, isDue: true });
  expect(left).toBeGreaterThan(0.49);
});

test("what is proven in smaller parts than are due is behind, and by how much is known", () => {
  let until: number | null = null;
  let moment = { everyMs, nowMs: startMs };
  for (let audits = 0; audits < 3 * 288; audits += 1) {
    moment = { everyMs, nowMs: startMs + audits * everyMs };
    until = provenUntil(until, 0.5 / 288, moment);
  }
  const behind = shareBehind(until ?? 0, moment);
  expect(behind).toBeGreaterThan(0.9);
  expect(behind).toBeLessThanOrEqual(1);
  // One that does everything makes up for it.
  expect(shareBehind(provenUntil(until, 1, moment), moment)).toBe(0);
});
