import { expect, test } from "vitest";
import { turnAt, turned, wallPanels, wallPlanOf, wallQuery } from "./wall-panels.ts";

const all = Object.keys(wallPanels);
const plan = (query: string) => wallPlanOf(new URLSearchParams(query));

test.each([
  { query: "", panels: all, seconds: 20 },
  { query: "panels=plan,stock&seconds=60", panels: ["stock", "plan"], seconds: 60 },
  { query: "panels=nothing,toString&seconds=7", panels: all, seconds: 20 },
  { query: "panels=plan,plan", panels: ["plan"], seconds: 20 },
])("$query asks for $panels", ({ query, panels, seconds }) => {
  expect(plan(query)).toEqual({ panels, seconds });
  expect(wallPlanOf(wallQuery(plan(query)))).toEqual(plan(query));
});

test("panels go round, each for its time, and one alone stays", () => {
  const round = plan("panels=stock,plan&seconds=10");
  const first = { index: 0, sinceMs: 0 };
  expect(turnAt(first, round, 9_999)).toBe(first);
  expect(turnAt(first, round, 10_000)).toEqual({ index: 1, sinceMs: 10_000 });
  expect(turnAt({ index: 1, sinceMs: 10_000 }, round, 3_600_000)).toEqual({ index: 0, sinceMs: 3_600_000 });
  expect(turned(first, -1, round, 5)).toEqual({ index: 1, sinceMs: 5 });
  const alone = plan("panels=plan");
  expect(turnAt(first, alone, 3_600_000)).toBe(first);
  // Fewer panels than before: it begins anew.
  expect(turnAt({ index: 4, sinceMs: 0 }, round, 1)).toEqual({ index: 0, sinceMs: 1 });
});
