import type { RfidproDifference } from "@tagwire/messages";
import { expect, test } from "vitest";
import { actOn, type Look, notSeen, type Step, seenAgain, stillWaiting } from "./difference-life.ts";
import type { Found } from "./found.ts";

const found: Found = {
  ...{ class: "status_mismatch", kind: "item", key: "E1", tag: "E1", fields: ["status"] },
  ...{ rfidpro: { status: "ready" }, operations: { status: "repair" } },
};
const other: Found = { ...found, operations: { status: "wash" } };
const recheckAt = "2026-03-01T08:15:00.000Z";
const look = (run: number): Look => ({
  ...{ run: `run-${run}`, site: "north", at: `2026-03-0${run}T08:00:00.000Z`, nextId: () => "d1", recheckAt },
});
const saw = (known: RfidproDifference | undefined, run: number, isPending = false, what = found): Step =>
  seenAgain(known, what, isPending, look(run));
const open = saw(undefined, 1).difference;

test("what is seen is open, with a time by which it is due; what something happened to is pending", () => {
  expect(open).toMatchObject({
    state: "open",
    seen: 1,
    revision: 1,
    firstRun: "run-1",
    dueAt: "2026-03-08T08:00:00.000Z",
  });
  expect(open.recheckAt).toBeNull();
  expect(saw(undefined, 1, true).difference).toMatchObject({ state: "pending", dueAt: null, recheckAt });
});

test("pending is decided by the next run: open where it is still there, gone where it is not, pending while things happen", () => {
  const pending = saw(undefined, 1, true).difference;
  expect(saw(pending, 2)).toMatchObject({ difference: { state: "open" }, told: { what: "opened" } });
  expect(saw(pending, 2, true).difference.state).toBe("pending");
  expect(saw(pending, 2).difference.recheckAt).toBeNull();
  expect(notSeen(pending)).toMatchObject({
    difference: { state: "gone", recheckAt: null },
    told: { what: "gone" },
  });
  // Nor is one that was not seen while something happened to the thing decided: it waits for a quiet look, and says for which.
  const later = { ...look(2), recheckAt: null };
  expect(stillWaiting(pending, later)).toEqual([{ difference: { ...pending, recheckAt: null } }]);
  expect(stillWaiting(open, later)).toEqual([]);
});

test("what was open before waits as well once something happens to it: as it is, until a quiet look, whoever acknowledges it", () => {
  const touched = saw(open, 2, true).difference;
  expect(touched).toMatchObject({ state: "open", recheckAt });
  expect(actOn(touched, "acknowledge", "ann", {}).difference.recheckAt).toBe(recheckAt);
  expect(saw(touched, 3).difference).toMatchObject({ state: "open", recheckAt: null });
  expect(notSeen(touched).difference).toMatchObject({ state: "open", missed: 1, recheckAt: null });
  const later = { ...look(3), recheckAt: null };
  expect(stillWaiting(touched, later)).toEqual([{ difference: { ...touched, recheckAt: null } }]);
  // What somebody has settled waits for nobody.
  const accepted = actOn(touched, "resolve", "ann", { resolution: "accepted_difference" }).difference;
  expect(accepted.recheckAt).toBeNull();
  expect(saw(accepted, 3, true).difference).toMatchObject({ state: "resolved", recheckAt: null });
});

test("the same run again changes nothing", () => {
  const pending = saw(undefined, 1, true).difference;
  expect(saw(pending, 1)).toEqual({ difference: pending });
});

test("two complete runs in a row that do not see it let it go, and it comes back as open", () => {
  const once = notSeen(open).difference;
  expect(once).toMatchObject({ state: "open", missed: 1 });
  const gone = notSeen(once).difference;
  expect(gone).toMatchObject({ state: "gone", dueAt: null });
  expect(saw(once, 2).difference.missed).toBe(0);
  expect(saw(gone, 4)).toMatchObject({
    difference: { state: "open", reopened: 1 },
    told: { what: "reopened" },
  });
});

test("another signature is news to whoever acknowledged the one before", () => {
  const acknowledged = actOn(open, "acknowledge", "ann", {}).difference;
  expect(acknowledged).toMatchObject({ state: "acknowledged", owner: "ann" });
  expect(saw(acknowledged, 2)).toMatchObject({ difference: { state: "acknowledged", revision: 1 } });
  const news = saw(acknowledged, 2, false, other);
  expect(news).toMatchObject({ difference: { state: "open", revision: 2 }, told: { what: "revised" } });
  // While it is under way it is not told, and once it stands still it is.
  const moving = saw(acknowledged, 2, true, other).difference;
  expect(moving).toMatchObject({ state: "acknowledged", revision: 1 });
  expect(saw(moving, 3, false, other).told?.what).toBe("revised");
});

test("what a person left as it is stays so until something else differs; what was said to be fixed comes back", () => {
  const accepted = actOn(open, "resolve", "ann", { resolution: "accepted_difference" }).difference;
  const denied = actOn(open, "resolve", "ann", { resolution: "false_positive" }).difference;
  const fixed = actOn(open, "resolve", "ann", { resolution: "fixed_in_rfidpro" }).difference;
  expect([accepted.state, denied.state, fixed.state]).toEqual(["resolved", "false_positive", "resolved"]);
  expect(saw(accepted, 2).difference.state).toBe("resolved");
  expect(saw(denied, 2).difference.state).toBe("false_positive");
  expect(saw(denied, 2, false, other).difference.state).toBe("open");
  expect(saw(fixed, 2)).toMatchObject({ difference: { state: "open", resolution: null, reopened: 1 } });
});

test("acts that mean nothing in a state are refused, and say so", () => {
  const codeOf = (act: () => unknown) => {
    try {
      act();
      return "none";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const over = actOn(open, "resolve", "ann", { resolution: "false_positive" }).difference;
  expect(codeOf(() => actOn(over, "acknowledge", "ann", {}))).toBe("rfidpro.difference_state");
  expect(codeOf(() => actOn(open, "reopen", "ann", {}))).toBe("rfidpro.difference_state");
  expect(codeOf(() => actOn(open, "resolve", "ann", {}))).toBe("malformed");
  expect(codeOf(() => actOn(open, "assign", "ann", {}))).toBe("malformed");
  expect(actOn(over, "reopen", "bob", { why: "look again" })).toMatchObject({
    difference: { state: "open", version: over.version + 1 },
    told: { what: "reopened", why: "look again" },
  });
  expect(actOn(open, "assign", "ann", { owner: "bob" }).difference.owner).toBe("bob");
});
