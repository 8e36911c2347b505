import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heardAgoMsMax } from "./heard-at.ts";
import { type Lateness, newLateness } from "./lateness.ts";
import { goesDeaf, hears, listenAt } from "./listeners.ts";
import { forgetPlaces, forgetSilent, goOnAt, hearAt, isAt, newWhereabouts } from "./whereabouts.ts";

const rule = { departMs: 600_000, moveThresholdDb: 6, moveHoldOffMs: 500 };

/** A site and a way to say that a tag was heard. */
const site = (tagsMax = 10) => {
  const whereabouts = newWhereabouts(tagsMax);
  const hear = (
    place: string,
    nowMs: number,
    rssiDbm: number | null = -60,
    more: { tag?: string; count?: number; lateness?: Lateness } = {},
  ) => hearAt(whereabouts, { tag: "AA", count: 1, ...more, place, rssiDbm, heardMs: nowMs, nowMs }, rule);
  return { whereabouts, hear };
};

test("a tag came when it is heard first, and is there when it is heard again", () => {
  const { whereabouts, hear } = site();
  expect([hear("gate", 0), hear("gate", 10)]).toEqual(["came", "here"]);
  expect(isAt(whereabouts, "AA", "gate")).toBe(true);
  expect(isAt(whereabouts, "AA", "wash")).toBe(false);
  expect(isAt(whereabouts, "BB", "wash")).toBe(true);
});

describe("a tag that is heard at another place", () => {
  test("stays where it is while that is not stronger by more than the threshold", () => {
    const { hear } = site();
    hear("gate", 0);
    const heard = Array.from({ length: 50 }, (_, round) => {
      hear("gate", round * 100);
      return hear("wash", round * 100 + 50, -54);
    });
    expect(new Set(heard)).toEqual(new Set(["elsewhere"]));
  });

  test("moves with the second read that is, and one read is not enough", () => {
    const { hear } = site();
    hear("gate", 0);
    expect([hear("wash", 50, -40), hear("wash", 60, -40), hear("gate", 70)]).toEqual([
      "elsewhere",
      "came",
      "elsewhere",
    ]);
  });

  test("moves on weaker reads the longer it was not heard where it was", () => {
    const { hear } = site();
    hear("gate", 0, -60, { count: 2 });
    expect(hear("wash", 700, -62, { count: 2 })).toBe("elsewhere");
    expect(hear("wash", 1_600, -62)).toBe("came");
  });

  test("does not move on one read, however long it was silent, until it has departed", () => {
    const { hear } = site();
    hear("gate", 0);
    expect(hear("wash", 60_000, -40)).toBe("elsewhere");
    expect(hear("gate", 60_100)).toBe("here");
    expect(hear("wash", 60_100 + rule.departMs, -90)).toBe("came");
  });

  test("moves on two reads of that silence, and not on one of it and one that came before", () => {
    const { hear } = site();
    hear("gate", 0);
    expect(hear("wash", 50, -75)).toBe("elsewhere");
    hear("gate", 100);
    expect([hear("wash", 5_200, -75), hear("wash", 5_300, -75)]).toEqual(["elsewhere", "came"]);
  });

  test("is believed of a reader that tells no strength as of any other", () => {
    const { hear } = site();
    hear("gate", 0, null);
    expect([hear("wash", 100, null), hear("wash", 1_400, null)]).toEqual(["elsewhere", "came"]);
  });
});

test("what was at a place that nobody reads any more is news wherever it is read next", () => {
  const { whereabouts, hear } = site();
  hear("gate", 0);
  hear("dock", 0, -60, { tag: "BB" });
  forgetPlaces(whereabouts, new Set(["gate"]));
  expect([hear("wash", 10), hear("wash", 10, -60, { tag: "BB" })]).toEqual(["came", "elsewhere"]);
});

test("a tag that departed is news where it was, too", () => {
  const { hear } = site();
  hear("gate", 0);
  expect(hear("gate", rule.departMs)).toBe("came");
});

describe("where another process left a tag", () => {
  const gateReader = newLateness();
  /** A tag at the gate since ten seconds, of which nobody has heard since, and a reader there that is not back yet. */
  const left = () => {
    const open = site();
    const { listeners } = open.whereabouts;
    listenAt(listeners, { who: gateReader, places: new Set(["gate"]), departMs: rule.departMs, nowMs: 0 });
    goOnAt(
      open.whereabouts,
      { tag: "AA", place: "gate", meanDbm: -60, sinceMs: -10_000 },
      { nowMs: 0, lateness: gateReader },
    );
    return { ...open, listeners };
  };
  const hearWeakly = (hear: ReturnType<typeof site>["hear"], fromMs: number, untilMs: number) => {
    const said: string[] = [];
    for (let nowMs = fromMs; nowMs < untilMs; nowMs += 100) said.push(hear("wash", nowMs, -75));
    return new Set(said);
  };

  test("it is, however weakly it is heard elsewhere while nobody listens there", () => {
    const { hear, listeners } = left();
    expect(hearWeakly(hear, 10, 20_000)).toEqual(new Set(["elsewhere"]));
    hears(listeners, gateReader, 20_000);
    expect(hear("gate", 20_100, -60, { lateness: gateReader })).toBe("here");
    goesDeaf(listeners, gateReader, 21_000);
    expect(hearWeakly(hear, 21_000, 40_000)).toEqual(new Set(["elsewhere"]));
  });

  test("it is no more once whoever listens there does not hear it, or was waited for long enough", () => {
    const { hear, listeners } = left();
    hears(listeners, gateReader, 1_000);
    expect(hearWeakly(hear, 1_000, 3_500)).toEqual(new Set(["elsewhere"]));
    expect(hearWeakly(hear, 3_500, 5_000)).toContain("came");
    const lost = left();
    expect(hearWeakly(lost.hear, 10, 30_000)).toEqual(new Set(["elsewhere"]));
    expect(hearWeakly(lost.hear, 30_000, 40_000)).toContain("came");
  });

  test("it is no more when it is clearly nearer elsewhere, and what was heard before it came there moves it nowhere", () => {
    const { hear } = left();
    const before = [hear("wash", -10_100, -30), hear("wash", -10_050, -30)];
    expect([...before, hear("wash", 10, -40), hear("wash", 20, -40)]).toEqual([
      ...["elsewhere", "elsewhere", "elsewhere"],
      "came",
    ]);
  });
});

describe("what a reader heard last that is away", () => {
  const [dock, own, beside] = [newLateness(), newLateness(), newLateness()];
  /** A tag in the store, heard at 0 by its `own` reader, and others of the site. */
  const store = (places: { beside: readonly string[] }) => {
    const open = site();
    const { listeners } = open.whereabouts;
    listenAt(listeners, { who: own, places: new Set(["store"]), departMs: rule.departMs, nowMs: -100 });
    listenAt(listeners, {
      who: beside,
      places: new Set(places.beside),
      departMs: rule.departMs,
      nowMs: -100,
    });
    listenAt(listeners, { who: dock, places: new Set(["dock"]), departMs: rule.departMs, nowMs: -100 });
    for (const who of [own, beside, dock]) hears(listeners, who, -50);
    const hear = (who: typeof own, place: string, nowMs: number, rssiDbm: number, tag = "AA") =>
      hearAt(open.whereabouts, { tag, place, rssiDbm, count: 1, heardMs: nowMs, nowMs, lateness: who }, rule);
    hear(own, "store", 0, -55);
    const hearFaintly = (fromMs: number, untilMs: number) => {
      const said: string[] = [];
      for (let nowMs = fromMs; nowMs < untilMs; nowMs += 100) said.push(hear(dock, "dock", nowMs, -75));
      return new Set(said);
    };
    return { listeners, hear, hearFaintly };
  };

  test.each([
    { what: "a second reader there", places: ["store"] },
    { what: "a portal that leads there", places: ["gate", "store", "yard"] },
  ])("stays where it is, although $what goes on hearing its own tags", ({ places }) => {
    const { listeners, hear, hearFaintly } = store({ beside: places });
    goesDeaf(listeners, own, 100);
    for (let nowMs = 200; nowMs < 20_000; nowMs += 1_000) {
      hear(beside, "store", nowMs, -50, "BB");
      expect(hearFaintly(nowMs, nowMs + 1_000)).toEqual(new Set(["elsewhere"]));
    }
    hears(listeners, own, 20_200);
    expect(hearFaintly(20_200, 25_000)).toContain("came");
  });

  test("is not waited for while another one that is away did not hear it last, or when its reader left the place", () => {
    const besides = store({ beside: ["store"] });
    goesDeaf(besides.listeners, beside, 100);
    expect(besides.hearFaintly(200, 5_000)).toContain("came");
    const moved = store({ beside: ["store"] });
    goesDeaf(moved.listeners, own, 100);
    listenAt(moved.listeners, { who: own, places: new Set(["yard"]), departMs: rule.departMs, nowMs: 200 });
    expect(moved.hearFaintly(200, 5_000)).toContain("came");
  });

  test("stays where it is over many cuts, of which each counts, but for half a minute in all", () => {
    const { listeners, hearFaintly } = store({ beside: [] });
    for (let cut = 0; cut < 10; cut += 1) {
      goesDeaf(listeners, own, 100 + cut * 2_000);
      hears(listeners, own, 2_000 + cut * 2_000);
    }
    goesDeaf(listeners, own, 20_100);
    // Ten times it listened for 0.1 s, and once more: too little for so faint reads.
    expect(hearFaintly(20_200, 31_000)).toEqual(new Set(["elsewhere"]));
    expect(hearFaintly(31_000, 36_000)).toContain("came");
  });
});

test("a place is forgotten when the last reader leaves it, and the bound grows with the readers", () => {
  const { whereabouts, hear } = site(2);
  const [one, other] = [newLateness(), newLateness()];
  const listen = (who: typeof one, ...places: string[]) =>
    listenAt(whereabouts.listeners, { who, places: new Set(places), departMs: rule.departMs, nowMs: 0 });
  expect([listen(one, "gate", "wash"), listen(other, "gate")]).toEqual([new Set(), new Set()]);
  for (const tag of ["AA", "BB", "CC", "DD", "EE"]) hear("gate", 0, -60, { tag });
  expect([...whereabouts.tracks.keys()]).toEqual(["BB", "CC", "DD", "EE"]);
  expect(listen(one, "dock")).toEqual(new Set(["wash"]));
  expect(listen(other)).toEqual(new Set(["gate"]));
});

test("tags and places are forgotten beyond the bound, the longest silent first", () => {
  const { whereabouts, hear } = site(2);
  hear("gate", 0, -60, { tag: "AA" });
  hear("gate", 1, -60, { tag: "BB" });
  hear("gate", 2, -60, { tag: "AA" });
  hear("gate", 3, -60, { tag: "CC" });
  expect([...whereabouts.tracks.keys()]).toEqual(["AA", "CC"]);
  for (let place = 0; place < 30; place += 1) hear(`shelf ${place}`, 10, -90);
  expect(whereabouts.tracks.get("AA")?.spots.size).toBeLessThanOrEqual(8);
});

test("whatever is heard, a tag is at one place, and comes only to where it was just heard", () => {
  const heard = fc.record({
    tag: fc.constantFrom("AA", "BB", "CC"),
    place: fc.constantFrom("gate", "wash", "dock"),
    rssiDbm: fc.option(fc.integer({ min: -80, max: -30 })),
    count: fc.integer({ min: 1, max: 5 }),
    pauseMs: fc.oneof(fc.nat(2_000), fc.nat(700_000)),
  });
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 80 }), (all) => {
      const whereabouts = newWhereabouts(2);
      let nowMs = 0;
      for (const { pauseMs, ...one } of all) {
        nowMs += pauseMs;
        const before = whereabouts.tracks.get(one.tag)?.here;
        const said = hearAt(whereabouts, { ...one, heardMs: nowMs, nowMs }, rule);
        const after = whereabouts.tracks.get(one.tag)?.here;
        if (said === "elsewhere") expect([after, before !== one.place]).toEqual([before, true]);
        else expect(after).toBe(one.place);
        expect(whereabouts.tracks.size).toBeLessThanOrEqual(2);
      }
    }),
  );
});

describe("a tag that was silent for very long", () => {
  /** A site with a reader that hears all there is, and whatever else it says. */
  const heardBy = () => {
    const { whereabouts } = site(100);
    const who = newLateness();
    const { listeners } = whereabouts;
    const places = new Set(["gate", "wash", "dock"]);
    listenAt(listeners, { who, places, departMs: rule.departMs, nowMs: 0 });
    hears(listeners, who, 0);
    return { whereabouts, who, listeners };
  };

  test("is forgotten, and none that was heard since", () => {
    const { whereabouts, who } = heardBy();
    const hear = (tag: string, nowMs: number) =>
      hearAt(
        whereabouts,
        { tag, place: "gate", rssiDbm: -60, count: 1, heardMs: nowMs, nowMs, lateness: who },
        rule,
      );
    hear("AA", 0);
    hear("BB", 10);
    hear("CC", 20);
    hear("BB", 30);
    const goneMs = rule.departMs + 30_000 + heardAgoMsMax;
    forgetSilent(whereabouts, goneMs - 1);
    expect([...whereabouts.tracks.keys()]).toEqual(["AA", "CC", "BB"]);
    forgetSilent(whereabouts, goneMs + 20);
    expect([...whereabouts.tracks.keys()]).toEqual(["BB"]);
  });

  test("means the same as one that is remembered, however late it is told and whoever was lost", () => {
    const step = fc.record({
      tag: fc.constantFrom("AA", "BB"),
      place: fc.constantFrom("gate", "wash", "dock"),
      rssiDbm: fc.integer({ min: -80, max: -30 }),
      count: fc.integer({ min: 1, max: 3 }),
      pauseMs: fc.oneof(fc.nat(2_000), fc.nat(2 * (rule.departMs + heardAgoMsMax))),
      agoMs: fc.oneof(fc.constant(0), fc.nat(heardAgoMsMax)),
      isLost: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const [forgetful, thorough] = [heardBy(), heardBy()];
        let nowMs = 0;
        for (const { pauseMs, agoMs, isLost, ...one } of steps) {
          nowMs += pauseMs;
          forgetSilent(forgetful.whereabouts, nowMs);
          const said = [forgetful, thorough].map(({ whereabouts, who, listeners }) => {
            hears(listeners, who, nowMs);
            const heard = { ...one, heardMs: nowMs - agoMs, nowMs, lateness: who };
            const answer = hearAt(whereabouts, heard, rule);
            if (isLost) goesDeaf(listeners, who, nowMs);
            return answer;
          });
          expect(said[0]).toBe(said[1]);
        }
      }),
    );
  });
});
