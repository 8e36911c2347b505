import { filterRules } from "@tagwire/messages";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hearReads, newSmoothing, passTime, rebind, release, type Smoothing } from "./smoothing.ts";
import { bound, gate, hear, read, settings, smoothingOf } from "./test-smoothing.ts";
import { newWhereabouts } from "./whereabouts.ts";
import type { Sighting } from "./window.ts";

const anyRoom = Number.POSITIVE_INFINITY;
const epc = "30395DFA8109A98000000001";

const sumOf = (sightings: readonly Sighting[]) => sightings.reduce((sum, { reads }) => sum + reads, 0);

describe("a tag becomes an observation", () => {
  test("at once, when it is read first", () => {
    const smoothing = smoothingOf(settings);
    expect(hear(smoothing, [read()], { nowMs: 0, room: anyRoom })).toEqual([
      {
        name: epc,
        tag: epc,
        tid: null,
        isIso: false,
        place: "gate",
        antenna: 1,
        reads: 1,
        readsBy: new Map([[1, 1]]),
        peakRssiDbm: -60,
        firstHeardAtMs: 1_000,
        lastHeardAtMs: 1_000,
        station: null,
        stray: null,
      },
    ]);
    expect(smoothing.held).toBe(0);
  });

  test("again after the re-report interval, carrying what was held", () => {
    const smoothing = smoothingOf(settings);
    hear(smoothing, [read()], { nowMs: 0, room: anyRoom });
    const early = hear(smoothing, [read({ count: 3, rssiDbm: -50, heardAtMs: 2_000 })], {
      nowMs: 1_000,
      room: anyRoom,
    });
    hear(smoothing, [read({ rssiDbm: null, antenna: 2, heardAtMs: 3_000 })], {
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
    const smoothing = smoothingOf(settings);
    hear(smoothing, [read()], { nowMs: 0, room: anyRoom });
    expect(passTime(smoothing, { nowMs: 100_000, room: anyRoom })).toEqual([]);
    expect(hear(smoothing, [read()], { nowMs: 100_001, room: anyRoom })).toHaveLength(1);
  });

  test("once for two antennas of one place, and where it was heard best of two places", () => {
    const smoothing = smoothingOf(settings);
    const said = hear(
      smoothing,
      [read({ antenna: 1 }), read({ antenna: 2, rssiDbm: -40 }), read({ antenna: 3 })],
      { nowMs: 0, room: anyRoom },
    );
    expect(said.map(({ place, antenna, reads }) => ({ place, antenna, reads }))).toEqual([
      { place: "gate", antenna: 2, reads: 2 },
    ]);
    expect(smoothing.held).toBe(1);
  });

  test("for each antenna that has no place, with no place", () => {
    const smoothing = smoothingOf(settings);
    const said = hear(smoothing, [read({ antenna: 7 }), read({ antenna: 8 })], {
      nowMs: 0,
      room: anyRoom,
    });
    expect(said.map(({ place, antenna }) => ({ place, antenna }))).toEqual([
      { place: null, antenna: 7 },
      { place: null, antenna: 8 },
    ]);
  });
});

describe("a tag that is heard at two places", () => {
  const step = (nowMs: number) => ({ nowMs, room: anyRoom });
  const placesOf = (said: readonly Sighting[]) =>
    said.map(({ place, reads, stray }) => [place, reads, stray]);

  test("is where it was, and what the other place heard is said as evidence after the interval", () => {
    const smoothing = smoothingOf(settings);
    hear(smoothing, [read({ rssiDbm: -50 })], step(0));
    for (let nowMs = 100; nowMs < 60_000; nowMs += 100) {
      const both = [read({ rssiDbm: -50 }), read({ antenna: 3, rssiDbm: -46 })];
      expect(hear(smoothing, both, step(nowMs))).toEqual([]);
    }
    expect(placesOf(passTime(smoothing, step(60_100)))).toEqual([
      ["gate", 599, null],
      ["wash", 599, "elsewhere"],
    ]);
  });

  test("is at the other one at once when it is clearly nearer there, and back at once when it comes back", () => {
    const smoothing = smoothingOf(settings);
    hear(smoothing, [read({ rssiDbm: -60 })], step(0));
    hear(smoothing, [read({ antenna: 3, rssiDbm: -50 })], step(100));
    expect(placesOf(hear(smoothing, [read({ antenna: 3, rssiDbm: -50 })], step(200)))).toEqual([
      ["wash", 2, null],
    ]);
    hear(smoothing, [read({ rssiDbm: -40 })], step(300));
    expect(placesOf(hear(smoothing, [read({ rssiDbm: -40 })], step(400)))).toEqual([["gate", 2, null]]);
  });

  test("is at one of them for all readers of the site", () => {
    const whereabouts = newWhereabouts(100);
    const [one, other] = [smoothingOf(settings, whereabouts), smoothingOf(settings, whereabouts)];
    expect(placesOf(hear(one, [read()], step(0)))).toEqual([["gate", 1, null]]);
    expect(hear(other, [read({ antenna: 3 })], step(10))).toEqual([]);
    expect(placesOf(passTime(other, step(60_010)))).toEqual([["wash", 1, "elsewhere"]]);
  });
});

describe("of a reader that pushes what it heard in batches", () => {
  const startMs = 1_000_000;
  /** Brings every five seconds what was heard meanwhile, and gives why what is said of it would move nothing. */
  const strays = (smoothing: Smoothing, readEveryMs: number) => {
    const said: Sighting[] = [];
    for (let nowMs = 5_000; nowMs <= 65_000; nowMs += 5_000) {
      const step = { nowMs, unixMs: startMs + nowMs, room: anyRoom };
      const heard = Array.from({ length: 5_000 / readEveryMs }, (_, index) =>
        read({ heardAtMs: startMs + nowMs - 5_000 + index * readEveryMs }),
      );
      said.push(...hear(smoothing, heard.toReversed(), step), ...passTime(smoothing, step));
    }
    return said.map(({ stray }) => stray);
  };

  test("a tag that stays is proven by how long it was heard, not by when that is said", () => {
    const dwelling = smoothingOf({ ...settings, dwellMs: 3_000, windowMs: 1_000 });
    expect(new Set(strays(dwelling, 500))).toEqual(new Set([null]));
  });

  test("a batch of reads that are far apart is none of them within a window", () => {
    const often = { ...settings, minReads: 3, windowMs: 1_000 };
    expect(new Set(strays(smoothingOf(often), 1_250))).toEqual(new Set(["few"]));
    expect(new Set(strays(smoothingOf(often), 250))).toEqual(new Set([null]));
  });
});

describe("reads that prove nothing", () => {
  const step = (nowMs: number) => ({ nowMs, room: anyRoom });

  test.each([
    {
      what: "too weak",
      rule: { minRssiDbm: -65 },
      reads: [read({ rssiDbm: -70 }), read({ rssiDbm: -66 })],
      stray: "weak",
    },
    { what: "too few", rule: { minReads: 3 }, reads: [read({ count: 2 })], stray: "few" },
    { what: "too short", rule: { dwellMs: 500 }, reads: [read(), read()], stray: "few" },
  ])("because they are $what are evidence, and said as such", ({ rule, reads, stray }) => {
    const smoothing = smoothingOf({ ...settings, ...rule });
    for (const [index, one] of reads.entries()) expect(hear(smoothing, [one], step(index * 100))).toEqual([]);
    const said = passTime(smoothing, step(60_100));
    expect(said.map((one) => one.stray)).toEqual([stray]);
    expect(sumOf(said)).toBe(reads.reduce((sum, { count }) => sum + count, 0));
  });

  test("prove it with the one that makes them enough, at once", () => {
    const smoothing = smoothingOf({ ...settings, minReads: 3, minRssiDbm: -65 });
    hear(smoothing, [read(), read({ rssiDbm: -80 })], step(0));
    hear(smoothing, [read()], step(400));
    expect(hear(smoothing, [read()], step(1_000))).toMatchObject([{ reads: 4, stray: null }]);
    const nowhere = smoothingOf({ ...settings, minReads: 2 });
    hear(nowhere, [read({ antenna: 9 })], step(0));
    expect(hear(nowhere, [read({ antenna: 9 })], step(10))).toMatchObject([{ reads: 2, stray: null }]);
  });

  test("do not add up over more than the window", () => {
    const smoothing = smoothingOf({ ...settings, minReads: 2 });
    hear(smoothing, [read()], step(0));
    expect(hear(smoothing, [read()], step(1_001))).toEqual([]);
  });

  test.each([
    {
      what: "that are not wanted",
      rule: { tags: ["3034", "ab"] },
      reads: [read({ epc: "E200" })],
      by: "unwanted",
    },
    {
      what: "without the chip's number where that is the name",
      rule: { identity: "tid" as const },
      reads: [read(), read({ tid: "E2801160" })],
      by: "no_tid",
    },
    { what: "with no possible name", rule: {}, reads: [read({ epc: "" })], by: "impossible" },
  ])("of tags $what are counted as filtered, by the rule that did it", ({ rule, reads, by }) => {
    const smoothing = smoothingOf({ ...settings, ...rule });
    const [, other] = reads;
    const { said, tallies } = hearReads(
      smoothing,
      [...reads, read({ antenna: 2, epc: "3034AA", tid: "E2801160" })],
      step(0),
    );
    expect(tallies).toEqual([
      { antenna: 1, reads: reads.length, filtered: { [by]: 1 } },
      { antenna: 2, reads: 1, filtered: {} },
    ]);
    expect(said.map(({ tag, tid }) => [tag, tid])).toEqual([
      [other === undefined ? "3034AA" : "E2801160", "E2801160"],
    ]);
  });
});

test("a tag of ISO is not let in by a company's name, and is told as one, also when a later read does not say so", () => {
  const step = { nowMs: 0, room: anyRoom };
  const named = smoothingOf({ ...settings, tags: ["urn:epc:id:sgtin:"] });
  expect(hear(named, [read({ isIso: true })], step)).toEqual([]);
  expect(hear(named, [read()], step)).toMatchObject([{ isIso: false }]);
  const all = smoothingOf(settings);
  hear(all, [read({ isIso: true })], step);
  hear(all, [read()], step);
  expect(passTime(all, { nowMs: 60_000, room: anyRoom })).toMatchObject([{ reads: 1, isIso: true }]);
  const byChip = smoothingOf({ ...settings, identity: "tid" });
  expect(hear(byChip, [read({ isIso: true, tid: "E280" })], step)).toMatchObject([
    { tag: "E280", isIso: false },
  ]);
});

test("tags nobody can have are counted as filtered", () => {
  const smoothing = smoothingOf(settings);
  const impossible = [read({ epc: "", count: 2 }), read({ epc: "  " }), read({ epc: "A".repeat(124) })];
  const { said, tallies } = hearReads(smoothing, impossible, { nowMs: 0, room: anyRoom });
  expect(said).toEqual([]);
  expect(tallies).toEqual([{ antenna: 1, reads: 4, filtered: { impossible: 4 } }]);
  expect(smoothing.held).toBe(0);
});

describe("where EPCs are not unique", () => {
  test("two chips with one EPC are two tags that tell the same name", () => {
    const smoothing = smoothingOf({ ...settings, identity: "both" });
    const said = hear(
      smoothing,
      [read({ tid: "E1" }), read({ tid: "E2", antenna: 3 }), read({ antenna: 3 })],
      {
        nowMs: 0,
        room: anyRoom,
      },
    );
    expect(said.map(({ tag, tid, place }) => [tag, tid, place])).toEqual(
      expect.arrayContaining([
        [epc, "E1", "gate"],
        [epc, "E2", "wash"],
        [epc, null, "wash"],
      ]),
    );
  });
});

test("where sessions are held what is there is said again soon, and evidence no sooner than elsewhere", () => {
  const station = { id: "dock", mode: "checkout", place: "dock", rules: {} } as const;
  const rule = { ...settings, minRssiDbm: -65 };
  const smoothing = newSmoothing(bound({ antennas: [{ port: 1 }], station: "dock" }, rule, [station]), 100);
  const saidOf = new Map<string, number[]>();
  for (let nowMs = 0; nowMs <= 120_000; nowMs += 1_000) {
    const step = { nowMs, room: anyRoom };
    const said = hear(smoothing, [read({ epc: "AA" }), read({ epc: "BB", rssiDbm: -80 })], step);
    for (const { tag, stray } of [...said, ...passTime(smoothing, step)]) {
      expect(stray).toBe(tag === "AA" ? null : "weak");
      saidOf.set(tag, [...(saidOf.get(tag) ?? []), nowMs]);
    }
  }
  expect(saidOf.get("AA")).toHaveLength(25);
  expect(saidOf.get("BB")).toEqual([60_000, 120_000]);
});

describe("antennas that are bound anew", () => {
  const step = (nowMs: number) => ({ nowMs, room: anyRoom });

  test("keep what still means the same under the new rule, and let go of the rest", () => {
    const smoothing = smoothingOf(settings);
    hear(smoothing, [read(), read({ epc: "AA", antenna: 3 })], step(0));
    hear(smoothing, [read(), read({ epc: "AA", antenna: 3 })], step(10));
    const moved = {
      ...gate,
      antennas: [
        { port: 1, place: "gate" },
        { port: 3, place: "yard" },
      ],
    };
    rebind(smoothing, bound(moved, { ...settings, reReportMs: 1_000 }), 20);
    expect(passTime(smoothing, step(20))).toMatchObject([{ tag: "AA", place: "wash", reads: 1 }]);
    expect(passTime(smoothing, step(1_019))).toEqual([]);
    expect(passTime(smoothing, step(1_020))).toMatchObject([{ tag: epc, place: "gate", reads: 1 }]);
  });

  test("let go of tags that are not wanted any more", () => {
    const smoothing = smoothingOf(settings);
    hear(smoothing, [read(), read({ epc: "AA" })], step(0));
    hear(smoothing, [read(), read({ epc: "AA" })], step(10));
    rebind(smoothing, bound(gate, { ...settings, tags: ["30"] }), 20);
    expect(passTime(smoothing, step(20))).toMatchObject([{ tag: "AA", reads: 1 }]);
    expect([...smoothing.windows.values()].map(({ tag }) => tag)).toEqual([epc]);
  });
});

test("a tag that departed is new when it comes back, and what was held is said before it goes", () => {
  const smoothing = smoothingOf({ ...settings, reReportMs: 10_000, departMs: 1_000 });
  hear(smoothing, [read()], { nowMs: 0, room: anyRoom });
  hear(smoothing, [read()], { nowMs: 10, room: anyRoom });
  expect(sumOf(passTime(smoothing, { nowMs: 1_010, room: anyRoom }))).toBe(1);
  expect(smoothing.windows.size).toBe(0);
  expect(hear(smoothing, [read()], { nowMs: 1_011, room: anyRoom })).toHaveLength(1);
});

test("without room windows keep what they hold and say it later", () => {
  const smoothing = smoothingOf(settings);
  const reads = [read(), read({ epc: "AA" }), read({ epc: "BB" })];
  expect(hear(smoothing, reads, { nowMs: 0, room: 1 })).toHaveLength(1);
  expect(hear(smoothing, reads, { nowMs: 1, room: 0 })).toHaveLength(0);
  expect(smoothing.held).toBe(5);
  const later = passTime(smoothing, { nowMs: 2, room: anyRoom });
  expect(later.map(({ tag, reads: count }) => [tag, count])).toEqual([
    ["AA", 2],
    ["BB", 2],
  ]);
});

test("beyond the bound the least recently read tag goes, and is said before", () => {
  const smoothing = smoothingOf({ ...settings, windowsMax: 2 });
  const step = { nowMs: 0, room: anyRoom };
  hear(smoothing, [read({ epc: "AA" }), read({ epc: "BB" })], step);
  hear(smoothing, [read({ epc: "BB" }), read({ epc: "AA", count: 4 })], step);
  const said = hear(smoothing, [read({ epc: "CC" })], step);
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
      expect(byPlace(hear(smoothingOf(settings), other, step))).toEqual(
        byPlace(hear(smoothingOf(settings), reads, step)),
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
        const rule = { minReads: 2, minRssiDbm: -70, reReportMs: 100, departMs: 1_000, windowsMax };
        const smoothing = smoothingOf({ ...settings, ...rule });
        let nowMs = 0;
        const heard = new Map<number, number>();
        const observed = new Map<number, number>();
        const filtered = new Map<number, number>();
        const add = (to: Map<number, number>, antenna: number, reads: number) =>
          to.set(antenna, (to.get(antenna) ?? 0) + reads);
        const see = (said: readonly Sighting[]) => {
          for (const { readsBy, reads } of said) {
            expect([...readsBy.values()].reduce((sum, count) => sum + count, 0)).toBe(reads);
            for (const [antenna, count] of readsBy) add(observed, antenna, count);
          }
        };
        const expectAllAccountedFor = () => {
          for (const antenna of [1, 2, 3, 4, 5])
            expect(heard.get(antenna) ?? 0, `antenna ${antenna}`).toBe(
              (filtered.get(antenna) ?? 0) +
                (smoothing.heldBy.get(antenna) ?? 0) +
                (observed.get(antenna) ?? 0),
            );
        };
        for (const one of acts) {
          if (one.kind === "hear") {
            for (const { antenna, count } of one.reads) add(heard, antenna, Math.max(1, count));
            const { said, tallies } = hearReads(smoothing, one.reads, { nowMs, room: one.room });
            expect(said.length).toBeLessThanOrEqual(one.room);
            for (const tally of tallies)
              for (const rule of filterRules) add(filtered, tally.antenna, tally.filtered[rule] ?? 0);
            see(said);
          } else if (one.kind === "pass") {
            nowMs += one.ms;
            see(passTime(smoothing, { nowMs, room: one.room }));
          } else release(smoothing);
          const windows = [...smoothing.windows.values(), ...smoothing.ready];
          expect(new Set(windows).size).toBe(smoothing.windows.size + smoothing.leaving);
          expect(new Set(windows).size).toBeLessThanOrEqual(windowsMax);
          expect([...new Set(windows)].reduce((sum, window) => sum + window.held, 0)).toBe(smoothing.held);
          expectAllAccountedFor();
        }
        release(smoothing);
        see(passTime(smoothing, { nowMs, room: anyRoom }));
        expect(smoothing).toMatchObject({ held: 0, leaving: 0 });
        expect(smoothing.heldBy.size).toBe(0);
        expectAllAccountedFor();
      }),
    );
  });

  test("a tag that stays is said once per interval at each place, no more", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 80 }), (pauses) => {
        const smoothing = smoothingOf({ ...settings, reReportMs: 100, departMs: 10_000, windowsMax: 10 });
        const saidAt: number[] = [];
        let nowMs = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const step = { nowMs, room: anyRoom };
          const said = [...passTime(smoothing, step), ...hear(smoothing, [read()], step)];
          saidAt.push(...said.map(() => nowMs));
        }
        for (const [index, at] of saidAt.entries())
          if (index > 0) expect(at - (saidAt[index - 1] ?? 0)).toBeGreaterThanOrEqual(100);
        expect(saidAt[0]).toBe(pauses[0]);
      }),
    );
  });
});
