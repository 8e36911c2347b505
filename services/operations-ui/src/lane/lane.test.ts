import type { Receipt } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { Command } from "../outbox/command.ts";
import { createOddKept, oddKeptMax } from "../outbox/odd-kept.ts";
import { type Around, actKey, actsFor, scanOfAct } from "./acts.ts";
import { kindOf, type OddKind, oddKindOf } from "./kinds.ts";
import { answered, canUndo, chosen, stateInLane, undoing } from "./progress.ts";
import { classesLately, laneOf } from "./shown.ts";
import type { LaneAct, LaneWork } from "./work.ts";

const nothing: Around = { contract: "", classes: [] };
const receiptOf = (more: Partial<Receipt>): Receipt => ({
  ...{ id: "s1", outcome: "accepted", replayed: false, event: { epoch: 1, pos: 7 } },
  ...more,
});
const commandOf = (more: Partial<Receipt>, at = 1): Command => {
  const receipt = receiptOf({ ...more, id: `s${at}` });
  return {
    ...{
      v: 1,
      id: `s${at}`,
      order: at,
      seq: at,
      deviceId: "d",
      incarnation: "i",
      type: "scan",
      site: "yard",
    },
    payload: {
      ...{ id: `s${at}`, tag: `T${at}`, type: "rental", scannedAt: "2026-03-01T10:00:00Z" },
      ...{ contract: "4711", session: "01900000-0000-7000-8000-000000000001" },
    },
    ...{ capturedBy: "ann", capturedAtMs: at, monoMs: at, clockOffsetMs: 0, tries: 0 },
    ...{ receipt, state: stateInLane({ receipt }) },
  };
};
const who = { id: "w1", by: "ann", atMs: 5 };
const held = commandOf({ outcome: "quarantined", code: "tag_unknown" });
const extra = commandOf({ flags: ["class_not_on_contract"], code: "class_not_on_contract" });
const inRepair = commandOf({
  ...{ outcome: "rejected", code: "transition_refused" },
  item: { tag: "T1", status: "repair", version: 3 },
});
const workOf = (command: Command): LaneWork => command.lane ?? expect.fail("nothing was done about it");

describe("what does not go straight", () => {
  test.each<[OddKind | undefined, Partial<Receipt>]>([
    [undefined, {}],
    [undefined, { outcome: "already_applied" }],
    [undefined, { flags: ["found", "from_quarantine"] }],
    [undefined, { flags: ["late_history_only"], code: "late_history_only" }],
    ["unknown_tag", { outcome: "quarantined", code: "tag_unknown" }],
    ["extra", { flags: ["class_not_on_contract"] }],
    ["other_contract", { flags: ["class_not_on_contract", "return_not_recorded"] }],
    ["while_out", { flags: ["seen_while_out"] }],
    ["ended", { flags: ["seen_after_end"] }],
    ["of_session", { code: "type_not_of_session" }],
    ["unrecorded", { flags: ["rental_not_recorded"] }],
    ["no_contract", { outcome: "rejected", code: "contract_required" }],
    ["contract_closed", { outcome: "rejected", code: "contract_closed" }],
    ["unlike_status", { outcome: "rejected", code: "transition_refused" }],
    [
      "ended",
      {
        outcome: "rejected",
        code: "transition_refused",
        item: { tag: "T", status: "sold", version: 1 },
      },
    ],
    ["refused", { outcome: "rejected", code: "a_newer_code" }],
    [undefined, { flags: ["a_newer_flag"] }],
  ])("%s: %j", (kind, receipt) => expect(kindOf(receiptOf(receipt))).toBe(kind));

  test("what is refused waits for a person until something was done about it, and all else is no hindrance", () => {
    expect([held.state, extra.state, inRepair.state]).toEqual(["odd", "odd", "attention"]);
    expect(chosen(inRepair, { how: "keep" }, who).state).toBe("odd");
  });
});

describe("what can be done about it", () => {
  const keys = (command: Command, around = nothing) => actsFor(command, around).map(actKey);

  test("an unknown tag goes onto one of the things that were scanned beside it, or is nobody's", () => {
    expect(keys(held)).toEqual(["let_go", "keep"]);
    const classes = classesLately(["Chair", "Lamp", undefined, "Lamp", "Tent"]);
    expect(keys(held, { contract: "", classes })).toEqual(["stock Lamp", "stock Chair", "let_go", "keep"]);
  });

  test("an extra one goes along or is taken off; one in repair is sent with a reason, in the same session", () => {
    expect(keys(extra)).toEqual(["keep", "take_back"]);
    const [force] = actsFor(inRepair, nothing);
    if (force?.how !== "scan") throw new Error("no scan");
    const again = scanOfAct(inRepair, force.differs, { id: "n1", scannedAt: "2026-03-01T11:00:00Z" });
    expect(again).toMatchObject({ id: "n1", tag: "T1", type: "rental", contract: "4711", force: true });
    expect(again.reason).toMatch(/\S/);
    expect(again.session).toBe(inRepair.payload.session);
  });

  test("what comes back is no part of the session or contract of the scan that met it", () => {
    const met = commandOf({ flags: ["seen_while_out"] });
    const [back] = actsFor(met, nothing);
    if (back?.how !== "scan") throw new Error("no scan");
    const scan = scanOfAct(met, back.differs, { id: "n1", scannedAt: "2026-03-01T11:00:00Z" });
    expect(scan).toEqual({ id: "n1", tag: "T1", type: "return", scannedAt: "2026-03-01T11:00:00Z" });
  });

  test("a scan without its contract is recorded on the one that is entered by now", () => {
    const lacking = commandOf({ outcome: "rejected", code: "contract_required" });
    expect(keys(lacking)).toEqual(["keep"]);
    expect(keys(lacking, { ...nothing, contract: " 88 " })).toEqual(["scan contract 88", "keep"]);
  });

  test("every kind can be left as it is, and nothing else can", () => {
    for (const command of [held, extra, inRepair]) expect(keys(command)).toContain("keep");
    expect(keys(commandOf({}))).toEqual([]);
  });
});

test("what its session does not expect is in the lane, unless its receipt tells something else", () => {
  const plain = { ...commandOf({}), isUnexpected: true } as const;
  expect([oddKindOf(plain), oddKindOf({ ...held, isUnexpected: true })]).toEqual([
    "unexpected",
    "unknown_tag",
  ]);
  expect(actsFor(plain, nothing).map(actKey)).toEqual(["keep", "take_back"]);
  expect(laneOf([plain], "yard", nothing).open).toBe(1);
});

describe("from a press to the record and back", () => {
  const takeBack: LaneAct = { how: "take_back", pos: 7 };

  test("it is done when the record says so, and open again once it is taken back", () => {
    const pressed = chosen(extra, takeBack, who);
    expect([workOf(pressed).state, canUndo(pressed)]).toEqual(["chosen", true]);
    expect(undoing(pressed, "u1").lane).toBeUndefined();
    const done = answered(pressed, workOf(pressed), { kind: "done", pos: 9 });
    expect(workOf(done)).toMatchObject({ state: "done", pos: 9 });
    const back = undoing(done, "u1");
    expect(workOf(back)).toMatchObject({ state: "undoing", id: "u1", pos: 9 });
    expect(answered(back, workOf(back), { kind: "done" })).toEqual(extra);
  });

  test("a no of the record is said, and the scan is open; one against the undo leaves it done", () => {
    const pressed = chosen(inRepair, { how: "ready", version: 3 }, who);
    const no = answered(pressed, workOf(pressed), { kind: "refused", message: "Stale." });
    expect([no.state, workOf(no).state, workOf(no).wrong]).toEqual(["attention", "open", "Stale."]);
    expect(laneOf([no], "yard", nothing).open).toBe(1);
    const done = answered(pressed, workOf(pressed), { kind: "done", pos: 9 });
    const back = undoing(done, "u1");
    const kept = answered(back, workOf(back), { kind: "refused", message: "Too late." });
    expect(workOf(kept)).toMatchObject({ state: "done", wrong: "Too late.", pos: 9 });
  });

  test("no answer changes nothing, and an answer counts although the press was withdrawn meanwhile", () => {
    const pressed = chosen(extra, takeBack, who);
    expect(answered(pressed, workOf(pressed), { kind: "later" })).toBe(pressed);
    expect(answered(extra, workOf(pressed), { kind: "done", pos: 9 }).lane?.state).toBe("done");
  });

  test("a scan that is on its way is not taken back, and one that the record refused has nothing to take back", () => {
    const pressed = chosen(inRepair, { how: "scan", as: "again", differs: {} }, who);
    expect(canUndo(pressed)).toBe(false);
    expect(canUndo(answered(pressed, workOf(pressed), { kind: "done" }))).toBe(false);
  });
});

describe("the lane", () => {
  test("counts by kind at its own site, newest first, with what can be done about all of a kind", () => {
    const commands = [
      held,
      commandOf({ outcome: "quarantined" }, 2),
      commandOf({ flags: ["seen_while_out"] }, 3),
    ];
    const elsewhere = { ...commandOf({ outcome: "quarantined" }, 4), site: "annex" };
    const { groups, open, settled } = laneOf([...commands, elsewhere, commandOf({}, 5)], "yard", nothing);
    expect(open).toBe(3);
    expect(groups.map(({ kind, commands: of, acts }) => [kind, of.map(({ id }) => id), acts.length])).toEqual(
      [
        ["unknown_tag", ["s2", "s1"], 2],
        ["while_out", ["s3"], 0],
      ],
    );
    expect(settled).toEqual([]);
    const one = laneOf([chosen(held, { how: "keep" }, who)], "yard", nothing);
    expect([one.open, one.settled.length]).toEqual([0, 1]);
  });

  test("holds so many and no more, and always what was done about one", () => {
    const kept = createOddKept();
    kept.take(Array.from({ length: oddKeptMax }, (_, at) => commandOf({ outcome: "quarantined" }, at + 1)));
    const late = commandOf({ outcome: "quarantined" }, oddKeptMax + 1);
    expect(kept.within(late).state).toBe("done");
    expect(kept.within(chosen(held, { how: "keep" }, who)).state).toBe("odd");
    kept.take([{ ...held, state: "done" }]);
    expect(kept.list().map(({ id }) => id)).not.toContain(held.id);
    expect(kept.within(late).state).toBe("odd");
  });
});
