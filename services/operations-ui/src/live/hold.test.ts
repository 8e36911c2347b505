import { afterEach, expect, test } from "vitest";
import { getHeldSinceMs, holdable, onHold, setHeld } from "./hold.ts";
import type { LiveRow } from "./protocol.ts";
import type { ViewSnapshot } from "./subscription.ts";

afterEach(() => setHeld(false));

/** A view whose rows are changed in place, as the real ones are. */
const view = (whole = true) => {
  const rows = new Map<string, LiveRow>();
  let revision = 0;
  const put = (key: string): void => {
    revision += 1;
    rows.set(key, { key, version: revision } as LiveRow);
  };
  return { put, get: () => ({ rows, revision, whole }) as unknown as ViewSnapshot };
};

test("held, a view is what it was; let go, it is what it is", () => {
  const { put, get } = view();
  const shown = holdable(get);
  put("A");
  setHeld(true, 1_000);
  const held = shown();
  put("B");
  expect(shown()).toBe(held);
  expect([...held.rows.keys()]).toEqual(["A"]);
  setHeld(false);
  expect([...shown().rows.keys()]).toEqual(["A", "B"]);
  setHeld(true, 2_000);
  expect([...shown().rows.keys()]).toEqual(["A", "B"]);
});

test("held before it has come, a view comes all the same", () => {
  const { put, get } = view(false);
  const shown = holdable(get);
  setHeld(true);
  expect(shown().rows.size).toBe(0);
  put("A");
  expect(shown().rows.size).toBe(1);
});

test("asking twice keeps the first moment, and everybody is told", () => {
  let told = 0;
  const leave = onHold(() => {
    told += 1;
  });
  setHeld(true, 1_000);
  setHeld(true, 2_000);
  leave();
  setHeld(false);
  expect(told).toBe(2);
  expect(getHeldSinceMs()).toBeUndefined();
});
