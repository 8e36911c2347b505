import type { LoggedEvent } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPositions } from "./positions.ts";

const event = (site: string, pos: number, epoch = 1, history = "h"): LoggedEvent => ({
  epoch,
  pos,
  id: `${site}-${pos}`,
  type: "item.sighted.v1",
  site,
  receivedAt: "2026-01-01T00:00:00Z",
  recordedAt: "2026-01-01T00:00:00Z",
  by: {},
  traceId: "",
  traceparent: "",
  data: {},
  prevHash: `${history}${pos - 1}`,
  hash: `${history}${pos}`,
});

const at = (pos: number, epoch = 1) => ({ epoch, pos, hash: `h${pos}` });
const placesOf = (events: readonly LoggedEvent[]) => events.map(({ site, pos }) => `${site}${pos}`);

test.each([
  { what: "the next ones are ready", heard: [event("a", 6), event("a", 7)], ready: ["a6", "a7"], holes: [] },
  {
    what: "known ones fall away",
    heard: [event("a", 4), event("a", 5), event("a", 6)],
    ready: ["a6"],
    holes: [],
  },
  { what: "the same one twice counts once", heard: [event("a", 6), event("a", 6)], ready: ["a6"], holes: [] },
  { what: "what lies behind a hole waits", heard: [event("a", 7), event("a", 6)], ready: [], holes: ["a"] },
  {
    what: "one site's hole does not hold up another",
    heard: [event("a", 8), event("b", 3)],
    ready: ["b3"],
    holes: ["a"],
  },
  {
    what: "a chain that does not follow is a hole",
    heard: [event("a", 6, 1, "other")],
    ready: [],
    holes: ["a"],
  },
  {
    what: "a chain that breaks within a run is a hole",
    heard: [event("a", 6), event("a", 7, 1, "other")],
    ready: ["a6"],
    holes: ["a"],
  },
  { what: "a later epoch is a hole", heard: [event("a", 1, 2)], ready: [], holes: ["a"] },
  { what: "an earlier epoch is old news", heard: [event("b", 9, 0)], ready: [], holes: [] },
  { what: "an unknown site is a hole", heard: [event("c", 1)], ready: [], holes: ["c"] },
])("$what", ({ heard, ready, holes }) => {
  const positions = createPositions();
  positions.replace([
    ["a", at(5)],
    ["b", at(2)],
  ]);
  const sorted = positions.sort(heard);
  expect(placesOf(sorted.ready)).toEqual(ready);
  expect([...sorted.holes]).toEqual(holes);
  // Looking moves nothing: only a commit does.
  expect(positions.of("a").pos).toBe(5);
});

test("at the beginning of an epoch any first event follows", () => {
  const positions = createPositions();
  positions.set("a", { epoch: 2, pos: 0, hash: "" });
  expect(placesOf(positions.sort([event("a", 1, 2)]).ready)).toEqual(["a1"]);
});

test("whatever the road does, what is ready continues each site's positions without a gap", () => {
  const heard = fc.array(
    fc.record({ site: fc.constantFrom("a", "b"), pos: fc.integer({ min: 1, max: 12 }) }),
  );
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 8 }), (batches) => {
      const positions = createPositions();
      positions.replace([
        ["a", at(0)],
        ["b", at(0)],
      ]);
      const applied = { a: 0, b: 0 };
      for (const batch of batches) {
        const { ready, holes } = positions.sort(batch.map(({ site, pos }) => event(site, pos)));
        for (const one of ready) {
          const site = one.site as "a" | "b";
          expect(one.pos).toBe(applied[site] + 1);
          applied[site] = one.pos;
          positions.set(site, { epoch: one.epoch, pos: one.pos, hash: one.hash });
        }
        for (const site of ["a", "b"] as const) {
          const after = batch.filter((one) => one.site === site && one.pos > applied[site]);
          expect(holes.has(site)).toBe(after.length > 0);
        }
      }
    }),
  );
});

test("behind is who has not reached a head; the lag is how many events that is", () => {
  const positions = createPositions();
  positions.replace([
    ["a", at(5)],
    ["b", at(9)],
    ["c", at(4)],
  ]);
  const heads = new Map([
    ["a", { epoch: 1, pos: 8 }],
    ["b", { epoch: 1, pos: 9 }],
    ["c", { epoch: 2, pos: 2 }],
    ["d", { epoch: 1, pos: 7 }],
  ]);
  expect([...positions.behind(heads)]).toEqual(["a", "c", "d"]);
  expect(positions.lag(heads)).toBe(3 + 2 + 7);
});
