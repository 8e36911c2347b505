import type { Finding } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { seenAgain } from "./finding-life.ts";
import { fingerprintOf, type Sighting } from "./sighting.ts";
import { examplesMax, foldStorms, keptMax, newsFirst, type Standing } from "./storm.ts";

const sight = (key: string, more: Partial<Sighting> = {}): Sighting => ({
  ...{ code: "field_diff", entity: "item", key, evidence: {}, isCertain: true, ...more },
});
const many = (count: number, prefix = "T"): Sighting[] =>
  Array.from({ length: count }, (_, index) => sight(`${prefix}${index}`));
const minute = (at: number) => new Date(Date.parse("2026-05-04T08:00:00Z") + at * 60_000).toISOString();

/** Findings there are already, each a minute younger than the one before it. */
const standingOf = (
  known: readonly Sighting[],
  { state = "open" as Finding["state"], stormed = [] as readonly Sighting[] } = {},
): Standing => ({
  known: new Map(known.map((one, at) => [fingerprintOf(one), { state, firstSeenAt: minute(at) }])),
  stormed: new Set(stormed.map(fingerprintOf)),
});

const keysOf = (findings: readonly Sighting[]): string[] => findings.map(({ key }) => key);
const stormIn = (findings: readonly Sighting[]): Sighting | undefined =>
  findings.find(({ code }) => code === "systemic");

describe("more of one kind than anybody reads", () => {
  test("are examples and one trouble, which says how many more there are", () => {
    const other = sight("X", { code: "double_rental" });
    const { findings, storms } = foldStorms({
      sightings: [...many(examplesMax + 7), other],
      untold: new Map([["field_diff", 100]]),
    });
    expect(findings).toHaveLength(examplesMax + 2);
    expect(findings).toContain(other);
    expect(stormIn(findings)).toMatchObject({
      ...{ key: "field_diff", entity: "item", remedy: "replay", evidence: { more: 107 } },
    });
    expect(storms.get("field_diff")).toHaveLength(examplesMax + 7);
    expect(foldStorms({ sightings: many(examplesMax) }).findings).toHaveLength(examplesMax);
  });

  test("that are looked for by turns are counted with those whose turn was before", () => {
    const now = many(examplesMax + 4);
    const before = many(300, "B").map(fingerprintOf);
    const standing: Standing = {
      known: new Map([[before[0] ?? "", { state: "open", firstSeenAt: minute(0) }]]),
      stormed: new Set(before),
      lately: new Map([["field_diff", [...before, ...now.slice(0, 2).map(fingerprintOf)]]]),
    };
    const moreAt = (share: number) =>
      stormIn(foldStorms({ sightings: now, shares: new Map([["field_diff", share]]) }, standing).findings)
        ?.evidence.more;
    expect(moreAt(0.1)).toBe(299 + 4);
    // Whoever has looked at everything has seen how many there are.
    expect(moreAt(1)).toBe(4);
  });

  test("have no remedy together that none of them has", () => {
    const { findings } = foldStorms({
      sightings: many(examplesMax + 1).map((one) => ({ ...one, code: "state_unexplained" })),
    });
    expect(stormIn(findings)).toMatchObject({ key: "state_unexplained", remedy: "none" });
  });

  test("that one thing is seen by two tiers makes it no two of them", () => {
    const { findings } = foldStorms({ sightings: [...many(examplesMax), ...many(examplesMax)] });
    expect(stormIn(findings)).toBeUndefined();
  });
});

describe("in a storm", () => {
  test("what is new is named, wherever it stands among those that are known, and those stay findings", () => {
    const known = many(examplesMax);
    const [first, last] = [sight("A"), sight("Z")];
    const { findings } = foldStorms({ sightings: [first, ...known, last] }, standingOf(known));
    expect(keysOf(findings)).toEqual(expect.arrayContaining(["A", "Z", ...keysOf(known)]));
    expect(stormIn(findings)).toMatchObject({ evidence: { more: 0 } });
  });

  test("what was there before and had no room is not new, so that names do not change from audit to audit", () => {
    const all = many(examplesMax * 3);
    const before = foldStorms({ sightings: all });
    const named = before.findings.filter(({ code }) => code === "field_diff");
    const again = foldStorms({ sightings: all }, standingOf(named, { stormed: all }));
    expect(keysOf(again.findings).sort()).toEqual(keysOf(before.findings).sort());
    const news = sight("NEW");
    const grown = foldStorms({ sightings: [...all, news] }, standingOf(named, { stormed: all }));
    expect(keysOf(grown.findings)).toContain("NEW");
    expect(stormIn(grown.findings)).toMatchObject({ evidence: { more: examplesMax * 2 } });
  });

  test("of more that are findings than are kept, the latest stay, and whatever somebody is at work on", () => {
    const known = many(keptMax + 5);
    const [first = sight("")] = known;
    const open = keysOf(foldStorms({ sightings: known }, standingOf(known)).findings);
    expect(open).not.toContain(first.key);
    expect(open).toHaveLength(keptMax + 1);
    const standing = standingOf(known);
    const atWork = new Map(standing.known).set(fingerprintOf(first), {
      ...{ state: "acknowledged" as const, firstSeenAt: minute(0) },
    });
    expect(keysOf(foldStorms({ sightings: known }, { ...standing, known: atWork }).findings)).toContain(
      first.key,
    );
  });

  test("of which each audit looks at another part, what comes into sight is not new for that", () => {
    const known = many(examplesMax);
    const others = many(20, "OTHER-");
    const sightings = [...known, ...others];
    const { findings } = foldStorms({ sightings, partly: new Set(["item"]) }, standingOf(known));
    expect(findings).toHaveLength(examplesMax + 1);
    expect(keysOf(foldStorms({ sightings }, standingOf(known)).findings)).toContain("OTHER-19");
  });

  test("that grows it is the same trouble, and how many there are is said anew", () => {
    const look = { site: "north", at: minute(0), barrier: null, nextId: () => "id" };
    const storm = (count: number) => stormIn(foldStorms({ sightings: many(count) }).findings) ?? sight("");
    const first = seenAgain(undefined, storm(60), look);
    const then = seenAgain(first, storm(600), look);
    expect(then.finding).toMatchObject({ revision: 1, evidence: { more: 550 } });
    expect(then.told).toBeUndefined();
  });
});

test("what nobody has heard of is looked into first", () => {
  const [known, stormed, news] = many(3);
  if (known === undefined || stormed === undefined || news === undefined) throw new Error("too few");
  expect(newsFirst(standingOf([known], { stormed: [stormed] }), [known, stormed, news])).toEqual([
    ...[news, known, stormed],
  ]);
});
