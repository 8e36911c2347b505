import { expect, test } from "vitest";
import { eventMessageId, eventSubject } from "./events.ts";
import {
  foldItem,
  type ItemChange,
  ItemCreated,
  ItemRented,
  ItemSighted,
  itemEvents,
} from "./item-events.ts";
import type { Item } from "./items.ts";

const item: Item = {
  ...{ tag: "A1", class: "chair", name: null, status: "ready", quality: null, place: "dock", contract: null },
  ...{ notes: null, version: 1, pos: 0, lastFactAt: null, lastScan: null },
};
const was = { status: item.status, contract: null, place: item.place };
const change = (set: ItemChange["set"], version: number): { type: string; data: ItemChange } => ({
  type: ItemRented.type,
  data: { version, set, was, outcome: "accepted", flags: [] },
});

test("creation gives the item its first position", () => {
  expect(foldItem(undefined, { type: ItemCreated.type, pos: 4, data: { item } })).toEqual({
    ...item,
    pos: 4,
  });
});

test("a change sets what it names, and the rest stays", () => {
  const set = { status: "on_rent" as const, contract: "C-1", place: null };
  expect(foldItem(item, { ...change(set, 2), pos: 9 })).toEqual({ ...item, ...set, version: 2, pos: 9 });
});

test("an event that sets nothing leaves the row as it was, position and all", () => {
  expect(foldItem(item, { ...change({}, 1), type: ItemSighted.type, pos: 9 })).toBe(item);
});

test("what was never created stays unknown", () => {
  expect(foldItem(undefined, { ...change({ status: "on_rent" }, 2), pos: 9 })).toBeUndefined();
});

test("every item event has its own type, and a subject without the version", () => {
  expect(new Set(itemEvents.map(({ type }) => type)).size).toBe(itemEvents.length);
  expect(eventSubject("north", "item.returned.v1")).toBe("events.4.north.item.returned");
  expect(eventSubject("north", "item.returned.v12")).toBe(eventSubject("north", "item.returned.v1"));
  expect(eventMessageId({ site: "north", epoch: 2, pos: 17 })).toBe("north:2:17");
});
