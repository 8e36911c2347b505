import { expect, test } from "vitest";
import { openTurns } from "./turns.ts";

const item = { kind: "item", entity: "item" };
const many = Array.from({ length: 130 }, (_, at) => at * 3);

test("each bucket has its turn, and whoever has none is counted", () => {
  const seen: number[] = [];
  const waiting: (number | undefined)[] = [];
  let from = {};
  for (let audits = 0; audits < 3; audits += 1) {
    const turns = openTurns(from);
    seen.push(...turns.take(item, many, 50));
    waiting.push(turns.left().get("item"));
    from = turns.from();
  }
  expect(new Set(seen)).toEqual(new Set(many));
  expect(waiting).toEqual([80, 80, 80]);
});

test("the last turn goes round to the first bucket, and one that is new has its own", () => {
  const turns = openTurns({ item: 386 });
  expect(turns.take(item, [...many, 388], 3)).toEqual([387, 388, 0]);
});

test("kinds have turns of their own, and a bucket that one of them looked into waits for nobody", () => {
  const turns = openTurns({});
  expect(turns.take(item, [1, 2, 3], 2)).toEqual([1, 2]);
  expect(turns.take({ kind: "item counted", entity: "item" }, [3], 1)).toEqual([3]);
  expect(turns.take({ kind: "event", entity: "event" }, [], 2)).toEqual([]);
  expect([...turns.left()]).toEqual([]);
});
