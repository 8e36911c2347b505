import fc from "fast-check";
import { expect, test } from "vitest";
import { type LiveRun, liveMessages, type PlacedChange } from "./live-messages.ts";

const run: LiveRun = {
  site: "north",
  epoch: 2,
  prev: 10,
  pos: 60,
  at: "2026-01-01T00:00:00.000Z",
  traces: ["t"],
};
const placed = (pos: number, length: number): PlacedChange => ({
  pos,
  change: { key: `k${pos}`, version: pos, put: { text: "x".repeat(length) } },
});

test("what fits travels as one message with the position of the whole run", () => {
  const [only, ...others] = liveMessages(run, [placed(12, 10), placed(20, 10)]);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ prev: 10, pos: 60, traces: ["t"] });
});

test("a large run travels as a chain: each follows the one before, none too large, nothing missing", () => {
  const positions = fc.uniqueArray(fc.integer({ min: 11, max: 60 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(positions, fc.boolean(), (given, isDashboard) => {
      const sorted = [...given].sort((left, right) => left - right);
      // The dashboard's rows are all as of the last position.
      const changes = sorted.map((pos) => ({ ...placed(pos, 300), ...(isDashboard ? { pos: 60 } : {}) }));
      const messages = liveMessages(run, changes, 1_000);
      let prev = 10;
      for (const message of messages) {
        expect(message.prev).toBe(prev);
        expect(message.pos).toBeGreaterThan(prev);
        expect(JSON.stringify(message.changes).length).toBeLessThanOrEqual(1_000 + 2);
        prev = message.pos;
      }
      expect(prev).toBe(60);
      expect(messages.flatMap((message) => message.changes)).toEqual(changes.map(({ change }) => change));
      const lastOf = messages
        .slice(0, -1)
        .map(({ pos, changes: own }) => [pos, own.at(-1)?.version] as const);
      if (!isDashboard) for (const [pos, version] of lastOf) expect(pos).toBeLessThanOrEqual(version ?? 0);
    }),
  );
});
