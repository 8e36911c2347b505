import { findingStates, newId, openFindingStates, type RemedyPlan } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { actOn, type KeptFinding, seenAgain } from "./finding-life.ts";
import { healingBegun, healingOf, healProposed } from "./heal.ts";
import type { Sighting } from "./sighting.ts";

const actedAt = "2026-05-04T09:00:00.000Z";

const look = { site: "north", at: "2026-05-04T08:00:00.000Z", barrier: { epoch: 1, pos: 9 }, nextId: newId };
const opened = (more: Partial<Sighting> = {}): KeptFinding =>
  seenAgain(
    undefined,
    { code: "field_diff", entity: "item", key: "T1", evidence: {}, isCertain: true, ...more },
    look,
  );
const critical = opened({ code: "state_unexplained", remedy: "edit" });
const plan: RemedyPlan = { remedy: "edit", tag: "T1", version: 3, fields: [] };
const byAnn = { by: "ann", why: undefined, plan };
const resolution = { resolution: "source_corrected" } as const;

test("one that is not critical is healed by whoever says so, and stays as open as it was until audits prove it", () => {
  expect(healingOf(opened().finding, "ann")).toBe("healing");
  const { finding } = opened();
  const { told, ...after } = healingBegun({ finding, missed: 1 }, { ...byAnn, why: "seen" }, "made anew");
  expect(after).toMatchObject({ missed: 1, finding: { state: "open", version: finding.version + 1 } });
  expect(told).toEqual({ what: "healing", why: "seen (made anew)", data: { healing: plan } });
});

test("a critical one is proposed by the first, refused to the same, and healed by the second", () => {
  expect(healingOf(critical.finding, "ann")).toBe("proposed");
  const proposed = healProposed(critical, byAnn);
  expect(proposed).toMatchObject({
    finding: { state: "in_review", proposedBy: "ann", owner: "ann", resolution: null },
    told: { what: "heal_proposed", data: { healing: plan } },
  });
  expect(healingOf(proposed.finding, "ann")).toBe("refused");
  expect(healingOf(proposed.finding, "bob")).toBe("healing");
  const { finding } = healingBegun(proposed, { ...byAnn, by: "bob" }, "set back");
  expect(finding).toMatchObject({ state: "in_review", proposedBy: null });
  // Where it did not help it takes two again.
  expect(healingOf(finding, "bob")).toBe("proposed");
});

describe("a proposal to heal and one of how it was resolved", () => {
  test("are not each other's second word", () => {
    const toHeal = actOn(healProposed(critical, byAnn), "resolve", "bob", resolution, actedAt);
    expect(toHeal.finding).toMatchObject({ state: "in_review", proposedBy: "bob", ...resolution });
    const toResolve = actOn(critical, "resolve", "ann", resolution, actedAt);
    expect(healingOf(toResolve.finding, "bob")).toBe("proposed");
    expect(healProposed(toResolve, { ...byAnn, by: "bob" }).finding).toMatchObject({
      proposedBy: "bob",
      resolution: null,
    });
  });

  test("are void once something else differs", () => {
    const otherwise: Sighting = {
      ...{ code: "state_unexplained", entity: "item", key: "T1", isCertain: true, remedy: "edit" },
      evidence: { folded: { quality: "A" } },
    };
    for (const proposed of [
      healProposed(critical, byAnn),
      actOn(critical, "resolve", "ann", resolution, actedAt),
    ])
      expect(seenAgain(proposed, otherwise, look).finding).toMatchObject({
        ...{ state: "open", proposedBy: null, resolution: null },
      });
  });
});

test.each(findingStates.filter((state) => !openFindingStates.some((one) => one === state)))(
  "one that is %s is not healed",
  (state) => {
    expect(() => healingOf({ ...opened().finding, state }, "ann")).toThrow(
      expect.objectContaining({ code: "finding_state" }),
    );
  },
);

test("what has no remedy is not healed; the remedy is that of what was seen last", () => {
  const none = { code: "state_unexplained", remedy: "none" } as const;
  const unhealable = opened(none);
  expect(() => healingOf(unhealable.finding, "ann")).toThrow(
    expect.objectContaining({ code: "finding_state" }),
  );
  const healable = seenAgain(
    unhealable,
    { ...none, entity: "item", key: "T1", evidence: {}, isCertain: true, remedy: "edit" },
    look,
  );
  expect(healable.finding.remedy).toBe("edit");
  expect(opened({ code: "double_rental" }).finding.remedy).toBe("none");
});
