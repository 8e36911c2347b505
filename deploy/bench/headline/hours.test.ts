import { expect, test } from "vitest";
import { openConflicts } from "./conflicts.ts";
import { delaysOf } from "./delays.ts";
import { hourMs, openHours } from "./hours.ts";

test("every hour ends once, also those in which nothing happens, so that what stands counts for each of them", () => {
  const hours = openHours(0);
  const conflicts = openConflicts();
  const sides = { heard: new Map([["a", "ready"]]), record: new Map([["a", "wash"]]), copy: new Map() };
  expect([...hours.endedBy(hourMs - 1)]).toEqual([]);
  for (const atMs of [hourMs, hourMs + 1, 5 * hourMs])
    for (const _hour of hours.endedBy(atMs)) conflicts.look(sides);
  expect(conflicts.counts()).toEqual({ begun: 1, thingHours: 4 });
});

test("a scan that never came has waited until the end, whichever way it was to come", () => {
  const scans = [
    { id: "a", atMs: 100 },
    { id: "b", atMs: 200 },
  ];
  expect(delaysOf(scans, (id) => (id === "a" ? 150 : undefined), 1_000)).toEqual([50, 800]);
});
