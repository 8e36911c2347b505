import { expect, test } from "vitest";
import { openConflicts } from "./conflicts.ts";
import type { TrueScan } from "./month.ts";
import { openTruth, wrongStatuses } from "./truth.ts";

const scan = (turn: number, states: string | undefined, tag = "a"): TrueScan => ({
  ...{ id: `scan-${turn}`, tag, atMs: turn, turn, states },
});

test("truth is the status that was stated last, in whatever order it is heard of", () => {
  const truth = openTruth(new Map([["a", "ready"]]));
  for (const one of [
    scan(3, "wash"),
    scan(1, "on_rent"),
    scan(4, undefined),
    scan(2, "ready"),
    scan(5, "on_rent", "b"),
  ])
    truth.hear(one);
  expect([...truth.statuses]).toEqual([["a", "wash"]]);
  expect(wrongStatuses(truth.statuses, new Map([["a", "on_rent"]]))).toEqual(["a"]);
  expect(wrongStatuses(truth.statuses, truth.statuses)).toEqual([]);
});

test("a conflict is what stands at two looks in a row: it counts once, again when it comes back, and for each hour that it stands", () => {
  const conflicts = openConflicts();
  const look = (record: string, copy: string) =>
    conflicts.look({
      ...{ heard: new Map([["a", "ready"]]), record: new Map([["a", record]]), copy: new Map([["a", copy]]) },
    });
  look("ready", "ready");
  expect(conflicts.counts()).toEqual({ begun: 0, thingHours: 0 });
  look("ready", "on_rent");
  look("ready", "ready");
  // Who waits for the next refresh waits for one look, and is no conflict.
  expect(conflicts.counts()).toEqual({ begun: 0, thingHours: 0 });
  look("ready", "on_rent");
  look("on_rent", "on_rent");
  look("on_rent", "on_rent");
  expect(conflicts.counts()).toEqual({ begun: 1, thingHours: 2 });
  look("ready", "ready");
  look("on_rent", "on_rent");
  look("on_rent", "on_rent");
  expect(conflicts.counts()).toEqual({ begun: 2, thingHours: 3 });
});
