import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TagRead } from "../drivers/driver.ts";
import { momentMs } from "./moments.ts";
import { newSmoothing, passTime, type Smoothing } from "./smoothing.ts";
import { bound, hear, read, settings, smoothingOf } from "./test-smoothing.ts";
import { newWhereabouts } from "./whereabouts.ts";
import type { Sighting } from "./window.ts";

/* Readers that say late what they hear: in batches, and each at a pace of its own. */

const room = Number.POSITIVE_INFINITY;
/** The clock of the reads, where that of the steps is 0. */
const unixStartMs = Date.UTC(2026, 0, 1);
const rule = { ...settings, reReportMs: 3_600_000 };

/** What was heard `heardMs` after the start, at antenna 1 (the gate) or 3 (the wash). */
const heardAt = (heardMs: number, more: Partial<TagRead> = {}): TagRead =>
  read({ ...more, heardAtMs: unixStartMs + heardMs });
const bring = (smoothing: Smoothing, reads: readonly TagRead[], nowMs: number): Sighting[] =>
  hear(smoothing, reads, { nowMs, unixMs: unixStartMs + nowMs, room });
const passUntil = (smoothing: Smoothing, nowMs: number): Sighting[] =>
  passTime(smoothing, { nowMs, unixMs: unixStartMs + nowMs, room });
const factsOf = (said: readonly Sighting[]) =>
  said.flatMap(({ stray, place }) => (stray === null ? place : []));
const every = (stepMs: number, fromMs: number, toMs: number) =>
  Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, index) => fromMs + index * stepMs);

/** Two readers of a site: one at the gate that says every five seconds what it heard, and one at the wash that says it at once. */
const twoReaders = () => {
  const whereabouts = newWhereabouts(100);
  const [late, prompt] = [smoothingOf(rule, whereabouts), smoothingOf(rule, whereabouts)];
  const batchMs = 5_000;
  /** The tag is heard at the gate until `leftMs`, and at the wash all the while, no louder and no fainter. */
  const run = (leftMs: number, untilMs: number) => {
    const facts: { place: string; nowMs: number }[] = [];
    const note = (said: readonly Sighting[], nowMs: number) =>
      void facts.push(...factsOf(said).flatMap((place) => (place === null ? [] : [{ place, nowMs }])));
    for (const nowMs of every(100, 0, untilMs)) {
      if (nowMs % batchMs === 0) {
        const batch = every(200, Math.max(0, nowMs - batchMs), Math.min(nowMs, leftMs)).map((at) =>
          heardAt(at),
        );
        note(bring(late, nowMs === 0 ? [heardAt(0)] : batch, nowMs), nowMs);
      }
      if (nowMs > batchMs) note(bring(prompt, [heardAt(nowMs, { antenna: 3 })], nowMs), nowMs);
    }
    return facts;
  };
  return { run, late, prompt };
};

describe("a tag between a reader that pushes batches and one that does not", () => {
  test("stays where it is between two batches, whose reads are still on their way", () => {
    const facts = twoReaders().run(60_000, 60_000);
    expect(facts).toEqual([{ place: "gate", nowMs: 0 }]);
  });

  test("moves once the late reader could have told that it is still there", () => {
    const facts = twoReaders().run(20_000, 60_000);
    expect(facts.map(({ place }) => place)).toEqual(["gate", "wash"]);
    expect(facts[1]?.nowMs).toBeGreaterThan(25_000);
    expect(facts[1]?.nowMs).toBeLessThan(30_000);
  });

  test("is not brought back by what was heard before it came to where it is", () => {
    const { late, prompt } = twoReaders();
    bring(late, [heardAt(0)], 0);
    const came = bring(
      prompt,
      [3_000, 3_050].map((at) => heardAt(at, { antenna: 3, rssiDbm: -40 })),
      3_050,
    );
    expect(factsOf(came)).toEqual(["wash"]);
    const loud = every(100, 500, 2_500).map((at) => heardAt(at, { rssiDbm: -30 }));
    expect(factsOf(bring(late, loud, 5_000))).toEqual([]);
    expect(factsOf(passUntil(late, 5_000 + rule.reReportMs))).toEqual([]);
    expect(factsOf(bring(prompt, [heardAt(5_010, { antenna: 3 })], 5_010))).toEqual([]);
  });
});

describe("a batch", () => {
  const walk = [
    ...every(100, 0, 2_000).map((at) => heardAt(at)),
    ...every(100, 2_000, 4_000).map((at) => heardAt(at, { antenna: 3, rssiDbm: -40 })),
  ];
  test.each([
    { what: "in order", reads: walk },
    { what: "the newest first", reads: walk.toReversed() },
  ])("$what tells both places where a tag was, and where it is now last", ({ reads }) => {
    const said = bring(smoothingOf(rule), reads, 5_000);
    expect(factsOf(said)).toEqual(["gate", "wash"]);
    expect(said[0]?.reads).toBeGreaterThan(0);
  });

  test("means what the same reads mean that come at once, wherever it is cut and in whatever order it is", () => {
    const moment = fc.record({
      pauseMs: fc.constantFrom(momentMs, 400, 700, 3_000, 9_000),
      antenna: fc.constantFrom(1, 3),
      rssiDbm: fc.constantFrom(-70, -60, -50, -40),
      isCut: fc.boolean(),
    });
    const order = fc.nat(1);
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 60 }), order, (moments, isReversed) => {
        const [prompt, batched] = [smoothingOf(rule), smoothingOf(rule)];
        const facts: [prompt: (string | null)[], batched: (string | null)[]] = [[], []];
        let nowMs = 0;
        let batch: TagRead[] = [];
        const tell = () => {
          facts[1].push(...factsOf(bring(batched, isReversed === 1 ? batch.toReversed() : batch, nowMs)));
          batch = [];
        };
        for (const { pauseMs, antenna, rssiDbm, isCut } of moments) {
          nowMs += pauseMs;
          const one = heardAt(nowMs, { antenna, rssiDbm });
          facts[0].push(...factsOf(bring(prompt, [one], nowMs)));
          batch.push(one);
          if (isCut) tell();
        }
        tell();
        expect(facts[1]).toEqual(facts[0]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a tag departs by when it was heard", () => {
  const briefly = { ...rule, departMs: 10_000 };
  const batchMs = 20_000;
  const nowhere = () => newSmoothing(bound({ antennas: [], station: null }, briefly), 100);

  test("and not while what was heard of it is on its way: one that stays is no news with each batch", () => {
    const smoothing = smoothingOf(briefly);
    const facts = every(batchMs, batchMs, 10 * batchMs).flatMap((nowMs) => {
      const batch = every(1_000, nowMs - batchMs, nowMs).map((at) => heardAt(at));
      const said = bring(smoothing, batch, nowMs);
      return factsOf([
        ...said,
        ...every(1_000, nowMs, nowMs + batchMs).flatMap((at) => passUntil(smoothing, at)),
      ]);
    });
    expect(facts.filter((place) => place === "gate")).toHaveLength(1);
  });

  test.each([
    { what: "at a place", open: () => smoothingOf(briefly) },
    { what: "nowhere", open: nowhere },
  ])(
    "$what, so one that was silent for so long is news, though what it did before came only just now",
    ({ open }) => {
      const smoothing = open();
      bring(smoothing, [heardAt(0)], 0);
      expect(bring(smoothing, [heardAt(1_000)], 9_000)).toHaveLength(0);
      const news = bring(smoothing, [heardAt(11_500)], 11_500);
      expect(factsOf(news)).toHaveLength(2);
      expect(news.map(({ reads }) => reads)).toEqual([1, 1]);
    },
  );
});
