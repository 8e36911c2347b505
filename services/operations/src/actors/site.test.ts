import { type By, Fault, type Item, newId, type Scan } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { Act } from "./act.ts";
import { type Known, nothingKnown } from "./known.ts";
import { decideTurn, type TurnOutcome } from "./site.ts";
import { waitingPerTagMax } from "./stray.ts";
import { createAct, patchAct, scanAct, traceparent } from "./test-acts.ts";

const nothing = nothingKnown;
const receivedAt = "2026-05-04T10:00:00.000Z";
const scanOf = (tag: string, more: Partial<Scan> = {}, by: By = { device: "d" }) =>
  scanAct(tag, more, { by, receivedAt });

const receipts = ({ answers }: TurnOutcome) =>
  answers.map((answer) => (answer instanceof Fault ? answer.code : answer.receipt));
const decide = (acts: readonly Act[], known: Known = nothing) =>
  decideTurn({ epoch: 1, pos: 10 }, known, acts);

/** What a later turn knows after this one was committed. */
const after = (turn: TurnOutcome): Known => ({ ...nothing, items: turn.items, receipts: turn.receipts });

describe("a tag that nobody can have", () => {
  test.each([["x".repeat(65)], [""], ["   "], ["a\u0000b"], ["a\nb"], ["\ud800"]])(
    "%j is rejected and the receipt is kept",
    (tag) => {
      const act = scanOf(tag);
      const turn = decide([act, scanOf("known")]);
      expect(receipts(turn)).toMatchObject([
        { outcome: "rejected", code: "tag_malformed", replayed: false },
        { outcome: "quarantined" },
      ]);
      expect(turn.said.map(({ type }) => type)).toEqual(["scan.refused.v1", "scan.quarantined.v1"]);
      expect(receipts(decide([act], after(turn)))).toMatchObject([{ code: "tag_malformed", replayed: true }]);
    },
  );

  test("leaves what was scanned in the log, without a tag and readable by any database", () => {
    const scan = { place: "dock", notes: "the label is torn", scannedAt: "2020-01-01T00:00:00.000Z" };
    const [said] = decide([scanOf("a\u0000b\ud800", scan)]).said;
    expect(said).toMatchObject({
      type: "scan.refused.v1",
      data: { code: "tag_malformed", flags: ["backdated"], scan: { ...scan, tag: "a\ufffdb\ufffd" } },
    });
    expect(said?.tag).toBeUndefined();
  });

  test("is told by a reader over and over, and leaves nothing but the receipt", () => {
    const turn = decide([scanOf("", {}, { reader: "gate" })]);
    expect(receipts(turn)).toMatchObject([{ outcome: "rejected", code: "tag_malformed" }]);
    expect(turn.said).toEqual([]);
  });

  test("cannot be commissioned or edited", () => {
    const patch = patchAct("", { notes: "x" });
    expect(receipts(decide([createAct("x".repeat(65)), patch]))).toEqual(["tag_malformed", "tag_malformed"]);
  });
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
  "%s is a tag like any other",
  (word) => {
    const turn = decide([
      createAct(word, { class: word, place: word }),
      scanOf(word, { type: "rental", contract: word, place: word }),
    ]);
    expect(receipts(turn)).toMatchObject([
      { outcome: "accepted" },
      { outcome: "accepted", item: { tag: word, status: "on_rent" } },
    ]);
    expect([...turn.items]).toMatchObject([
      [word, { class: word, contract: word, place: word, version: 2, pos: 12 }],
    ]);
  },
);

describe("the same id twice", () => {
  const scan = { id: newId(), type: "touch" as const };

  test("with the same body is answered with the first receipt", () => {
    const turn = decide([createAct("a1"), scanOf("a1", scan), scanOf("a1", scan)]);
    const [, first, second] = receipts(turn);
    expect(first).toMatchObject({ outcome: "accepted", replayed: false });
    expect(second).toEqual({ ...(first as object), replayed: true });
    expect(turn.said).toHaveLength(2);
  });

  test("with another body is refused and changes nothing", () => {
    const turn = decide([createAct("a1"), scanOf("a1", scan), scanOf("a1", { ...scan, place: "dock" })]);
    expect(receipts(turn)[2]).toMatchObject({
      ...{ id: scan.id, outcome: "rejected", code: "id_reused", replayed: false },
      item: { version: turn.items.get("A1")?.version },
    });
    expect(turn.receipts.get(scan.id)?.receipt.outcome).toBe("accepted");
    expect(receipts(decide([scanOf("a1", scan)], after(turn)))).toMatchObject([
      { outcome: "accepted", replayed: true },
    ]);
  });

  test("with another body is a sighting in the timeline, once, however often it is sent", () => {
    const other = { ...scan, place: "dock", session: "0198a000-0000-7000-8000-0000000000aa" };
    const turn = decide([createAct("a1"), scanOf("a1", scan), scanOf("a1", other), scanOf("a1", other)]);
    const [, , refused, again] = receipts(turn);
    expect(again).toEqual({ ...(refused as object), replayed: true });
    expect(turn.said.slice(2)).toMatchObject([
      {
        type: "item.sighted.v1",
        tag: "A1",
        scanId: scan.id,
        data: { outcome: "rejected", code: "id_reused" },
      },
    ]);
    // It is none of its session's tags, and moves nothing.
    expect(turn.said[2]).not.toHaveProperty("session");
    expect(turn.items.get("A1")?.place).toBeNull();
    const later = decide([scanOf("a1", other)], after(turn));
    expect(receipts(later)).toEqual([again]);
    expect(later.said).toEqual([]);
  });

  test("with another tag is in the timeline of that tag, whether an item carries it or not; a reader leaves only the receipt", () => {
    const stranger = scanOf("x9", { ...scan, tag: "x9" });
    const turn = decide([createAct("a1"), scanOf("a1", scan), stranger]);
    expect(receipts(turn)[2]).toMatchObject({ outcome: "rejected", code: "id_reused" });
    expect(turn.said[2]).toMatchObject({ type: "scan.refused.v1", tag: "x9", data: { code: "id_reused" } });
    expect(turn.quarantined).toEqual([]);
    const heard = { ...stranger, origin: { ...stranger.origin, by: { reader: "gate" } } };
    const quiet = decide([createAct("a1"), scanOf("a1", scan), heard]);
    expect(receipts(quiet)[2]).toMatchObject({ outcome: "rejected", code: "id_reused" });
    expect(quiet.said).toHaveLength(2);
    expect(quiet.receipts.size).toBe(3);
  });

  test("for another kind of act is a fault", () => {
    const create = createAct("b2");
    const turn = decide([create, { ...createAct("b3"), id: create.id }]);
    expect(receipts(turn)[1]).toBe("id_reused");
    expect([...turn.items.keys()]).toEqual(["B2"]);
  });
});

test("positions follow densely from the head, and each act sees what the one before it left", () => {
  const turn = decide([
    createAct("a1"),
    scanOf("A1", { type: "rental", contract: "C-1" }),
    scanOf("a1", { type: "rental", contract: "C-1" }),
    scanOf(" a1 ", { type: "return" }),
  ]);
  expect(receipts(turn)).toMatchObject([
    { outcome: "accepted", event: { epoch: 1, pos: 11 } },
    { outcome: "accepted", event: { pos: 12 }, item: { version: 2, status: "on_rent" } },
    { outcome: "already_applied", event: { pos: 13 }, item: { version: 3, status: "on_rent" } },
    { outcome: "accepted", event: { pos: 14 }, item: { version: 4, status: "ready" } },
  ]);
  expect(turn.items.get("A1")).toMatchObject({ pos: 14, version: 4 });
});

/** What a later turn knows of tags that nothing carries, and which of them it may commission. */
const afterWaiting = (turn: TurnOutcome, before: Known = nothing): Known => {
  const rows = [...before.waiting].flatMap(([tag, waiting]) => waiting.map((one) => ({ tag, ...one })));
  const renewed = new Map(turn.renewed.map((one) => [one.id, one.heard]));
  const waiting = [...rows, ...turn.quarantined].map((one) => ({
    ...one,
    heard: renewed.get(one.id) ?? one.heard,
  }));
  return {
    ...after(turn),
    strays: new Map([...before.strays, ...turn.strays]),
    waiting: Map.groupBy(waiting, ({ tag }) => tag),
  };
};

describe("scans of a tag that no item carries", () => {
  const early = scanOf("x1", { type: "rental", contract: "C-1", scannedAt: "2026-05-04T09:00:00Z" });
  const ahead = scanOf("x1", { type: "return", scannedAt: "2027-01-01T00:00:00Z" });
  const last = scanOf("x1", { type: "touch", scannedAt: "2026-05-04T09:30:00Z" });

  test("are decided in the order in which they happened once it is commissioned", () => {
    const first = decide([ahead, last, early]);
    expect(receipts(first)).toMatchObject(Array(3).fill({ outcome: "quarantined", code: "tag_unknown" }));
    const turn = decide([createAct("x1")], afterWaiting(first));
    expect(turn.released.map(({ id }) => id)).toEqual([early.id, last.id, ahead.id]);
    expect(turn.released.map(({ later }) => later.outcome)).toEqual(["accepted", "accepted", "accepted"]);
    expect(turn.items.get("x1")).toMatchObject({ status: "ready", version: 4, pos: 14 });
    expect(turn.said.map(({ data }) => (data as { flags?: string[] }).flags)).toMatchObject([
      undefined,
      ["from_quarantine"],
      ["seen_while_out", "from_quarantine"],
      ["future_scan", "from_quarantine"],
    ]);
  });

  test("and commissioned in the same turn leave no row waiting", () => {
    const turn = decide([early, createAct("x1"), early]);
    expect(turn.quarantined).toEqual([]);
    expect(turn.strays.size).toBe(0);
    expect(turn.released).toEqual([]);
    expect(receipts(turn)[2]).toMatchObject({
      outcome: "quarantined",
      replayed: true,
      later: { outcome: "accepted", event: { pos: 13 } },
    });
  });

  test("by one reader at one place wait once, by another, elsewhere or for another reason again", () => {
    const gate = { reader: "gate" };
    const turn = decide([
      scanOf("x1", { place: "dock" }, gate),
      scanOf("x1", { place: "dock" }, gate),
      scanOf("x1", { place: "yard" }, gate),
      scanOf("x1", { place: "dock" }, { reader: "door" }),
      scanOf("x1", { place: "dock" }),
      scanOf("x1", { place: "dock" }),
      scanOf("x1", { place: "dock", type: "rental", contract: "C-1" }, gate),
    ]);
    expect(receipts(turn)).toMatchObject(Array(7).fill({ outcome: "quarantined" }));
    expect(turn.quarantined).toHaveLength(6);
    expect(turn.strays.get("x1")?.waiting).toBe(6);
    expect(turn.said).toHaveLength(6);
    expect(turn.receipts.size).toBe(7);
  });

  describe("that readers hear again and again", () => {
    const at = (hour: string, place: string) =>
      scanOf("x1", { place, scannedAt: `2026-05-04T${hour}:00.000Z` }, { reader: place });
    const morning = at("07:00", "door");
    const noon = at("08:00", "dock");
    const repeated = at("08:30", "door");
    const newest = at("09:00", "door");
    const straggler = at("08:45", "door");
    const ids = (turn: TurnOutcome) => turn.released.map(({ id }) => id);
    const expectNewest = (turn: TurnOutcome) => {
      expect(turn.said.slice(-2).map(({ scanId }) => scanId)).toEqual([noon.id, newest.id]);
      expect(turn.items.get("x1")).toMatchObject({
        place: "door",
        lastScan: { id: newest.id, scannedAt: "2026-05-04T09:00:00.000Z" },
      });
    };

    test("are decided by the newest sighting of each reader and place, in whatever order they came", () => {
      const first = decide([morning, noon]);
      const known = afterWaiting(first);
      const second = decide([repeated, newest, straggler], known);
      expect(second.said).toEqual([]);
      expect(second.quarantined).toEqual([]);
      expect(second.renewed).toMatchObject([{ id: morning.id, heard: { scan: { id: newest.id } } }]);
      expect(receipts(second)).toMatchObject(
        Array(3).fill({ outcome: "quarantined", message: expect.stringContaining(morning.id) }),
      );
      const turn = decide([createAct("x1")], afterWaiting(second, known));
      expectNewest(turn);
      // Both the receipt that began to wait and the one that was decided tell what became of them.
      expect(ids(turn)).toEqual([noon.id, morning.id, newest.id]);
      expect(turn.released[1]?.later).toEqual(turn.released[2]?.later);
    });

    test("also where they are heard again and commissioned in one turn", () => {
      const known = afterWaiting(decide([morning, noon]));
      const turn = decide([newest, createAct("x1"), newest], known);
      expectNewest(turn);
      expect(turn.renewed).toEqual([]);
      expect(ids(turn)).toEqual([noon.id, morning.id]);
      expect(receipts(turn)[2]).toMatchObject({ replayed: true, later: { outcome: "accepted" } });
    });

    test("also where they began to wait in that turn", () => {
      expectNewest(decide([morning, noon, newest, straggler, createAct("x1")]));
      expect(decide([morning, newest]).quarantined).toMatchObject([
        { id: morning.id, heard: { scan: { id: newest.id } } },
      ]);
    });
  });

  test("do not move what was commissioned at a place, and graded, since", () => {
    const from = { receivedAt: "2026-05-04T16:00:00.000Z" };
    const noon = scanAct("x1", { place: "dock", scannedAt: "2026-05-04T12:00:00.000Z" }, from);
    const rental = { type: "rental", contract: "C-1", quality: "A" } as const;
    const turn = decide([
      noon,
      scanAct("x1", { ...rental, scannedAt: "2026-05-04T13:00:00.000Z" }, from),
      createAct("x1", { place: "shelf", quality: "C" }, from),
    ]);
    expect(turn.items.get("x1")).toMatchObject({
      ...{ place: "shelf", quality: "C", status: "on_rent", placeAt: from.receivedAt },
      lastScan: { type: "rental", scannedAt: "2026-05-04T13:00:00.000Z" },
    });
  });

  test("wait up to a bound: those beyond it are refused, told in the log, and never decided", () => {
    const turns = 4;
    const perTurn = 5_000;
    let known = nothing;
    let logged = 0;
    for (let index = 0; index < turns; index += 1) {
      const turn = decide(
        Array.from({ length: perTurn }, () => scanOf("x1")),
        known,
      );
      const full = receipts(turn).filter((one) => typeof one === "object" && one.code === "quarantine_full");
      expect(full).toHaveLength(index === 0 ? perTurn - waitingPerTagMax : perTurn);
      expect(full[0]).toMatchObject({ outcome: "rejected", event: { epoch: 1 } });
      logged += turn.said.length;
      known = { ...afterWaiting(turn, known), receipts: new Map() };
    }
    expect(logged).toBe(turns * perTurn);
    expect(known.waiting.get("x1")).toHaveLength(waitingPerTagMax);
    expect(decide([createAct("x1")], known).said).toHaveLength(1 + waitingPerTagMax);
  });

  test("by readers leave no more than receipts where the bound is reached", () => {
    const full = decide(Array.from({ length: waitingPerTagMax }, () => scanOf("x1")));
    const turn = decide([scanOf("x1", {}, { reader: "gate" })], afterWaiting(full));
    expect(receipts(turn)).toMatchObject([{ outcome: "rejected", code: "quarantine_full" }]);
    expect(turn.said).toEqual([]);
  });
});

test.each([
  ["provisioned", "commissioning"],
  ["on_rent", "scans"],
] as const)("%s cannot be set by hand: it comes from %s alone", (status, source) => {
  const turn = decide([createAct("a1"), patchAct("a1", { status })]);
  expect(receipts(turn)[1]).toMatchObject({
    ...{ outcome: "rejected", code: "transition_refused" },
    message: `${status} comes from ${source} alone`,
  });
});

test("a fault refuses one act and leaves the others of its turn alone", () => {
  const known: Item = decide([createAct("a1")]).items.get("A1") as Item;
  const patch = (version: number | null) => patchAct("a1", { status: "missing" }, { version });
  const turn = decide([patch(9), createAct("a1"), patch(1), patch(1), patch(null)], {
    ...nothing,
    items: new Map([["A1", known]]),
  });
  expect(receipts(turn)).toMatchObject([
    "version_stale",
    "item_exists",
    { outcome: "accepted", item: { status: "missing", version: 2 } },
    "version_stale",
    { outcome: "already_applied", item: { version: 2 } },
  ]);
  expect(turn.receipts.size).toBe(2);
});

describe("a thing that got another tag", () => {
  const origin = { by: { person: "office" }, receivedAt, traceparent };
  const retag: Act = { kind: "item.retag", id: newId(), origin, body: { tag: "A", to: "B" } };

  test("is there once: nobody makes the old tag ready again by hand", () => {
    const turn = decide([
      createAct("A"),
      retag,
      patchAct("A", { status: "ready" }),
      patchAct("A", { notes: "x" }),
    ]);
    expect(receipts(turn)).toMatchObject([
      { outcome: "accepted" },
      { outcome: "accepted" },
      { outcome: "rejected", code: "transition_refused", message: "A is B now" },
      { outcome: "accepted" },
    ]);
    expect([...turn.items.values()].map(({ tag, status }) => [tag, status])).toEqual([
      ["A", "retired"],
      ["B", "ready"],
    ]);
  });
});

test("a repeat in a session is one too when its contract was merged into another meanwhile", () => {
  const session = newId();
  const origin = { by: { person: "office" }, receivedAt, traceparent };
  const rental = () => scanOf("A", { type: "rental", contract: "M-1", session });
  const merge: Act = { kind: "contract.merge", id: newId(), origin, body: { number: "M-1", into: "R-1" } };
  const turn = decide([createAct("A"), rental(), merge, rental()]);
  expect(receipts(turn).at(-1)).toMatchObject({ outcome: "already_applied", code: "duplicate_in_session" });
  expect(turn.duplicates.get(session)).toBe(1);
});
