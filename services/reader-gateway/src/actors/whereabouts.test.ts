import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forgetPlaces, hearAt, isAt, newWhereabouts } from "./whereabouts.ts";

const rule = { departMs: 600_000, moveThresholdDb: 6, moveHoldOffMs: 500 };

/** A site and a way to say that a tag was heard. */
const site = (tagsMax = 10) => {
  const whereabouts = newWhereabouts(tagsMax);
  const hear = (
    place: string,
    nowMs: number,
    rssiDbm: number | null = -60,
    more: { tag?: string; count?: number } = {},
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

  test("moves on one read once it was silent for a while, and after the depart timeout on any", () => {
    const { hear } = site();
    hear("gate", 0);
    expect(hear("wash", 4_999, -60)).toBe("elsewhere");
    const later = site();
    later.hear("gate", 0);
    expect(later.hear("wash", 5_001, -75)).toBe("came");
    expect(later.hear("gate", 5_001 + rule.departMs, -90)).toBe("came");
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
