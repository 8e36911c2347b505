import { expect, test } from "vitest";
import { createRecent } from "./recent.ts";

const weighing = (bytesMax: number) => createRecent<string>(bytesMax, (value) => value.length);

test("what is used often stays, whatever another site fills memory with", () => {
  const recent = weighing(100);
  recent.set("b", "hot", "1234567890");
  for (let index = 0; index < 1_000; index += 1) {
    recent.set("a", `tag ${index}`, "1234567890");
    expect(recent.get("b", "hot")).toBe("1234567890");
  }
});

test("what nobody uses goes, and all together never weigh more than the bound", () => {
  const recent = weighing(100);
  const sites = ["a", "b", "c"];
  for (let index = 0; index < 300; index += 1)
    recent.set(sites[index % 3] ?? "", `tag ${index}`, "1234567890");
  const kept = Array.from({ length: 300 }, (_, index) => index).filter(
    (index) => recent.get(sites[index % 3] ?? "", `tag ${index}`) !== undefined,
  );
  expect(kept.length * 10).toBeLessThanOrEqual(100);
  expect(kept.length * 10).toBeGreaterThanOrEqual(50);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 300 - kept.length + index));
});

test("what is heavy leaves room for less", () => {
  const recent = weighing(100);
  recent.set("a", "light", "1");
  recent.set("a", "heavy", "x".repeat(60));
  recent.set("a", "heavier", "x".repeat(70));
  expect(recent.get("a", "light")).toBeUndefined();
});

test("a new value takes the place of the old one, wherever that lies", () => {
  const recent = weighing(100);
  recent.set("a", "tag", "old");
  recent.set("a", "filler", "x".repeat(60));
  recent.set("a", "tag", "new");
  expect(recent.get("a", "tag")).toBe("new");
});

test("a forgotten site is forgotten in both generations, and the others are not", () => {
  const recent = weighing(100);
  recent.set("a", "old", "1");
  recent.set("b", "old", "1");
  recent.set("b", "filler", "x".repeat(60));
  recent.set("a", "young", "1");
  recent.forget("a");
  expect([recent.get("a", "old"), recent.get("a", "young"), recent.get("b", "old")]).toEqual([
    undefined,
    undefined,
    "1",
  ]);
});
