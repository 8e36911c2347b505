import { Fault, type Item, newId, type Scan } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { Act } from "./act.ts";
import type { Known } from "./known.ts";
import { decideTurn, type TurnOutcome } from "./site.ts";

const nothing: Known = { items: new Map(), receipts: new Map(), quarantined: new Map() };
const receivedAt = "2026-05-04T10:00:00.000Z";
const from = (by: Act["origin"]["by"]) => ({ by, receivedAt, traceparent: "" });

const scanAct = (scan: Partial<Scan> & Pick<Scan, "tag">, by: Act["origin"]["by"] = { device: "d" }): Act => {
  const id = scan.id ?? newId();
  return { kind: "scan", id, origin: from(by), scan: { type: "touch", scannedAt: receivedAt, ...scan, id } };
};
const createAct = (tag: string, body: object = {}): Act => ({
  kind: "create",
  id: newId(),
  origin: from({ person: "p" }),
  body: { tag, class: "chair", ...body },
});

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
      const act = scanAct({ tag });
      const turn = decide([act, scanAct({ tag: "known" })]);
      expect(receipts(turn)).toMatchObject([
        { outcome: "rejected", code: "tag_malformed", replayed: false },
        { outcome: "quarantined" },
      ]);
      expect(turn.said).toHaveLength(1);
      expect(receipts(decide([act], after(turn)))).toMatchObject([{ code: "tag_malformed", replayed: true }]);
    },
  );

  test("cannot be commissioned or edited", () => {
    const patch: Act = {
      ...{ kind: "patch", id: newId(), origin: from({}) },
      body: { tag: "", version: null, patch: { notes: "x" } },
    };
    expect(receipts(decide([createAct("x".repeat(65)), patch]))).toEqual(["tag_malformed", "tag_malformed"]);
  });
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
  "%s is a tag like any other",
  (word) => {
    const turn = decide([
      createAct(word, { class: word, place: word }),
      scanAct({ tag: word, type: "rental", contract: word, place: word }),
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
  const scan = { id: newId(), tag: "a1", type: "touch" as const };

  test("with the same body is answered with the first receipt", () => {
    const turn = decide([createAct("a1"), scanAct(scan), scanAct(scan)]);
    const [, first, second] = receipts(turn);
    expect(first).toMatchObject({ outcome: "accepted", replayed: false });
    expect(second).toEqual({ ...(first as object), replayed: true });
    expect(turn.said).toHaveLength(2);
  });

  test("with another body is refused and changes nothing", () => {
    const turn = decide([createAct("a1"), scanAct(scan), scanAct({ ...scan, place: "dock" })]);
    expect(receipts(turn)[2]).toEqual({
      id: scan.id,
      outcome: "rejected",
      code: "id_reused",
      replayed: false,
    });
    expect(turn.receipts.get(scan.id)?.receipt.outcome).toBe("accepted");
    expect(receipts(decide([scanAct(scan)], after(turn)))).toMatchObject([
      { outcome: "accepted", replayed: true },
    ]);
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
    scanAct({ tag: "A1", type: "rental", contract: "C-1" }),
    scanAct({ tag: "a1", type: "rental", contract: "C-1" }),
    scanAct({ tag: " a1 ", type: "return" }),
  ]);
  expect(receipts(turn)).toMatchObject([
    { outcome: "accepted", event: { epoch: 1, pos: 11 } },
    { outcome: "accepted", event: { pos: 12 }, item: { version: 2, status: "on_rent" } },
    { outcome: "already_applied", item: { version: 2 } },
    { outcome: "accepted", event: { pos: 13 }, item: { version: 3, status: "ready" } },
  ]);
  expect(turn.items.get("A1")).toMatchObject({ pos: 13, version: 3 });
});

describe("scans of a tag that no item carries", () => {
  const early = scanAct({ tag: "x1", type: "rental", contract: "C-1", scannedAt: "2026-05-04T09:00:00Z" });
  const ahead = scanAct({ tag: "x1", type: "return", scannedAt: "2027-01-01T00:00:00Z" });
  const last = scanAct({ tag: "x1", type: "touch", scannedAt: "2026-05-04T09:30:00Z" });

  test("are decided in the order in which they happened once it is commissioned", () => {
    const first = decide([ahead, last, early]);
    expect(receipts(first)).toMatchObject(Array(3).fill({ outcome: "quarantined", code: "tag_unknown" }));
    const waiting = new Map([["x1", first.quarantined.map(({ heard }) => heard)]]);
    const turn = decide([createAct("x1")], { ...nothing, quarantined: waiting });
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
    expect(turn.released).toEqual([]);
    expect(receipts(turn)[2]).toMatchObject({
      outcome: "quarantined",
      replayed: true,
      later: { outcome: "accepted", event: { pos: 13 } },
    });
  });

  test("by one reader at one place are kept once, by another or elsewhere again", () => {
    const gate = { reader: "gate" };
    const turn = decide([
      scanAct({ tag: "x1", place: "dock" }, gate),
      scanAct({ tag: "x1", place: "dock" }, gate),
      scanAct({ tag: "x1", place: "yard" }, gate),
      scanAct({ tag: "x1", place: "dock" }, { reader: "door" }),
      scanAct({ tag: "x1", place: "dock" }),
      scanAct({ tag: "x1", place: "dock" }),
    ]);
    expect(receipts(turn).map((receipt) => typeof receipt === "object" && receipt.outcome)).toEqual(
      Array(6).fill("quarantined"),
    );
    expect(turn.quarantined).toHaveLength(5);
    expect(turn.said).toHaveLength(5);
    expect(turn.receipts.size).toBe(6);
  });
});

test("a fault refuses one act and leaves the others of its turn alone", () => {
  const known: Item = decide([createAct("a1")]).items.get("A1") as Item;
  const patch = (version: number | null): Act => ({
    ...{ kind: "patch", id: newId(), origin: from({ person: "p" }) },
    body: { tag: "a1", version, patch: { status: "missing" } },
  });
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
