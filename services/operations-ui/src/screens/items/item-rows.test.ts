import type { Item } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { LiveRow } from "../../live/protocol.ts";
import { chooseItems, facetsOf, filterOf, inStillOrder, stillOrder } from "./item-rows.ts";
import { markedMs, nothingRecent, recentChanges } from "./recent-changes.ts";

const item = (tag: string, pos: number, more: Partial<Item> = {}): Item => ({
  tag,
  class: "Chair",
  name: null,
  status: "ready",
  quality: null,
  place: null,
  contract: null,
  notes: null,
  version: 1,
  pos,
  lastFactAt: null,
  lastScan: null,
  ...more,
});
const rowsOf = (...items: Item[]): Map<string, LiveRow> =>
  new Map(items.map((each) => [each.tag, { key: each.tag, ...each }]));
const choose = (query: string, rows: Map<string, LiveRow>): string[] =>
  chooseItems(rows, filterOf(new URLSearchParams(query))).map(({ tag }) => tag);

const stock = rowsOf(
  item("A1", 1, { place: "dock" }),
  item("B2", 2, { status: "on_rent", contract: "L77" }),
  item("C3", 3, { status: "delivered", class: "Table", place: "dock" }),
  item("D4", 4, { status: "wet", class: "Linen", name: "Ivory round" }),
);

test.each([
  { query: "", tags: ["D4", "C3", "B2", "A1"] },
  { query: "group=out", tags: ["C3", "B2"] },
  { query: "status=delivered", tags: ["C3"] },
  { query: "class=Chair", tags: ["B2", "A1"] },
  { query: "place=dock", tags: ["C3", "A1"] },
  { query: "q=IVORY", tags: ["D4"] },
  { query: "q=dock+chair", tags: ["A1"] },
  { query: "q=l77", tags: ["B2"] },
  { query: "sort=tag", tags: ["A1", "B2", "C3", "D4"] },
  { query: "sort=place", tags: ["A1", "C3", "B2", "D4"] },
  { query: "group=nonsense&status=flying&sort=random", tags: ["D4", "C3", "B2", "A1"] },
  { query: "group=missing", tags: [] },
])("?$query shows $tags", ({ query, tags }) => {
  expect(choose(query, stock)).toEqual(tags);
});

test("the filters offer what there is", () => {
  expect(facetsOf(stock)).toEqual({ classes: ["Chair", "Linen", "Table"], places: ["dock"] });
});

describe("a list that is held still", () => {
  const every = filterOf(new URLSearchParams());
  const tagsOf = (items: readonly Item[]): string[] => items.map(({ tag }) => tag);
  const before = [item("B", 2), item("A", 1)];
  const after = [item("A", 4), item("C", 3), item("B", 2, { status: "wash" })];

  test("keeps its order, shows what is new in its rows, and counts what changed", () => {
    const { shown, newer } = inStillOrder(after, every, stillOrder(before, every, undefined));
    expect(tagsOf(shown)).toEqual(["B", "A"]);
    expect(shown[0]?.status).toBe("wash");
    expect(newer).toBe(2);
  });

  test("counts when everything changed, too", () => {
    const still = stillOrder(before, every, undefined);
    expect(inStillOrder([item("A", 4), item("B", 3)], every, still).newer).toBe(2);
  });

  test("keeps the order it had at first while it is scrolled on", () => {
    const still = stillOrder(before, every, undefined);
    expect(stillOrder(after, every, still)).toBe(still);
  });

  test("holds nothing of another choice of items", () => {
    const out = filterOf(new URLSearchParams("group=out"));
    const still = stillOrder([], out, undefined);
    expect(inStillOrder(after, every, still)).toEqual({ shown: after, newer: 0 });
    expect(stillOrder(after, every, still).tags).toEqual(["A", "C", "B"]);
  });

  test("in an order of its own is that order, and has no newer changes above it", () => {
    const byTag = filterOf(new URLSearchParams("sort=tag"));
    const items = [item("A", 9), item("B", 2)];
    const still = stillOrder([item("A", 1), item("B", 2)], byTag, undefined);
    expect(inStillOrder(items, byTag, still)).toEqual({ shown: items, newer: 0 });
  });
});

test("only what changed since the last look is marked, and not for ever", () => {
  const first = recentChanges(nothingRecent, { revision: 1, snapshots: 1 }, [item("B", 2), item("A", 1)], 0);
  expect([...first.marks.keys()]).toEqual([]);
  const second = recentChanges(first, { revision: 2, snapshots: 1 }, [item("A", 3), item("B", 2)], 100);
  expect([...second.marks]).toEqual([["A", 100]]);
  const third = recentChanges(
    second,
    { revision: 3, snapshots: 1 },
    [item("B", 4), item("A", 3)],
    100 + markedMs,
  );
  expect([...third.marks.keys()]).toEqual(["B"]);
});

test("a new snapshot marks nothing", () => {
  const before = recentChanges(nothingRecent, { revision: 1, snapshots: 1 }, [item("A", 1)], 0);
  expect(recentChanges(before, { revision: 2, snapshots: 2 }, [item("A", 9)], 10).marks.size).toBe(0);
});
