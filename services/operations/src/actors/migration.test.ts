import {
  Fault,
  type MigrateSite,
  type MigrationGate,
  type MigrationStage,
  migrationGates,
} from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { decideMigration } from "./migration.ts";
import { originOf } from "./test-acts.ts";

const gate = (more: Partial<MigrationGate> = {}): MigrationGate => ({
  ...{ name: "agreement", met: true, needed: true, value: 1, target: 0.995, unit: "share" },
  ...{ why: null, asOf: null },
  ...more,
});
const all = migrationGates.map((name) => gate({ name }));
/** All of them, with one that is otherwise. */
const allBut = (one: MigrationGate) => all.map((each) => (each.name === one.name ? one : each));
const unmet = gate({ met: false, value: 0.9 });
const unknown = gate({ met: null, value: null, why: "no run" });

const decide = (stage: MigrationStage | undefined, asked: Partial<MigrateSite>) => {
  try {
    const { said } = decideMigration(
      stage,
      { from: "parallel", direction: "advance", gates: all, ...asked },
      originOf({ by: { person: "ann" } }),
    );
    return said?.data;
  } catch (error) {
    return error instanceof Fault ? error.code : error;
  }
};

describe("a site goes one step at a time", () => {
  test.each([
    ["parallel", "switched"],
    ["switched", "realtime"],
  ] as const)("%s to %s when its gates are met, and says what was measured", (from, to) => {
    expect(decide(from, { from })).toEqual({ from, to, why: null, forced: false, gates: all });
  });

  test.each([
    ["parallel", "rollback"],
    ["realtime", "advance"],
  ] as const)("there is nothing beyond %s", (from, direction) => {
    expect(decide(from, { from, direction, why: "because" })).toBe("migration.no_step");
  });

  test("who saw another stage moves nothing", () => {
    expect(decide("switched", {})).toBe("migration.stage_moved");
    expect(decide(undefined, {})).toBe("migration.stage_moved");
  });
});

describe("a gate that is not met", () => {
  test.each([
    ["is short of its target", unmet],
    ["cannot be measured", unknown],
  ])("holds the site when it %s", (_, one) => {
    expect(decide("parallel", { gates: allBut(one) })).toBe("migration.gate_not_met");
    // A reason alone forces nothing.
    expect(decide("parallel", { gates: allBut(one), why: "we know" })).toBe("migration.gate_not_met");
  });

  test("holds the site when nobody has looked at it", () => {
    expect(decide("parallel", { gates: all.slice(1) })).toBe("migration.gate_not_met");
    expect(decide("parallel", { gates: [] })).toBe("migration.gate_not_met");
  });

  test("is passed by force with a reason, and the log has both", () => {
    const gates = allBut(unknown);
    expect(decide("parallel", { gates, force: true, why: " " })).toBe("migration.reason_required");
    expect(decide("parallel", { gates, force: true, why: " the old house is gone " })).toEqual({
      ...{ from: "parallel", to: "switched", forced: true, gates },
      why: "the old house is gone",
    });
  });

  test("holds nobody whose next step does not wait for it", () => {
    expect(decide("parallel", { gates: allBut({ ...unmet, needed: false }), force: true })).toMatchObject({
      forced: false,
    });
  });
});

test("the way back asks for no gate and no reason, and keeps one that is given", () => {
  const back = { from: "switched" as const, direction: "rollback" as const, gates: [unmet] };
  expect(decide("switched", back)).toMatchObject({ from: "switched", to: "parallel", why: null });
  expect(decide("switched", { ...back, why: "scans are missing" })).toMatchObject({
    ...{ from: "switched", to: "parallel", why: "scans are missing", forced: false },
  });
});
