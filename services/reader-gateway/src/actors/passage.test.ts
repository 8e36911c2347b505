import type { Portal, PortalSide, Station } from "@tagwire/messages";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { passageMsMax, passageQuietMs } from "./passage.ts";
import { defaultRule, type ReadRule } from "./read-rule.ts";
import { hearTrigger, newSmoothing, passTime, release, type Smoothing } from "./smoothing.ts";
import { bound, hear, read } from "./test-smoothing.ts";
import { isAt } from "./whereabouts.ts";

const sides: Record<number, PortalSide> = { 1: "outside", 2: "inside" };

const gateWith = (portal: Partial<Portal>, rule: ReadRule = defaultRule): Smoothing => {
  const station: Station = {
    id: "gate",
    mode: "portal",
    portal: { inside: "hall", outside: "yard", by: "antennas", ...portal },
    rules: {},
  };
  const antennas = [1, 2].map((port) => ({ port, side: sides[port] as PortalSide, station: "gate" }));
  return newSmoothing(bound({ antennas, station: null }, rule, [station]), 100);
};

type Walk = readonly (readonly [atMs: number, antenna: number, rssiDbm?: number])[];
const startMs = 1_000_000;

/** Walks a tag through, then waits until it has been silent for long enough; gives where it is and why not. */
const pass = (smoothing: Smoothing, walk: Walk, { epc = "AA", quietMs = passageQuietMs } = {}) => {
  const room = Number.POSITIVE_INFINITY;
  const said = walk.flatMap(([atMs, antenna, rssiDbm = -55]) => [
    ...passTime(smoothing, { nowMs: atMs, room }),
    ...hear(smoothing, [read({ epc, antenna, rssiDbm, heardAtMs: startMs + atMs })], { nowMs: atMs, room }),
  ]);
  const lastMs = walk.at(-1)?.[0] ?? 0;
  said.push(...passTime(smoothing, { nowMs: lastMs + quietMs - 1, room }));
  expect(said).toEqual([]);
  return passTime(smoothing, { nowMs: lastMs + quietMs, room }).map(({ place, stray, reads, station }) => ({
    place,
    stray,
    reads,
    station,
  }));
};
const station = { id: "gate", mode: "portal" };

describe("by the order of antennas", () => {
  const inwards: Walk = [
    [0, 1],
    [300, 1],
    [500, 2],
    [600, 1],
    [900, 2],
    [1_200, 2],
  ];

  test("a tag is inside when the inside heard it later", () => {
    const smoothing = gateWith({});
    expect(pass(smoothing, inwards)).toEqual([{ place: "hall", stray: null, reads: 6, station }]);
    expect(isAt(smoothing.whereabouts, "AA", "hall")).toBe(true);
    expect(isAt(smoothing.whereabouts, "AA", "yard")).toBe(false);
    expect(smoothing).toMatchObject({ held: 0, leaving: 0 });
  });

  test("and outside when it goes back, as often as it goes", () => {
    const smoothing = gateWith({});
    pass(smoothing, inwards);
    const outwards = inwards.map(([atMs, antenna]) => [10_000 + atMs, 3 - antenna] as const);
    expect(pass(smoothing, outwards)).toEqual([{ place: "yard", stray: null, reads: 6, station }]);
    expect(
      pass(
        smoothing,
        inwards.map(([atMs, antenna]) => [20_000 + atMs, antenna] as const),
      ),
    ).toMatchObject([{ place: "hall" }]);
  });

  test.each<[string, Walk]>([
    [
      "is heard on one side only",
      [
        [0, 1],
        [500, 1],
        [900, 1],
      ],
    ],
    [
      "turns round",
      [
        [0, 1],
        [300, 2],
        [500, 2],
        [800, 1],
      ],
    ],
    [
      "is heard on both at once",
      [
        [0, 1],
        [10, 2],
      ],
    ],
  ])("nothing is known of one that %s", (_what, walk) => {
    expect(pass(gateWith({}), walk)).toMatchObject([{ place: null, stray: "undecided", reads: walk.length }]);
  });
});

describe("by light barriers", () => {
  const by = { by: "triggers", triggers: { outside: 3, inside: 4 } } as const;
  const walk: Walk = [
    [0, 1],
    [200, 1],
  ];

  test.each([
    [
      "inside",
      [
        [3, -200],
        [4, 400],
      ],
      "hall",
    ],
    [
      "outside",
      [
        [4, -200],
        [3, 400],
      ],
      "yard",
    ],
    ["nowhere that is known, when only one was broken", [[3, -200]], null],
    [
      "nowhere that is known, when they were broken by somebody long before",
      [
        [3, -9_000],
        [4, -8_000],
      ],
      null,
    ],
  ] as const)("a tag is %s", (_what, broken, place) => {
    const smoothing = gateWith(by);
    for (const [port, atMs] of broken) hearTrigger(smoothing, { port, atMs: startMs + atMs });
    const quietMs = place === null ? 3_000 : passageQuietMs;
    expect(pass(smoothing, walk, { quietMs })).toMatchObject([
      { place, stray: place === null ? "undecided" : null },
    ]);
  });
});

describe("by light barriers that are broken late", () => {
  const by = { by: "triggers", triggers: { outside: 3, inside: 4 } } as const;
  const room = Number.POSITIVE_INFINITY;
  const heardAt = (smoothing: Smoothing) =>
    hear(smoothing, [read({ antenna: 1, heardAtMs: startMs })], { nowMs: 0, room });
  const saidBy = (smoothing: Smoothing, nowMs: number) => passTime(smoothing, { nowMs, room });

  test("a tag is waited for while only one was broken, as long as the other one would count", () => {
    const smoothing = gateWith(by);
    hearTrigger(smoothing, { port: 3, atMs: startMs - 500 });
    heardAt(smoothing);
    expect(saidBy(smoothing, 2_400)).toEqual([]);
    hearTrigger(smoothing, { port: 4, atMs: startMs + 2_500 });
    expect(saidBy(smoothing, 2_600)).toMatchObject([{ place: "hall", stray: null }]);
  });

  test("a tag for which the other one is never broken is told all the same", () => {
    const smoothing = gateWith(by);
    hearTrigger(smoothing, { port: 3, atMs: startMs - 500 });
    heardAt(smoothing);
    expect(saidBy(smoothing, 2_999)).toEqual([]);
    expect(saidBy(smoothing, 3_000)).toMatchObject([{ place: null, stray: "undecided" }]);
  });

  test("the order in which they are told means nothing, only that in which they were broken", () => {
    const smoothing = gateWith(by);
    for (const [port, atMs] of [
      [4, 400],
      [3, -200],
      [4, -900],
    ] as const)
      hearTrigger(smoothing, { port, atMs: startMs + atMs });
    heardAt(smoothing);
    expect(saidBy(smoothing, passageQuietMs)).toMatchObject([{ place: "hall" }]);
  });
});

describe("by the trend of its strength", () => {
  const by = { by: "trend" } as const;
  const at = (...strengths: readonly number[]): Walk =>
    strengths.map((rssiDbm, index) => [index * 150, 2, rssiDbm]);

  test.each([
    ["inside, when it gets louder at an antenna that looks there", at(-70, -66, -61, -58, -52), "hall"],
    ["outside, when it gets fainter", at(-50, -56, -57, -63, -70), "yard"],
    ["nowhere that is known, when it passes by", at(-70, -60, -50, -60, -70), null],
    ["nowhere that is known, by too few reads", at(-70, -50), null],
  ])("a tag is %s", (_what, walk, place) => {
    expect(pass(gateWith(by), walk)).toMatchObject([{ place }]);
  });
});

test("a tag that stands in the gate is told as evidence once a while, and no memory grows", () => {
  const smoothing = gateWith({});
  const room = Number.POSITIVE_INFINITY;
  const said = [];
  for (let nowMs = 0; nowMs <= passageMsMax; nowMs += 20) {
    hear(smoothing, [read({ antenna: 1 + ((nowMs / 20) % 2), heardAtMs: startMs + nowMs })], { nowMs, room });
    said.push(...passTime(smoothing, { nowMs, room }));
    for (const { passage } of smoothing.windows.values())
      expect(passage?.heard.length).toBeLessThanOrEqual(256);
  }
  expect(said).toMatchObject([{ stray: "undecided", reads: passageMsMax / 20 + 1 }]);
});

test("reads that prove nothing are evidence at a portal too", () => {
  const walk: Walk = [
    [0, 1, -80],
    [400, 2, -80],
  ];
  expect(pass(gateWith({}, { ...defaultRule, minRssiDbm: -70 }), walk)).toMatchObject([
    { place: null, stray: "weak" },
  ]);
  expect(pass(gateWith({}, { ...defaultRule, minReads: 9 }), walk)).toMatchObject([
    { place: null, stray: "few" },
  ]);
});

test("a reader that is stopped says what has passed so far", () => {
  const smoothing = gateWith({});
  const room = Number.POSITIVE_INFINITY;
  for (const [nowMs, antenna] of [
    [0, 1],
    [400, 2],
  ] as const)
    hear(smoothing, [read({ antenna, heardAtMs: startMs + nowMs })], { nowMs, room });
  release(smoothing);
  expect(passTime(smoothing, { nowMs: 401, room })).toMatchObject([{ place: "hall", reads: 2 }]);
  expect(smoothing.passing.size).toBe(0);
});

test("whoever walks the other way is on the other side, whatever the walk", () => {
  const walk = fc
    .array(fc.record({ gapMs: fc.integer({ min: 1, max: 1_000 }), antenna: fc.constantFrom(1, 2) }), {
      minLength: 1,
      maxLength: 40,
    })
    .map((steps) => {
      let atMs = 0;
      return steps.map(({ gapMs, antenna }) => {
        atMs += gapMs;
        return [atMs, antenna] as const;
      });
    });
  const mirrored: Record<string, string> = { hall: "yard", yard: "hall" };
  fc.assert(
    fc.property(walk, (steps) => {
      const [one] = pass(gateWith({}), steps);
      const [other] = pass(
        gateWith({}),
        steps.map(([atMs, antenna]) => [atMs, 3 - antenna] as const),
      );
      expect(other?.place ?? null).toBe(mirrored[one?.place ?? ""] ?? null);
    }),
  );
});

describe("of a reader that pushes what it heard in batches", () => {
  const room = Number.POSITIVE_INFINITY;
  const inwards: Walk = [
    [1_000, 1],
    [2_000, 1],
    [3_000, 1],
    [4_000, 2],
    [5_200, 2],
    [6_400, 2],
    [7_000, 2],
  ];
  /** Brings what was heard since the batch before; time goes on in between as the ticker lets it. */
  const inBatches = (
    smoothing: Smoothing,
    walk: Walk,
    { everyMs, untilMs }: { everyMs: number; untilMs: number },
  ) => {
    const said = [];
    for (let nowMs = 0; nowMs <= untilMs; nowMs += 500) {
      const step = { nowMs, unixMs: startMs + nowMs, room };
      const due = walk.filter(([atMs]) => nowMs % everyMs === 0 && atMs <= nowMs && atMs > nowMs - everyMs);
      const reads = due.map(([atMs, antenna]) => read({ epc: "AA", antenna, heardAtMs: startMs + atMs }));
      if (reads.length > 0) said.push(...hear(smoothing, reads, step));
      said.push(...passTime(smoothing, step));
    }
    return said;
  };

  test("a passage is one, however it is cut into batches", () => {
    const smoothing = gateWith({});
    const said = inBatches(smoothing, inwards, { everyMs: 4_000, untilMs: 30_000 });
    expect(said).toMatchObject([{ place: "hall", reads: 7, stray: null }]);
    expect(smoothing.held).toBe(0);
  });

  test("two passages in one batch are two, in whatever order their reads stand in it", () => {
    const smoothing = gateWith({});
    const outwards = inwards.map(([atMs, antenna]) => [atMs + 10_000, 3 - antenna] as const);
    const walk = [...inwards, ...outwards].reverse();
    const said = inBatches(smoothing, walk, { everyMs: 20_000, untilMs: 60_000 });
    expect(said).toMatchObject([
      { place: "hall", reads: 7, stray: null },
      { place: "yard", reads: 7, stray: null },
    ]);
    expect(isAt(smoothing.whereabouts, "AA", "yard")).toBe(true);
  });

  test("a reader that says at once what it hears is not waited for any longer", () => {
    const smoothing = gateWith({});
    expect(
      inBatches(
        smoothing,
        [
          [500, 1],
          [1_000, 2],
        ],
        { everyMs: 500, untilMs: 2_000 },
      ),
    ).toEqual([]);
    expect(passTime(smoothing, { nowMs: 2_500, unixMs: startMs + 2_500, room })).toMatchObject([
      { place: "hall" },
    ]);
  });
});
