import { describe, expect, test } from "vitest";
import {
  earlyDeltasMax,
  eventsKeptMax,
  type HeldRows,
  minutesKeptMax,
  nothingHeld,
  receive,
} from "./held-rows.ts";
import type { DeltaFrame, LiveChange, LiveRow, SnapFrame } from "./protocol.ts";

const row = (key: string, version: number, more: Record<string, unknown> = {}): LiveRow => ({
  key,
  version,
  ...more,
});
const snap = (rows: LiveRow[], more: Partial<SnapFrame> = {}): SnapFrame => ({
  op: "snap",
  id: "a",
  epoch: 1,
  pos: 10,
  part: 1,
  last: true,
  rows,
  ...more,
});
const delta = (prev: number, pos: number, changes: LiveChange[], epoch = 1): DeltaFrame => ({
  op: "delta",
  id: "a",
  epoch,
  prev,
  pos,
  at: "2026-03-01T10:00:00Z",
  changes,
});
const put = (key: string, version: number, more: Record<string, unknown> = {}): LiveChange => ({
  key,
  version,
  put: more,
});

const heldAt = (rows: LiveRow[], pos = 10): HeldRows => {
  const held = nothingHeld();
  receive(held, snap(rows, { pos }), "items");
  return held;
};

describe("a snapshot", () => {
  test("counts only when its last part came, and replaces what was there", () => {
    const held = heldAt([row("old", 1)]);
    expect(receive(held, snap([row("a", 1)], { last: false, pos: 20 }), "items")).toBe("same");
    expect([...held.rows.keys()]).toEqual(["old"]);
    expect(held.pos).toBe(10);
    expect(receive(held, snap([row("b", 1)], { part: 2, pos: 20 }), "items")).toBe("changed");
    expect([...held.rows.keys()]).toEqual(["a", "b"]);
    expect(held).toMatchObject({ pos: 20, whole: true, snapshots: 2 });
  });

  test.each([0, 1])("may count its parts from %i", (first) => {
    const held = nothingHeld();
    receive(held, snap([row("a", 1)], { part: first, last: false }), "items");
    receive(held, snap([row("b", 1)], { part: first + 1, last: false }), "items");
    receive(held, snap([row("c", 1)], { part: first + 2 }), "items");
    expect([...held.rows.keys()]).toEqual(["a", "b", "c"]);
  });

  test("with a part missing is a gap and leaves what was held", () => {
    const held = heldAt([row("old", 1)]);
    receive(held, snap([row("a", 1)], { last: false }), "items");
    expect(receive(held, snap([row("c", 1)], { part: 3 }), "items")).toBe("gap");
    expect([...held.rows.keys()]).toEqual(["old"]);
  });

  test("that begins again in the middle forgets the half it had", () => {
    const held = nothingHeld();
    receive(held, snap([row("gone", 1)], { last: false }), "items");
    receive(held, snap([row("gone2", 1)], { part: 2, last: false }), "items");
    receive(held, snap([row("a", 1)], { last: false }), "items");
    receive(held, snap([row("b", 1)], { part: 2 }), "items");
    expect([...held.rows.keys()]).toEqual(["a", "b"]);
  });

  test("is ordered by position, so that the newest change is the last", () => {
    const held = heldAt([row("b", 1, { pos: 9 }), row("a", 1, { pos: 3 }), row("c", 1, { pos: 5 })]);
    expect([...held.rows.keys()]).toEqual(["a", "c", "b"]);
  });

  test("is followed by the deltas that came between its parts", () => {
    const held = nothingHeld();
    receive(held, snap([row("a", 1)], { last: false }), "items");
    receive(held, delta(10, 11, [put("a", 2)]), "items");
    receive(held, delta(8, 9, [put("b", 1)]), "items");
    expect(receive(held, snap([row("c", 1)], { part: 2 }), "items")).toBe("changed");
    expect(held.rows.get("a")?.version).toBe(2);
    expect(held.rows.has("b")).toBe(false);
    expect(held.pos).toBe(11);
  });

  test("never collects early deltas without bound", () => {
    const held = nothingHeld();
    for (let pos = 1; pos <= earlyDeltasMax; pos += 1) {
      expect(receive(held, delta(pos - 1, pos, []), "items")).toBe("same");
    }
    expect(receive(held, delta(earlyDeltasMax, earlyDeltasMax + 1, []), "items")).toBe("gap");
  });
});

describe("a delta", () => {
  test("puts, deletes and moves the position; the changed row becomes the newest", () => {
    const held = heldAt([row("a", 1), row("b", 1), row("c", 1)]);
    expect(
      receive(
        held,
        delta(10, 12, [put("a", 2, { status: "wash" }), { key: "b", version: 2, del: true }]),
        "items",
      ),
    ).toBe("changed");
    expect([...held.rows.keys()]).toEqual(["c", "a"]);
    expect(held.rows.get("a")).toEqual({ key: "a", version: 2, status: "wash" });
    expect(held.pos).toBe(12);
  });

  test("an older or equal version changes nothing", () => {
    const held = heldAt([row("a", 5, { status: "ready" })]);
    receive(held, delta(10, 11, [put("a", 5, { status: "wet" }), put("a", 4, { status: "wash" })]), "items");
    expect(held.rows.get("a")?.status).toBe("ready");
  });

  test("after a hole is a gap, and nothing of it is applied", () => {
    const held = heldAt([row("a", 1)]);
    expect(receive(held, delta(11, 12, [put("a", 2)]), "items")).toBe("gap");
    expect(held.rows.get("a")?.version).toBe(1);
    expect(held.pos).toBe(10);
  });

  test("that covers more than was missing is no gap", () => {
    const held = heldAt([row("a", 1)]);
    expect(receive(held, delta(7, 12, [put("a", 2)]), "items")).toBe("changed");
    expect(held.pos).toBe(12);
  });

  test("that is wholly old is dropped", () => {
    const held = heldAt([row("a", 1)]);
    expect(receive(held, delta(7, 9, [put("b", 1)]), "items")).toBe("same");
    expect(held.rows.has("b")).toBe(false);
  });

  test("of another epoch is a gap, and the position is not used again", () => {
    const held = heldAt([row("a", 1)]);
    expect(receive(held, delta(10, 11, [put("a", 2)], 2), "items")).toBe("gap");
    expect(held.whole).toBe(false);
  });
});

describe("bounds", () => {
  test("the ticker keeps the newest events", () => {
    const held = nothingHeld();
    receive(held, snap([], { pos: 0 }), "events");
    for (let pos = 1; pos <= eventsKeptMax + 5; pos += 1) {
      receive(held, delta(pos - 1, pos, [put(`1:${pos}`, pos)]), "events");
    }
    expect(held.rows.size).toBe(eventsKeptMax);
    expect([...held.rows.keys()][0]).toBe("1:6");
  });

  test("the chart forgets old minutes and nothing else", () => {
    const held = nothingHeld();
    const minute = (index: number): string => `minute:${new Date(index * 60_000).toISOString()}`;
    const rows = Array.from({ length: minutesKeptMax + 7 }, (_, index) => row(minute(index), 1));
    receive(held, snap([row("totals", 1), ...rows]), "dashboard");
    expect(held.rows.size).toBe(minutesKeptMax + 1);
    expect(held.rows.has(minute(6))).toBe(false);
    expect(held.rows.has(minute(7))).toBe(true);
    expect(held.rows.has("totals")).toBe(true);
  });
});
