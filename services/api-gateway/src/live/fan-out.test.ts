import type { LiveView } from "@tagwire/messages";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Channel, Listener } from "./channel.ts";
import { deltaOf } from "./delta.ts";
import { type Gathered, openFanOuts } from "./fan-out.ts";
import type { Filter } from "./filter.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A channel whose owner is the test, and a pace that is always the same. */
const setting = (view: LiveView = "items", restMs = 100) => {
  const listeners = new Set<Listener>();
  let head = { epoch: 1, pos: 0 };
  const channel = {
    view,
    head: () => head,
    listen: (listener: Listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Channel;
  const sent = vi.fn();
  const fanOuts = openFanOuts({ spend: () => {}, restMs: () => restMs });
  return {
    sent,
    listeners,
    fanOut: (filter: Filter = {}) => fanOuts.of(channel, filter),
    say: (...changes: { key: string; version?: number; status?: string }[]) => {
      const prev = head.pos;
      head = { epoch: 1, pos: prev + 1 };
      const puts = changes.map(({ key, version = head.pos, status = "ready" }) => ({
        key,
        version,
        put: { status },
      }));
      const said = { site: "north", ...head, prev, at: new Date().toISOString(), traces: [], changes: puts };
      const delta = deltaOf(said, 0, view !== "events");
      return [...listeners].map((listener) => listener.delta(delta, sent));
    },
    gap: () => {
      for (const listener of [...listeners]) listener.gap();
    },
  };
};

const follower = (leavesAt = true) => {
  const taken: Gathered[] = [];
  return {
    taken,
    take: (gathered: Gathered) => {
      taken.push(gathered);
      return leavesAt;
    },
    gap: vi.fn(),
    epoch: () => {},
  };
};
const told = ({ taken }: ReturnType<typeof follower>) =>
  taken.map(({ from, pos, changes }) => [from, pos, changes.map(({ key, version }) => `${key}@${version}`)]);

test("the first change after quiet goes at once, what comes while it rests is gathered, and then it is quiet again", () => {
  const { fanOut, say, sent } = setting();
  const one = follower();
  fanOut().join(one);
  expect(say({ key: "A" })).toEqual(["sent"]);
  expect(say({ key: "A" }, { key: "B" })).toEqual(["later"]);
  expect(say({ key: "A" })).toEqual(["later"]);
  expect(told(one)).toEqual([[0, 1, ["A@1"]]]);
  expect(sent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(told(one).slice(1)).toEqual([[1, 3, ["B@2", "A@3"]]]);
  expect(sent).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(100);
  expect(say({ key: "C" })).toEqual(["sent"]);
});

test("events are gathered, and each of them is there", () => {
  const { fanOut, say } = setting("events");
  const one = follower();
  fanOut().join(one);
  for (let count = 0; count < 3; count += 1) say({ key: "same" });
  vi.advanceTimersByTime(100);
  expect(told(one)).toEqual([
    [0, 1, ["same@1"]],
    [1, 3, ["same@2", "same@3"]],
  ]);
});

test("an owner that begins before what it said last tells no event twice", () => {
  const { fanOut, say } = setting("events", 0);
  const one = follower();
  fanOut().join(one);
  say({ key: "a", version: 1 });
  say({ key: "a", version: 1 }, { key: "b", version: 2 });
  expect(told(one).map(([, , keys]) => keys)).toEqual([["a@1"], ["b@2"]]);
});

test("what is of no interest moves the position and costs no frame", () => {
  const { fanOut, say } = setting("events");
  const one = follower();
  const { join, passedOn } = fanOut({ type: ["none"] });
  join(one);
  expect(say({ key: "a" })).toEqual(["nothing"]);
  expect([passedOn(), told(one)]).toEqual([1, []]);
});

test("what was gathered before a gap is not told after it", () => {
  const { fanOut, say, gap } = setting();
  const one = follower();
  fanOut().join(one);
  say({ key: "A" });
  say({ key: "B" });
  gap();
  expect(one.gap).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(100);
  expect(told(one)).toHaveLength(1);
});

test("the same filter is sifted once for all, and nothing is left when the last has gone", () => {
  const { fanOut, say, listeners } = setting();
  const [one, other] = [follower(), follower()];
  expect(fanOut({ status: ["ready"] })).toBe(fanOut({ status: ["ready"] }));
  const leaveOne = fanOut({ status: ["ready"] }).join(one);
  const leaveOther = fanOut({ status: ["ready"] }).join(other);
  say({ key: "A" });
  expect(one.taken[0]).toBe(other.taken[0]);
  expect(one.taken[0]?.text.frame('"a"', 0)).toBe(other.taken[0]?.text.frame('"a"', 0));
  say({ key: "B" });
  leaveOne();
  leaveOther();
  expect([listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
});

test("a frame names its subscription and the position before it, and is the same JSON for all", () => {
  const { fanOut, say } = setting();
  const one = follower();
  fanOut().join(one);
  say({ key: "A", status: "wäsche" });
  const frames = ["a", 'b"c'].map((id, index) =>
    JSON.parse(String(one.taken[0]?.text.frame(JSON.stringify(id), index))),
  );
  expect(frames).toEqual(
    ["a", 'b"c'].map((id, prev) => ({
      op: "delta",
      id,
      epoch: 1,
      prev,
      pos: 1,
      at: expect.any(String),
      changes: [{ key: "A", version: 1, put: { status: "wäsche" } }],
    })),
  );
});
