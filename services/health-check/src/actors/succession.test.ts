import { newId } from "@tagwire/messages";
import { expect, test } from "vitest";
import { actOn, type KeptFinding, type Look, type Step, seenAgain } from "./finding-life.ts";
import type { Sighting } from "./sighting.ts";
import { unseen, wasHeardOf, wasLookedAt } from "./succession.ts";

const actedAt = "2026-05-04T09:00:00.000Z";

const look = (minute: number): Look => ({
  site: "north",
  at: `2026-05-04T08:${String(minute).padStart(2, "0")}:00.000Z`,
  barrier: { epoch: 1, pos: minute },
  nextId: newId,
});
const sight = (code: Sighting["code"], key = "T1", more: Partial<Sighting> = {}): Sighting => ({
  ...{ code, entity: "item", key, evidence: {}, isCertain: true, ...more },
});
const see = (sighting: Sighting, known?: KeptFinding): Step => seenAgain(known, sighting, look(5));
const differs = see(sight("field_diff"));

test("one in whose place another code has come is superseded at once, and names it", () => {
  const other = see(sight("state_unexplained"));
  for (const known of [differs, actOn(differs, "acknowledge", "ann", {}, actedAt)])
    expect(unseen(known, [see(sight("field_diff", "T2")), other], look(5))).toMatchObject({
      finding: { state: "superseded", dueAt: null, evidence: { supersededBy: other.finding.id } },
      told: { what: "superseded", why: expect.stringContaining(other.finding.id) },
    });
});

test.each([
  ["at another thing", see(sight("state_unexplained", "T2"))],
  ["at another entity of that name", see(sight("contract_quantity", "T1", { entity: "contract" }))],
  ["that is only suspected", see(sight("out_without_contract", "T1", { isCertain: false }))],
  ["that was there all along", see(sight("state_unexplained"), see(sight("state_unexplained")))],
])("a finding %s takes nobody's place", (_what, other) => {
  const missed = unseen(differs, [other], look(5));
  expect(missed).toMatchObject({ missed: 1, finding: { state: "open" } });
  expect(unseen(missed, [other], look(10)).finding.state).toBe("auto_healed");
});

test("what was suspected takes a place once it is open", () => {
  const doubtful = sight("out_without_contract", "T1", { isCertain: false });
  const suspect = see(doubtful);
  const missed = unseen(differs, [suspect], look(5));
  const confirmed = see(doubtful, suspect);
  expect(unseen(missed, [confirmed], look(10)).finding).toMatchObject({
    ...{ state: "superseded", evidence: { supersededBy: confirmed.finding.id } },
  });
});

test("of several that have come the most severe one takes the place", () => {
  const [minor, severe] = [see(sight("orphan_contract")), see(sight("state_unexplained"))];
  expect(unseen(differs, [minor, severe], look(5)).finding.evidence.supersededBy).toBe(severe.finding.id);
});

test("a superseded one that is seen again is open again, and its successor is named no more", () => {
  const over = unseen(differs, [see(sight("state_unexplained"))], look(5));
  const again = see(sight("field_diff"), over);
  expect(again).toMatchObject({ finding: { state: "open", reopened: 1 }, told: { what: "reopened" } });
  expect(again.finding.evidence).not.toHaveProperty("supersededBy");
  const byHand = actOn(over, "reopen", "ann", {}, actedAt);
  expect(byHand.finding).toMatchObject({ state: "open", reopened: 1 });
  expect(byHand.finding.evidence).not.toHaveProperty("supersededBy");
  // Where nobody does anything it stays what it is.
  expect(unseen(over, [], look(10)).finding).toEqual(over.finding);
});

test.each([
  ["of its code", sight("systemic", "field_diff")],
  ["of rows of its entity", sight("systemic", "item")],
])(
  "where much %s differs, one that was not looked at is superseded by that instead of healed",
  (_what, many) => {
    const whole = see(many);
    expect(unseen(differs, [whole], look(5)).finding).toMatchObject({
      ...{ state: "superseded", evidence: { supersededBy: whole.finding.id } },
    });
    // It stands for all of its kind however long it has been there, and while it is doubtful nothing is said.
    expect(unseen(differs, [see(many, whole)], look(10)).finding.state).toBe("superseded");
    expect(unseen(differs, [see({ ...many, isCertain: false })], look(5))).toEqual(differs);
  },
);

test.each([
  ["of another code", sight("systemic", "missing_in_manager"), differs],
  ["of another entity", sight("systemic", "contract"), differs],
  ["of rows, where it is about none", sight("systemic", "item"), see(sight("double_rental"))],
])("where much %s differs, it is missed as ever", (_what, many, known) => {
  expect(unseen(known, [see(many)], look(5))).toMatchObject({ missed: 1, finding: { state: "open" } });
});

test("what differs in a part that no audit looked into is not taken for healed", () => {
  const partly = new Set(["item"]);
  const finding = (code: Sighting["code"], entity: string) => see(sight(code, "T1", { entity })).finding;
  expect(wasLookedAt(finding("field_diff", "item"), partly)).toBe(false);
  expect(wasLookedAt(finding("field_diff", "contract"), partly)).toBe(true);
  expect(wasLookedAt(finding("duplicate_tag", "item"), partly)).toBe(true);
});

test.each([
  { code: "ledger_open", entity: "reader", key: "dock", isHeard: false },
  { code: "clock_skew", entity: "clock", key: "dock", isHeard: false },
  { code: "systemic", entity: "reader", key: "ledger_open", isHeard: false },
  { code: "systemic", entity: "clock", key: "clock_skew", isHeard: false },
  { code: "ledger_open", entity: "device", key: "sled-1", isHeard: true },
  { code: "clock_skew", entity: "clock", key: "sled-1", isHeard: true },
  { code: "systemic", entity: "item", key: "field_diff", isHeard: true },
  { code: "field_diff", entity: "item", key: "T1", isHeard: true },
] as const)(
  "while nobody says how readers are, $code of $entity $key was heard of: $isHeard",
  ({ isHeard, ...finding }) => {
    const devices = new Set(["sled-1"]);
    expect(wasHeardOf(finding, { isOfReaders: false, devices })).toBe(isHeard);
    expect(wasHeardOf(finding, { isOfReaders: true, devices: new Set() })).toBe(true);
  },
);
