import { describe, expect, test } from "vitest";
import { foldRounds, type RoundEvent, type Rounds } from "./fold-rounds.ts";
import { roundMissingTagsMax } from "./laundry-rounds.ts";

/* A laundry contract told event by event, a minute apart; a scan may have been made earlier than it is told. */

const startMs = Date.parse("2026-05-04T08:00:00.000Z");
const at = (minute: number): string => new Date(startMs + minute * 60_000).toISOString();

const createStory = (number = "L1") => {
  const events: RoundEvent[] = [];
  const say = (type: string, data: Record<string, unknown>, more: Partial<RoundEvent> = {}): number => {
    const pos = events.length + 1;
    const by = { person: "ana" };
    events.push({ epoch: 1, pos, type, contract: number, receivedAt: at(pos), by, data, ...more });
    return pos;
  };
  const move = (
    tag: string,
    to: string,
    { made, about = number }: { made?: number; about?: string } = {},
  ) => {
    const scannedAt = at(made ?? events.length + 1);
    const moves = [{ contract: number, class: "cloth", to, at: scannedAt }];
    return say("item.rented.v1", { moves }, { tag, contract: about, scannedAt });
  };
  return {
    say,
    out: (tag: string, made?: number) => move(tag, "out", made === undefined ? {} : { made }),
    back: (tag: string, made?: number) => move(tag, "returned", made === undefined ? {} : { made }),
    goesElsewhere: (tag: string) => move(tag, "not_recorded", { about: "4711" }),
    act: (act: string, by = "ana") =>
      say(`contract.${act}.v1`, { state: act, was: "open", flags: [] }, { by: { person: by } }),
    lot: (quantity: number, action: "added" | "removed", more: Record<string, unknown> = {}) =>
      say("lot.recorded.v1", { name: "napkins", quantity, action, ...more }),
    /** A return scan that moved nothing. */
    comesBack: (tag: string, more: Record<string, unknown> = {}) =>
      say(
        "item.sighted.v1",
        { scan: { type: "pickup" }, outcome: "already_applied", ...more },
        { tag, class: "towel" },
      ),
    rounds: (numbers: readonly string[] = [number]): Rounds => foldRounds(number, new Set(numbers), events),
  };
};

const findings = (rounds: Rounds, round: number) =>
  Object.fromEntries(rounds.items(round).map(({ tag, finding }) => [tag, finding]));

describe("a round", () => {
  test("keeps what was sent, what came back and what did not, and who said so when", () => {
    const story = createStory();
    for (const tag of ["x1", "x2", "x3"]) story.out(tag);
    story.lot(50, "added");
    story.act("finalized", "ben");
    story.back("x1");
    story.back("x2");
    story.lot(48, "removed");
    story.act("returned", "cem");
    const { rounds } = story.rounds();
    expect(rounds).toMatchObject([
      {
        ...{ round: 1, state: "returned", beganAt: at(1), beganBy: { person: "ana" }, endedAt: null },
        ...{ finalizedAt: at(5), finalizedBy: { person: "ben" } },
        ...{ returnedAt: at(9), returnedBy: { person: "cem" } },
        items: { sent: 3, returned: 2, missing: 1, backLater: 0, notRecorded: 0, surplus: 0 },
        classes: [{ class: "cloth", sent: 3, returned: 2, missing: 1, surplus: 0 }],
        lots: { sent: 50, returned: 48, missing: 2, surplus: 0 },
        lotNames: [{ name: "napkins", sent: 50, returned: 48, missing: 2, surplus: 0 }],
        missingTags: [{ tag: "x3", class: "cloth", finding: "missing", backAt: null }],
        missingTagsMore: 0,
      },
    ]);
  });

  test("does not mix with the one before it, and what comes back later is told in both", () => {
    const story = createStory();
    story.out("x1");
    story.out("x2");
    story.lot(50, "added");
    story.act("finalized");
    story.back("x1");
    story.lot(45, "removed");
    story.act("returned");
    story.act("reactivated", "ben");
    story.out("x1");
    story.lot(40, "added");
    story.act("finalized");
    story.back("x1");
    story.back("x2");
    story.lot(43, "removed");
    story.act("returned");
    const told = story.rounds();
    expect(told.rounds).toMatchObject([
      {
        ...{ state: "returned", endedAt: at(8), endedBy: { person: "ben" } },
        items: { sent: 2, returned: 1, missing: 1, backLater: 1, surplus: 0 },
        lots: { sent: 50, returned: 45, missing: 5, surplus: 0 },
        missingTags: [{ tag: "x2", finding: "back_later", sentRound: 1, backRound: 2 }],
      },
      {
        ...{ state: "returned", beganAt: at(8), beganBy: { person: "ben" }, endedAt: null },
        items: { sent: 1, returned: 2, missing: 0, surplus: 1 },
        lots: { sent: 40, returned: 43, missing: 0, surplus: 3 },
        missingTags: [],
      },
    ]);
    expect(findings(told, 1)).toEqual({ x1: "returned", x2: "back_later" });
    expect(findings(told, 2)).toEqual({ x1: "returned", x2: "surplus" });
  });

  test("has the scans that were made in it, however late they come", () => {
    const story = createStory();
    story.out("x1");
    story.act("finalized");
    story.act("returned");
    story.act("reactivated");
    story.out("x2", 1.5);
    story.back("x1", 2.5);
    expect(story.rounds().rounds).toMatchObject([
      { items: { sent: 2, returned: 1, missing: 1, backLater: 0 } },
      { items: { sent: 0, returned: 0, surplus: 0 } },
    ]);
  });

  test("counts an item once, however often it leaves and comes back", () => {
    const story = createStory();
    for (const _ of [1, 2]) {
      story.out("x1");
      story.back("x1");
    }
    expect(story.rounds().rounds).toMatchObject([{ items: { sent: 1, returned: 1, missing: 0 } }]);
    story.out("x1");
    expect(story.rounds().rounds).toMatchObject([{ items: { sent: 1, returned: 0, missing: 1 } }]);
  });

  test("tells what went elsewhere without a return from what is missing, until the return is scanned after all", () => {
    const story = createStory();
    story.out("x1");
    story.act("finalized");
    story.goesElsewhere("x1");
    expect(story.rounds().rounds).toMatchObject([
      { items: { sent: 1, returned: 0, missing: 0, notRecorded: 1 } },
    ]);
    story.back("x1", 2.5);
    expect(story.rounds().rounds).toMatchObject([
      { items: { sent: 1, returned: 1, missing: 0, notRecorded: 0 } },
    ]);
  });

  test("takes for surplus what comes back and was never sent, once, and no repeat of what was", () => {
    const story = createStory();
    story.out("x1");
    story.act("finalized");
    story.back("x1");
    story.comesBack("x1");
    story.comesBack("y1");
    story.comesBack("y1");
    story.comesBack("y2", { outcome: "rejected" });
    const told = story.rounds();
    expect(told.rounds).toMatchObject([
      {
        items: { sent: 1, returned: 2, missing: 0, surplus: 1 },
        classes: [
          { class: "cloth", sent: 1, returned: 1, surplus: 0 },
          { class: "towel", sent: 0, returned: 1, surplus: 1 },
        ],
      },
    ]);
    expect(findings(told, 1)).toEqual({ x1: "returned", y1: "surplus" });
  });

  test("goes on under the tag that a thing carries now", () => {
    const story = createStory();
    story.out("old");
    story.act("finalized");
    story.act("returned");
    story.act("reactivated");
    const moves = (to: string) => [{ contract: "L1", class: "cloth", to, at: at(5) }];
    story.say("item.retagged.v1", { set: { replacedBy: "new" }, moves: moves("none") }, { tag: "old" });
    story.say("item.created.v1", { moves: moves("out") }, { tag: "new" });
    story.back("new");
    const told = story.rounds();
    expect(findings(told, 1)).toEqual({ new: "back_later" });
    expect(findings(told, 2)).toEqual({ new: "surplus" });
  });

  test("has all that happened on a contract that was merged into this one", () => {
    const story = createStory();
    const moves = [{ contract: "M-1", class: "cloth", to: "out", at: at(1) }];
    story.say("item.rented.v1", { moves }, { tag: "x1", contract: "M-1", scannedAt: at(1) });
    story.say("lot.recorded.v1", { name: "napkins", quantity: 30, action: "added" }, { contract: "M-1" });
    story.say("contract.closed.v1", { state: "closed" }, { contract: "M-1" });
    story.say("contract.reopened.v1", { state: "open" }, { contract: "M-1" });
    story.say("contract.merged.v1", { into: "L1", members: [], lots: { napkins: {} } }, { contract: "M-1" });
    story.act("finalized");
    story.back("x1");
    expect(story.rounds(["L1", "M-1"]).rounds).toMatchObject([
      { state: "finalized", items: { sent: 1, returned: 1 }, lots: { sent: 30, missing: 30 } },
    ]);
  });

  test("ends with its contract and goes on when that is opened again", () => {
    const story = createStory();
    story.out("x1");
    story.act("finalized");
    story.act("closed", "ben");
    expect(story.rounds().rounds).toMatchObject([
      { state: "closed", endedAt: at(3), endedBy: { person: "ben" } },
    ]);
    story.act("reopened");
    expect(story.rounds().rounds).toMatchObject([{ state: "open", endedAt: null, finalizedAt: at(2) }]);
  });

  test("that was returned stays as it was when its contract is opened again: what is counted then is the next one", () => {
    const story = createStory();
    story.out("x1");
    story.out("x2");
    story.lot(50, "added");
    story.act("finalized");
    story.back("x1");
    story.lot(45, "removed");
    story.act("returned");
    const before = story.rounds().rounds;
    story.act("closed", "ben");
    story.act("reopened", "cem");
    story.out("x1");
    story.lot(40, "added");
    story.act("finalized");
    const { rounds } = story.rounds();
    expect(rounds).toMatchObject([
      { state: "closed", endedAt: at(8), endedBy: { person: "ben" } },
      {
        ...{ round: 2, state: "finalized", beganAt: at(9), beganBy: { person: "cem" }, returnedAt: null },
        ...{ items: { sent: 1, returned: 0, missing: 1 }, lots: { sent: 40, returned: 0, missing: 40 } },
      },
    ]);
    const { items, lots, finalizedAt, returnedAt, missingTags } = before[0] ?? {};
    expect(rounds[0]).toMatchObject({ items, lots, finalizedAt, returnedAt, missingTags });
  });

  test("names no more missing tags than it may, and says how many more there are", () => {
    const story = createStory();
    const tags = Array.from(
      { length: roundMissingTagsMax + 3 },
      (_, index) => `x${String(index).padStart(4, "0")}`,
    );
    for (const tag of tags) story.out(tag);
    const told = story.rounds();
    expect(told.rounds[0]?.missingTags.map(({ tag }) => tag)).toEqual(tags.slice(0, roundMissingTagsMax));
    expect(told.rounds[0]?.missingTagsMore).toBe(3);
    expect(told.items(1)).toHaveLength(tags.length);
  });

  test("is none where nothing happened", () => {
    expect(createStory().rounds().rounds).toEqual([]);
  });
});

describe("what was taken back", () => {
  test("is in no round, and neither is what took it back; an undo that was undone counts for nothing", () => {
    const story = createStory();
    story.out("x1");
    const second = story.out("x2");
    const undo = story.say("item.undone.v1", { undoes: second, moves: [] }, { tag: "x2" });
    const counted = story.lot(20, "added");
    story.lot(20, "removed", { undoes: counted });
    expect(story.rounds().rounds).toMatchObject([
      { items: { sent: 1 }, lots: { sent: 0, returned: 0 }, lotNames: [] },
    ]);
    story.say("item.undone.v1", { undoes: undo, moves: [] }, { tag: "x2" });
    expect(story.rounds().rounds).toMatchObject([{ items: { sent: 2 } }]);
  });

  test("of an earlier round is taken from that one", () => {
    const story = createStory();
    story.lot(50, "added");
    story.act("finalized");
    const wrong = story.lot(50, "removed");
    story.act("returned");
    story.act("reactivated");
    story.lot(50, "added", { undoes: wrong });
    expect(story.rounds().rounds).toMatchObject([
      { lots: { sent: 50, returned: 0, missing: 50 } },
      { lots: { sent: 0, returned: 0, surplus: 0 } },
    ]);
  });

  test("and began a round leaves one where there were two", () => {
    const story = createStory();
    story.out("x1");
    story.act("finalized");
    const mistaken = story.act("reactivated");
    story.say("contract.finalized.v1", { state: "finalized", undoes: mistaken });
    story.back("x1");
    expect(story.rounds().rounds).toMatchObject([
      { round: 1, state: "finalized", items: { sent: 1, returned: 1 }, endedAt: null },
    ]);
  });
});

describe("a rental that was told too late", () => {
  const tellLate = (
    story: ReturnType<typeof createStory>,
    move: { to: string; outAt: string; at: string },
  ): void => {
    const moves = [{ contract: "L1", class: "cloth", ...move }];
    story.say("item.sighted.v1", { moves, outcome: "accepted" }, { tag: "x1", scannedAt: move.outAt });
  };

  test("is of the round in which it left, and what came back is of the one in which that was scanned", () => {
    const story = createStory();
    story.lot(1, "added");
    story.act("finalized");
    story.act("returned");
    story.act("reactivated");
    story.comesBack("x1", {});
    tellLate(story, { to: "returned", outAt: at(2), at: at(5) });
    expect(story.rounds().items(1)).toMatchObject([
      { tag: "x1", finding: "back_later", sentAt: at(2), backAt: at(5), sentRound: 1, backRound: 2 },
    ]);
    // It came back from there, and is not beyond what was sent besides.
    expect(story.rounds().rounds[1]).toMatchObject({ items: { surplus: 1, sent: 0 } });
    expect(story.rounds().items(2)).toHaveLength(1);
  });

  test("is of the round in which it left first, where it was scanned out again in the next", () => {
    for (const isBack of [false, true]) {
      const story = createStory();
      story.lot(1, "added");
      story.act("finalized");
      story.act("returned");
      story.act("reactivated");
      story.out("x1", 5);
      if (isBack) {
        story.back("x1", 6);
        tellLate(story, { to: "returned", outAt: at(2), at: at(6) });
      } else story.out("x1", 2);
      const sent = { tag: "x1", sentAt: at(2), finding: isBack ? "back_later" : "missing" };
      expect(story.rounds().items(1)).toMatchObject([sent]);
      expect(story.rounds().rounds[1]).toMatchObject({ items: { sent: 0, surplus: isBack ? 1 : 0 } });
    }
  });

  test("takes the return from the trip that it was thought to end", () => {
    const story = createStory();
    story.out("x1", 1);
    story.back("x1", 3);
    expect(findings(story.rounds(), 1)).toEqual({ x1: "returned" });
    tellLate(story, { to: "not_recorded", outAt: at(1), at: at(2) });
    expect(story.rounds().items(1)).toMatchObject([
      { finding: "not_recorded", sentAt: at(1), backAt: at(2) },
    ]);
  });
});

describe("a hand count", () => {
  test("before the wash is corrected by what comes off; what comes off beyond it came back from earlier", () => {
    const story = createStory();
    story.lot(50, "added");
    story.lot(5, "removed");
    story.act("finalized");
    story.act("returned");
    story.act("reactivated");
    story.lot(10, "added");
    story.lot(12, "removed");
    expect(story.rounds().rounds).toMatchObject([
      { lots: { sent: 45, returned: 0, missing: 45 } },
      { lots: { sent: 0, returned: 2, missing: 0, surplus: 2 } },
    ]);
  });

  test("after the wash is corrected by what goes on, and where nothing is back yet more was sent", () => {
    const story = createStory();
    story.lot(50, "added");
    story.act("finalized");
    story.lot(10, "added");
    story.lot(60, "removed");
    story.lot(3, "added");
    expect(story.rounds().rounds).toMatchObject([
      { lots: { sent: 60, returned: 57, missing: 3, surplus: 0 } },
    ]);
  });

  test("tells of a surplus", () => {
    const story = createStory();
    story.lot(50, "added");
    story.act("finalized");
    story.lot(52, "removed", { surplus: 2 });
    expect(story.rounds().rounds).toMatchObject([
      { lots: { sent: 50, returned: 52, missing: 0, surplus: 2 } },
    ]);
  });
});
