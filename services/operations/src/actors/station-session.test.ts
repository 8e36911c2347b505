import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  goingOnAt,
  openAmong,
  type StationSession,
  sessionsPerStationMax,
  withStationSessions,
} from "./station-session.ts";

const instant = (minute: number): string => new Date(Date.UTC(2026, 4, 4, 8, minute)).toISOString();
const session = (id: string, from: number, to: number | null): StationSession => ({
  ...{ id, station: "gate", begunAt: instant(from) },
  closedAt: to === null ? null : instant(to),
});

describe("what was heard at an instant", () => {
  const sessions = withStationSessions(
    [],
    [session("a", 0, 10), session("b", 10, 20), session("c", 30, null), session("late", 12, 14)],
  );
  test.each([
    { minute: 0, of: ["a"] },
    { minute: 10, of: ["b", "a"] },
    { minute: 13, of: ["late", "b"] },
    { minute: 25, of: [] },
    { minute: 30, of: ["c"] },
    { minute: 50, of: ["c"] },
  ])("$minute minutes in is of $of, the one that began last first", ({ minute, of }) => {
    expect(goingOnAt(sessions, instant(minute)).map(({ id }) => id)).toEqual(of);
  });
});

test("the open session is kept, however many have begun and ended since", () => {
  const open = session("open", 0, null);
  const ended = Array.from({ length: 40 }, (_, index) => session(`s${index}`, index + 1, index + 2));
  const kept = withStationSessions([open], ended);
  expect(kept).toHaveLength(sessionsPerStationMax);
  expect(openAmong(kept)).toBe(open);
  expect(kept.at(1)?.id).toBe("s39");
});

test("one after the other or all at once, the same ones are kept in the same order", () => {
  const minutes = fc.integer({ min: 0, max: 30 });
  const drawn = fc.record({ id: fc.uuid(), from: minutes, lasts: fc.option(minutes) });
  fc.assert(
    fc.property(fc.uniqueArray(drawn, { selector: ({ id }) => id, maxLength: 40 }), (all) => {
      // A session is open until it is over: one that was cut off as the oldest never comes back by being changed.
      const given = all.map(({ id, from, lasts }) => session(id, from, lasts === null ? null : from + lasts));
      const oneByOne = given.reduce<readonly StationSession[]>(
        (kept, one) => withStationSessions(kept, [one]),
        [],
      );
      expect(oneByOne).toEqual(withStationSessions([], given));
    }),
  );
});
