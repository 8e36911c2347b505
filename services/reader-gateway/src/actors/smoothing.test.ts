import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TagRead } from "../drivers/driver.ts";
import { hearReads, newSmoothing, type Places, passTime, release, type Sighting } from "./smoothing.ts";

const gate: Places = new Map([
  [1, "gate"],
  [2, "gate"],
  [3, "wash"],
]);
const settings = { reReportMs: 60_000, departMs: 600_000, windowsMax: 100 };
const anyRoom = Number.POSITIVE_INFINITY;
const epc = "30395DFA8109A98000000001";

const read = (more: Partial<TagRead> = {}): TagRead => ({
  epc,
  antenna: 1,
  rssiDbm: -60,
  count: 1,
  heardAtMs: 1_000,
  ...more,
});
const sumOf = (sightings: readonly Sighting[]) => sightings.reduce((sum, { reads }) => sum + reads, 0);

describe("a tag becomes an observation", () => {
  test("at once, when it is read first", () => {
    const smoothing = newSmoothing(settings);
    expect(hearReads(smoothing, [read()], gate, { nowMs: 0, room: anyRoom })).toEqual([
      {
        tag: epc,
        place: "gate",
        antenna: 1,
        reads: 1,
        peakRssiDbm: -60,
        firstHeardAtMs: 1_000,
        lastHeardAtMs: 1_000,
      },
    ]);
    expect(smoothing.held).toBe(0);
  });

  test("again after the re-report interval, carrying what was held", () => {
    const smoothing = newSmoothing(settings);
    hearReads(smoothing, [read()], gate, { nowMs: 0, room: anyRoom });
    const early = hearReads(smoothing, [read({ count: 3, rssiDbm: -50, heardAtMs: 2_000 })], gate, {
      nowMs: 1_000,
      room: anyRoom,
    });
    hearReads(smoothing, [read({ rssiDbm: null, antenna: 2, heardAtMs: 3_000 })], gate, {
      nowMs: 59_999,
      room: anyRoom,
    });
    expect(early).toEqual([]);
    expect(passTime(smoothing, { nowMs: 59_999, room: anyRoom })).toEqual([]);
    expect(smoothing.held).toBe(4);
    expect(passTime(smoothing, { nowMs: 60_000, room: anyRoom })).toEqual([
      expect.objectContaining({
        reads: 4,
        antenna: 1,
        peakRssiDbm: -50,
        firstHeardAtMs: 2_000,
        lastHeardAtMs: 3_000,
      }),
    ]);
  });

  test("not at the interval when it was not read again, and at once when it is read later", () => {
    const smoothing = newSmoothing(settings);
    hearReads(smoothing, [read()], gate, { nowMs: 0, room: anyRoom });
    expect(passTime(smoothing, { nowMs: 100_000, room: anyRoom })).toEqual([]);
    expect(hearReads(smoothing, [read()], gate, { nowMs: 100_001, room: anyRoom })).toHaveLength(1);
  });

  test("once for two antennas of one place, once more for another place", () => {
    const smoothing = newSmoothing(settings);
    const said = hearReads(
      smoothing,
      [read({ antenna: 1 }), read({ antenna: 2, rssiDbm: -40 }), read({ antenna: 3 })],
      gate,
      { nowMs: 0, room: anyRoom },
    );
    expect(said.map(({ place, antenna, reads }) => ({ place, antenna, reads }))).toEqual([
      { place: "gate", antenna: 2, reads: 2 },
      { place: "wash", antenna: 3, reads: 1 },
    ]);
  });

  test("for each antenna that has no place, with no place", () => {
    const smoothing = newSmoothing(settings);
    const said = hearReads(smoothing, [read({ antenna: 7 }), read({ antenna: 8 })], gate, {
      nowMs: 0,
      room: anyRoom,
    });
    expect(said.map(({ place, antenna }) => ({ place, antenna }))).toEqual([
      { place: null, antenna: 7 },
      { place: null, antenna: 8 },
    ]);
  });
});

test("tags nobody can have are counted as filtered", () => {
  const smoothing = newSmoothing(settings);
  const impossible = [read({ epc: "", count: 2 }), read({ epc: "  " }), read({ epc: "A".repeat(124) })];
  expect(hearReads(smoothing, impossible, gate, { nowMs: 0, room: anyRoom })).toEqual([]);
  expect(smoothing).toMatchObject({ filtered: 4, refused: 0, held: 0 });
});

test("a tag that departed is new when it comes back, and what was held is said before it goes", () => {
  const smoothing = newSmoothing({ ...settings, reReportMs: 10_000, departMs: 1_000 });
  hearReads(smoothing, [read()], gate, { nowMs: 0, room: anyRoom });
  hearReads(smoothing, [read()], gate, { nowMs: 10, room: anyRoom });
  expect(sumOf(passTime(smoothing, { nowMs: 1_010, room: anyRoom }))).toBe(1);
  expect(smoothing.windows.size).toBe(0);
  expect(hearReads(smoothing, [read()], gate, { nowMs: 1_011, room: anyRoom })).toHaveLength(1);
});

test("without room windows keep what they hold and say it later", () => {
  const smoothing = newSmoothing(settings);
  const reads = [read(), read({ epc: "AA" }), read({ epc: "BB" })];
  expect(hearReads(smoothing, reads, gate, { nowMs: 0, room: 1 })).toHaveLength(1);
  expect(hearReads(smoothing, reads, gate, { nowMs: 1, room: 0 })).toHaveLength(0);
  expect(smoothing.held).toBe(5);
  const later = passTime(smoothing, { nowMs: 2, room: anyRoom });
  expect(later.map(({ tag, reads: count }) => [tag, count])).toEqual([
    ["AA", 2],
    ["BB", 2],
  ]);
});

test("beyond the bound the least recently read tag goes, and is said before", () => {
  const smoothing = newSmoothing({ ...settings, windowsMax: 2 });
  const step = { nowMs: 0, room: anyRoom };
  hearReads(smoothing, [read({ epc: "AA" }), read({ epc: "BB" })], gate, step);
  hearReads(smoothing, [read({ epc: "BB" }), read({ epc: "AA", count: 4 })], gate, step);
  const said = hearReads(smoothing, [read({ epc: "CC" })], gate, step);
  expect(said.map(({ tag }) => tag)).toEqual(["BB", "CC"]);
  expect([...smoothing.windows.values()].map(({ tag }) => tag)).toEqual(["AA", "CC"]);
});

test("within a frame the order of the reads means nothing", () => {
  const anyRead = fc.record({
    epc: fc.constantFrom("AA", "BB", "CC"),
    antenna: fc.integer({ min: 1, max: 5 }),
    rssiDbm: fc.option(fc.integer({ min: -80, max: -30 })),
    count: fc.integer({ min: 1, max: 9 }),
    heardAtMs: fc.integer({ min: 0, max: 100 }),
  });
  const byPlace = (said: readonly Sighting[]) =>
    said
      .map((one) => [`${one.tag} ${one.place} ${one.place === null ? one.antenna : ""}`, one] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1));
  const shuffled = fc
    .array(anyRead, { maxLength: 30 })
    .chain((reads) => fc.tuple(fc.constant(reads), fc.shuffledSubarray(reads, { minLength: reads.length })));
  fc.assert(
    fc.property(shuffled, ([reads, other]) => {
      const step = { nowMs: 0, room: anyRoom };
      expect(byPlace(hearReads(newSmoothing(settings), other, gate, step))).toEqual(
        byPlace(hearReads(newSmoothing(settings), reads, gate, step)),
      );
    }),
  );
});

describe("whatever is read and however time passes", () => {
  const reads = fc.array(
    fc.record({
      epc: fc.constantFrom("", "AA", "BB", "CC", "DD", "EE", "a".repeat(65)),
      antenna: fc.integer({ min: 1, max: 5 }),
      rssiDbm: fc.option(fc.integer({ min: -80, max: -30 })),
      count: fc.integer({ min: -1, max: 9 }),
      heardAtMs: fc.integer({ min: 0, max: 100_000 }),
    }),
    { maxLength: 12 },
  );
  const room = fc.oneof(fc.constant(anyRoom), fc.integer({ min: 0, max: 3 }));
  const act = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("hear" as const), reads, room }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(700), room }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("release" as const) }) },
  );

  test("reads = filtered + held + observed, memory is bounded, and everything is said in the end", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (acts, windowsMax) => {
        const smoothing = newSmoothing({ reReportMs: 100, departMs: 1_000, windowsMax });
        let nowMs = 0;
        let heard = 0;
        let observed = 0;
        for (const one of acts) {
          if (one.kind === "hear") {
            heard += one.reads.reduce((sum, { count }) => sum + Math.max(1, count), 0);
            const said = hearReads(smoothing, one.reads, gate, { nowMs, room: one.room });
            expect(said.length).toBeLessThanOrEqual(one.room);
            observed += sumOf(said);
          } else if (one.kind === "pass") {
            nowMs += one.ms;
            observed += sumOf(passTime(smoothing, { nowMs, room: one.room }));
          } else release(smoothing);
          const windows = [...smoothing.windows.values(), ...smoothing.ready];
          expect(new Set(windows).size).toBe(smoothing.windows.size + smoothing.leaving);
          expect(new Set(windows).size).toBeLessThanOrEqual(windowsMax);
          expect([...new Set(windows)].reduce((sum, window) => sum + window.held, 0)).toBe(smoothing.held);
          expect(heard).toBe(smoothing.filtered + smoothing.held + observed);
        }
        release(smoothing);
        observed += sumOf(passTime(smoothing, { nowMs, room: anyRoom }));
        expect(smoothing).toMatchObject({ held: 0, leaving: 0 });
        expect(heard).toBe(smoothing.filtered + observed);
      }),
    );
  });

  test("a tag that stays is said once per interval at each place, no more", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 80 }), (pauses) => {
        const smoothing = newSmoothing({ reReportMs: 100, departMs: 10_000, windowsMax: 10 });
        const saidAt: number[] = [];
        let nowMs = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const step = { nowMs, room: anyRoom };
          const said = [...passTime(smoothing, step), ...hearReads(smoothing, [read()], gate, step)];
          saidAt.push(...said.map(() => nowMs));
        }
        for (const [index, at] of saidAt.entries())
          if (index > 0) expect(at - (saidAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(100);
        expect(saidAt[0]).toBe(pauses[0]);
      }),
    );
  });
});
