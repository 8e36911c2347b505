import { type Finding, newId } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { actOn, type KeptFinding, type Look, notSeen, seenAgain } from "./finding-life.ts";
import { fingerprintOf, type Sighting, signatureOf } from "./sighting.ts";

const actedAt = "2026-05-04T09:00:00.000Z";

const look = (minute: number): Look => ({
  site: "north",
  at: `2026-05-04T08:${String(minute).padStart(2, "0")}:00.000Z`,
  barrier: { epoch: 1, pos: minute },
  nextId: newId,
});

const differing = (more: Partial<Sighting> = {}): Sighting => ({
  code: "field_diff",
  entity: "item",
  key: "T1",
  evidence: { operations: { quality: "A" }, manager: { quality: "B" }, fields: ["quality"] },
  isCertain: true,
  ...more,
});
const otherwise = differing({ evidence: { operations: { quality: "A" }, manager: { quality: "C" } } });

const opened = (sighting = differing()): KeptFinding => seenAgain(undefined, sighting, look(0));
const after = (kept: KeptFinding, ...acts: Parameters<typeof actOn>[1][]): KeptFinding =>
  acts.reduce((now, act) => actOn(now, act, "ann", { resolution: "fixed_forward" }, actedAt), kept);
const stateOf = ({ finding }: KeptFinding): Finding["state"] => finding.state;

test("what is certain is open at once, and due by how severe it is; what is not is suspected until it is seen twice", () => {
  expect(opened().finding).toMatchObject({
    state: "open",
    severity: "high",
    dueAt: "2026-05-07T08:00:00.000Z",
  });
  const suspect = opened(differing({ isCertain: false }));
  expect(suspect.finding).toMatchObject({ state: "suspect", dueAt: null });
  expect(stateOf(seenAgain(suspect, differing({ isCertain: false }), look(5)))).toBe("open");
  expect(notSeen(suspect, look(5)).finding.state).toBe("auto_healed");
});

test("one that is equal at two audits in a row has healed, and says where; one audit in between does not count", () => {
  const once = notSeen(opened(), look(5));
  expect(once).toMatchObject({ missed: 1, finding: { state: "open" } });
  expect(once).not.toHaveProperty("told");
  const healed = notSeen(once, look(10));
  expect(healed).toMatchObject({
    finding: { state: "auto_healed", dueAt: null },
    told: { what: "auto_healed" },
  });
  expect(healed.finding.evidence.detail).toContain("1:10");
  const again = seenAgain(once, differing(), look(10));
  expect(notSeen(again, look(15)).finding.state).toBe("open");
});

test("what may stay as it is stays resolved for as long as it is exactly that", () => {
  for (const resolution of ["accepted_difference", "false_positive"] as const) {
    const left = actOn(opened(), "resolve", "ann", { resolution }, actedAt);
    const seen = seenAgain(left, differing(), look(5));
    expect(seen).toMatchObject({ finding: { state: "resolved", resolution, seen: 2, reopened: 0 } });
    expect(seen).not.toHaveProperty("told");
    expect(stateOf(seenAgain(seen, otherwise, look(10)))).toBe("open");
  }
});

test("what comes back is open again, and counts how often", () => {
  const healed = notSeen(notSeen(opened(), look(5)), look(10));
  for (const over of [healed, after(opened(), "resolve"), after(opened(), "resolve", "close")])
    expect(seenAgain(over, differing(), look(15))).toMatchObject({
      finding: { state: "open", reopened: 1, resolution: null },
      told: { what: "reopened" },
    });
});

describe("another signature", () => {
  test("is news to whoever acknowledged the one before", () => {
    for (const known of [after(opened(), "acknowledge"), after(opened(), "review")])
      expect(seenAgain(known, otherwise, look(5))).toMatchObject({
        finding: { state: "open", revision: 2, evidence: { manager: { quality: "C" } } },
        told: { what: "revised" },
      });
  });

  test("leaves nobody anything to second that was proposed of the one before", () => {
    const known = opened();
    const proposed = { ...known, finding: { ...known.finding, proposedBy: "ann" } };
    expect(seenAgain(proposed, differing(), look(5)).finding.proposedBy).toBe("ann");
    expect(seenAgain(proposed, otherwise, look(5)).finding).toMatchObject({
      state: "open",
      proposedBy: null,
    });
  });

  test("the same one is none", () => {
    const known = after(opened(), "acknowledge");
    const seen = seenAgain(known, differing(), look(5));
    expect(seen).toMatchObject({ finding: { state: "acknowledged", revision: 1, seen: 2 } });
    expect(seen).not.toHaveProperty("told");
  });

  test("is not made by newer events of the same thing", () => {
    const events = differing({ evidence: { ...differing().evidence, events: [{ pos: 9 }] } });
    expect(signatureOf(events)).toBe(signatureOf(differing()));
    expect(signatureOf(otherwise)).not.toBe(signatureOf(differing()));
    expect(fingerprintOf(otherwise)).toBe(fingerprintOf(differing()));
    expect(fingerprintOf(differing({ key: "T2" }))).not.toBe(fingerprintOf(differing()));
  });
});

test("a critical one is resolved when somebody else says so, too", () => {
  const critical = opened(differing({ code: "state_unexplained" }));
  const resolution = { resolution: "source_corrected" } as const;
  const proposed = actOn(critical, "resolve", "ann", resolution, actedAt);
  expect(proposed.finding).toMatchObject({ state: "in_review", proposedBy: "ann" });
  expect(() => actOn(proposed, "resolve", "ann", resolution, actedAt)).toThrow(
    expect.objectContaining({ code: "second_person_required" }),
  );
  const resolved = actOn(proposed, "resolve", "bob", { resolution: "false_positive" }, actedAt);
  expect(resolved.finding).toMatchObject({ state: "resolved", resolution: "source_corrected", dueAt: null });
});

test.each([
  ["suspect", "acknowledge"],
  ["suspect", "resolve"],
  ["open", "close"],
  ["open", "reopen"],
  ["resolved", "acknowledge"],
  ["closed", "close"],
] as const)("one that is %s does not %s", (state, act) => {
  const kept = { missed: 0, finding: { ...opened().finding, state } };
  expect(() => actOn(kept, act, "ann", { resolution: "fixed_forward" }, actedAt)).toThrow(
    expect.objectContaining({ code: "finding_state" }),
  );
});

test("one that a person opens again is due anew, from that moment", () => {
  const again = actOn(after(opened(), "resolve"), "reopen", "bob", {}, "2026-05-09T08:00:00.000Z");
  expect(again.finding).toMatchObject({ state: "open", reopened: 1, dueAt: "2026-05-12T08:00:00.000Z" });
});

test("a resolution says how", () => {
  expect(() => actOn(opened(), "resolve", "ann", {}, actedAt)).toThrow(
    expect.objectContaining({ code: "malformed" }),
  );
});
