import { newId } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { expectSound, type Member, type TestOperations } from "./test-operations.ts";
import { eachOnItsSite, sha256, type Told } from "./test-told.ts";

/*
 * What sessions, contracts, lots and tags are after an undo, decided and committed on a real store; each test on a site of its own.
 * `sound` looks whether every row is what the log says.
 */

let operations: TestOperations;
let member: Member;
let site: string;
let sites: number;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, member, site, sites, told } = ground);
});

const sound = () => expectSound(operations.sql, site);
const itemsNow = async () =>
  Object.fromEntries((await sound()).items.map(({ tag, status, contract }) => [tag, [status, contract]]));
/** Whoever reads everything anew knows the same. */
const forget = () => member.turns.forget(site);
const last = async (type: string): Promise<number> =>
  (await sound()).log.findLast((event) => event.type === type)?.pos ?? 0;

describe("the undo of a session's scans", () => {
  test("leaves none of them in its counts, its tags and its digest, and says that all had arrived", async () => {
    await told.stock(["x1", "x2", "x3"]);
    const id = newId();
    await told.done("session.begin", { id, mode: "return", expected: ["x1", "x2"] });
    for (const tag of ["x1", "x3"]) await told.scan(tag, { type: "rental", contract: "A", session: id });
    const declared = { count: 2, digest: sha256(["x1", "x3"]) };
    await told.done("session.close", { session: id, close: declared });
    expect(await told.session(id)).toMatchObject({
      ...{ found: 1, unexpected: 1, missing: 1, complete: true, digest: declared.digest },
      seenByClass: { chair: 2 },
    });

    forget();
    expect(await told.undo({ session: id })).toMatchObject({ receipt: { outcome: "accepted" } });
    expect(await told.session(id)).toMatchObject({
      ...{ state: "closed", expected: 2, found: 0, unexpected: 0, missing: 2, rejected: 0, unknown: 0 },
      ...{ seenByClass: { chair: 0 }, recorded: { count: 0, digest: sha256([]) }, digest: sha256([]) },
      ...{ declared, complete: true, lateScans: 0 },
    });
    expect(await told.sessionTags(id)).toEqual([
      { tag: "x1", expected: true, outcome: null },
      { tag: "x2", expected: true, outcome: null },
    ]);
    await sound();
    expect(await told.undo({ session: id })).toMatchObject({
      undone: [{ outcome: "nothing_to_undo" }, { outcome: "nothing_to_undo" }],
      receipt: { outcome: "already_applied" },
    });
  });

  test("is taken back like anything else: they count again", async () => {
    await told.stock(["x1", "x2"]);
    const id = newId();
    for (const tag of ["x1", "x2"]) await told.scan(tag, { type: "rental", contract: "A", session: id });
    await told.done("session.close", { session: id, close: {} });
    const answer = await told.undo({ session: id });
    const again = answer.undone?.flatMap(({ by }) => by ?? []) ?? [];
    expect(again).toHaveLength(2);
    await told.undo({ events: again });
    expect(await told.session(id)).toMatchObject({
      ...{ unexpected: 2, seenByClass: { chair: 2 }, digest: sha256(["x1", "x2"]) },
    });
    expect(await itemsNow()).toEqual({ x1: ["on_rent", "A"], x2: ["on_rent", "A"] });
    await told.undo({ session: id });
    expect(await told.session(id)).toMatchObject({ unexpected: 0, digest: sha256([]) });
    await sound();
  });

  test("of one scan leaves what another of the same tag says there", async () => {
    await told.stock(["x1"]);
    const id = newId();
    await told.scan("x1", { type: "rental", contract: "A", session: id });
    const back = await told.scan("x1", { type: "return", session: id });
    await told.undo({ events: [back] });
    expect(await told.session(id)).toMatchObject({ unexpected: 1 });
    const [row] = await operations.sql`select type from session_tag where site = ${site} and session = ${id}`;
    expect(row).toMatchObject({ type: "rental" });
    await sound();
  });

  test("takes back sightings that changed nothing, refused scans, and those that a later sighting overtook", async () => {
    await told.stock(["x1", "x2"]);
    const id = newId();
    await told.done("session.begin", { id, mode: "count", expected: ["x1"] });
    await told.scan("x1", { type: "count", place: "hall", session: id });
    await told.scan("x2", { type: "return", session: id });
    await told.scan("x2", { type: "rental", session: newId() });
    const other = newId();
    await told.scan("x2", { type: "rental", session: other });
    await told.scan("x1", { type: "touch", place: "dock" });
    expect(await told.session(id)).toMatchObject({ found: 1, unexpected: 1 });
    expect(await told.session(other)).toMatchObject({ rejected: 1 });
    await told.undo({ session: id });
    await told.undo({ session: other });
    expect(await told.session(id)).toMatchObject({ found: 0, unexpected: 0, missing: 1 });
    expect(await told.session(other)).toMatchObject({ rejected: 0 });
    const { items } = await sound();
    expect(items).toMatchObject([{ place: "dock" }, {}]);
  });

  test("of a scan that waited for its tag leaves no unknown tag behind", async () => {
    const id = newId();
    await told.scan("ghost", { type: "rental", contract: "A", session: id });
    expect(await told.session(id)).toMatchObject({ unknown: 1 });
    await told.stock(["ghost"]);
    expect(await told.session(id)).toMatchObject({ unknown: 0, unexpected: 1 });
    await told.undo({ session: id });
    expect(await told.session(id)).toMatchObject({ unknown: 0, unexpected: 0 });
    expect(await told.sessionTags(id)).toEqual([]);
    await sound();
  });

  test("lets a late scan of the same session be judged by all that arrived", async () => {
    await told.stock(["x1", "x2"]);
    const id = newId();
    const early = { scannedAt: "2026-05-04T08:00:30.000Z", session: id };
    await told.scan("x1", { type: "rental", contract: "A", ...early });
    await told.done("session.close", { session: id, close: { count: 2, digest: sha256(["x1", "x2"]) } });
    await told.undo({ session: id });
    expect(await told.session(id)).toMatchObject({ complete: false, digest: sha256([]) });
    await told.scan("x2", { type: "rental", contract: "A", ...early });
    expect(await told.session(id)).toMatchObject({ complete: true, digest: sha256(["x2"]), lateScans: 1 });
    await sound();
  });
});

describe("a session's close is taken back", () => {
  test("and the session goes on, as nobody had closed it", async () => {
    await told.stock(["x1", "x2"]);
    const id = newId();
    await told.done("session.begin", { id, mode: "count", expected: ["x1", "x2"] });
    await told.scan("x1", { type: "count", session: id });
    const close = await told.at("session.close", { session: id, close: { count: 9, digest: sha256([]) } });
    expect(await told.undo({ events: [close] })).toMatchObject({
      undone: [{ outcome: "undone", set: { state: "open" } }],
    });
    expect(await told.session(id)).toMatchObject({
      ...{ state: "open", closedAt: null, declared: null, recorded: null, complete: null, duplicates: null },
    });
    await told.scan("x2", { type: "count", session: id });
    expect(await told.session(id)).toMatchObject({ found: 2, lateScans: 0 });
    await told.undo({ events: [await last("session.reopened.v1")] });
    expect(await told.session(id)).toMatchObject({
      ...{ state: "closed", declared: { count: 9 }, recorded: { count: 2 }, complete: false },
    });
    await sound();
  });

  test("to the close before it, which came without what the device had scanned", async () => {
    await told.stock(["x1"]);
    const id = newId();
    await told.scan("x1", { type: "touch", session: id });
    const first = await told.at("session.close", { session: id, close: {} });
    const second = await told.at("session.close", {
      session: id,
      close: { count: 1, digest: sha256(["x1"]) },
    });
    expect(await told.refusal({ events: [first] })).toMatchObject({ code: "undo_refused" });
    await told.undo({ events: [second] });
    expect(await told.session(id)).toMatchObject({ state: "closed", declared: null, complete: null });
    await told.undo({ events: [first] });
    expect(await told.session(id)).toMatchObject({ state: "unbegun" });
    await sound();
  });
});

describe("a merge is taken back", () => {
  const lines = [{ class: "chair", quantity: 2 }];

  test("with lines, lots, open rentals and history, and the number leads to the manual contract again", async () => {
    await told.stock(["x1", "x2", "x3", "y1"]);
    for (const tag of ["x1", "x2", "x3"]) await told.scan(tag, { type: "rental", contract: "M-1" });
    await told.scan("x3", { type: "return" });
    await told.done("contract.amend", { number: "M-1", version: null, amend: { lines } });
    const lot = (quantity: number) => ({ id: newId(), name: "napkins", quantity, action: "added" as const });
    await told.done("lot.record", { number: "M-1", lot: lot(5) });
    await told.done("lot.record", { number: "4711", lot: lot(2) });
    await told.scan("y1", { type: "rental", contract: "4711" });
    const [manual, real] = [await told.contract("M-1"), await told.contract("4711")];

    const merge = await told.at("contract.merge", { number: "M-1", into: "4711" });
    expect(await told.contract("4711")).toMatchObject({ lots: [{ balance: 7 }], mergedFrom: ["M-1"] });
    await told.done("lot.record", { number: "4711", lot: lot(1) });
    forget();
    expect(await told.undo({ events: [merge] })).toMatchObject({
      undone: [{ outcome: "undone", set: { state: "open", mergedInto: null } }],
    });
    const ofContract = ({ version: _v, pos: _p, stateAt: _s, ...rest }: NonNullable<typeof manual>) => rest;
    expect(ofContract((await told.contract("M-1")) as NonNullable<typeof manual>)).toEqual(
      ofContract(manual as NonNullable<typeof manual>),
    );
    expect(ofContract((await told.contract("4711")) as NonNullable<typeof real>)).toEqual({
      ...ofContract(real as NonNullable<typeof real>),
      lots: [{ name: "napkins", added: 3, removed: 0, balance: 3, sent: null, surplus: 0 }],
    });
    expect(await itemsNow()).toEqual({
      ...{ x1: ["on_rent", "M-1"], x2: ["on_rent", "M-1"], x3: ["ready", null], y1: ["on_rent", "4711"] },
    });
    const back = await told.scan("x1", { type: "return" });
    expect(await told.contract("M-1")).toMatchObject({ lines: [{ returned: 2, stillOut: 1 }] });
    await told.undo({ events: [back] });
    expect(await told.contract("M-1")).toMatchObject({ lines: [{ returned: 1, stillOut: 2 }] });

    await told.done("contract.merge", { number: "M-1", into: "4711" });
    expect(await itemsNow()).toMatchObject({ x1: ["on_rent", "4711"], x2: ["on_rent", "4711"] });
    expect(await told.undo({ events: [merge] })).toMatchObject({ undone: [{ outcome: "nothing_to_undo" }] });
    await sound();
  });

  test("also of an item that was on both, and to a contract that only the merge had named", async () => {
    await told.stock(["x1"]);
    await told.scan("x1", { type: "rental", contract: "M-2" });
    const alone = await told.at("contract.merge", { number: "M-2", into: "B" });
    await told.undo({ events: [alone] });
    expect(await told.contract("B")).toMatchObject({ progress: "empty", firstOutAt: null, mergedFrom: [] });
    await told.scan("x1", { type: "return" });
    await told.scan("x1", { type: "rental", contract: "A" });
    const before = await told.contract("A");
    const both = await told.at("contract.merge", { number: "M-2", into: "A" });
    await told.undo({ events: [both] });
    expect(await told.contract("A")).toMatchObject({ lines: before?.lines, firstOutAt: before?.firstOutAt });
    expect(await told.contract("M-2")).toMatchObject({ lines: [{ returned: 1, stillOut: 0 }] });
    expect(await itemsNow()).toEqual({ x1: ["on_rent", "A"] });
  });

  test("unless an item of it has come back since, the other contract has gone on, or its lots were taken off", async () => {
    await told.stock(["x1"]);
    await told.scan("x1", { type: "rental", contract: "M-1" });
    const add = { id: newId(), name: "napkins", quantity: 4, action: "added" as const };
    await told.done("lot.record", { number: "M-1", lot: add });
    const merge = await told.at("contract.merge", { number: "M-1", into: "A" });
    const off = { ...add, id: newId(), action: "removed" as const, quantity: 1 };
    const removed = await told.at("lot.record", { number: "A", lot: off });
    expect((await told.refusal({ events: [merge] })).detail).toContain("taken off lots of A");
    await told.undo({ events: [removed] });

    const back = await told.scan("x1", { type: "return" });
    expect(await told.preview({ events: [merge] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: back }],
    });
    await told.undo({ events: [back] });
    const closed = await told.at("contract.act", { number: "A", act: "close" });
    expect(await told.preview({ events: [merge] })).toMatchObject({ undone: [{ blockedBy: closed }] });
    await told.undo({ events: [closed, merge] });
    expect(await told.contract("M-1")).toMatchObject({ state: "open", lines: [{ stillOut: 1 }] });

    const item = await last("item.reassigned.v1");
    expect((await told.refusal({ events: [item] })).detail).toContain("part of a merge");
    await sound();
  });

  test("from the last one on, where one led to another", async () => {
    await told.stock(["x1"]);
    await told.scan("x1", { type: "rental", contract: "M-1" });
    const first = await told.at("contract.merge", { number: "M-1", into: "M-2" });
    const second = await told.at("contract.merge", { number: "M-2", into: "A" });
    expect(await told.preview({ events: [first] })).toMatchObject({ undone: [{ blockedBy: second }] });
    await told.undo({ events: [first, second] });
    expect(await itemsNow()).toEqual({ x1: ["on_rent", "M-1"] });
    await sound();
  });
});

describe("what is stated of a contract is taken back", () => {
  const lot = (quantity: number) => ({ id: newId(), name: "napkins", quantity, action: "added" as const });
  const act = (number: string, of: "close" | "reopen" | "finalize" | "returned" | "reactivate") =>
    told.at("contract.act", { number, act: of });

  test("step by step through the life of laundry, with what was sent", async () => {
    await told.done("lot.record", { number: "L1", lot: lot(10) });
    const sent = await act("L1", "finalize");
    await told.undo({ events: [sent] });
    expect(await told.contract("L1")).toMatchObject({ state: "open", lots: [{ balance: 10, sent: null }] });
    await act("L1", "finalize");
    await told.done("lot.record", { number: "L1", lot: { ...lot(3), action: "removed" } });
    const returned = await act("L1", "returned");
    await told.undo({ events: [returned] });
    expect(await told.contract("L1")).toMatchObject({ state: "finalized", lots: [{ balance: 7, sent: 10 }] });
    await act("L1", "returned");
    const reactivated = await act("L1", "reactivate");
    await told.undo({ events: [reactivated] });
    expect(await told.contract("L1")).toMatchObject({ state: "returned", lots: [{ sent: 10 }] });
    await act("L1", "reactivate");
    const again = await act("L1", "finalize");
    expect(await told.contract("L1")).toMatchObject({ lots: [{ balance: 7, sent: 7 }] });
    const undone = await told.undo({ events: [again] });
    expect(await told.contract("L1")).toMatchObject({ state: "open", lots: [{ balance: 7, sent: 10 }] });
    await told.undo({ events: [undone.receipt.event?.pos ?? 0] });
    expect(await told.contract("L1")).toMatchObject({ state: "finalized", lots: [{ balance: 7, sent: 7 }] });
    expect(await told.preview({ events: [sent] })).toMatchObject({
      undone: [{ outcome: "nothing_to_undo" }],
    });
    await sound();
  });

  test("but not a state that a later one came after", async () => {
    await told.done("contract.open", { number: "A" });
    const close = await act("A", "close");
    const reopen = await act("A", "reopen");
    expect(await told.preview({ events: [close] })).toMatchObject({ undone: [{ blockedBy: reopen }] });
    await told.undo({ events: [reopen] });
    expect(await told.contract("A")).toMatchObject({ state: "closed" });
    await told.undo({ events: [close] });
    expect(await told.contract("A")).toMatchObject({ state: "open" });
    await sound();
  });

  test("member by member, while nobody has stated the same anew", async () => {
    await told.done("contract.open", { number: "A", client: "Acme" });
    const amend = (of: object) => told.at("contract.amend", { number: "A", version: null, amend: of });
    const client = await amend({ client: "Bolt" });
    await amend({ dueAt: "2026-05-09T08:00:00.000Z" });
    await told.undo({ events: [client] });
    expect(await told.contract("A")).toMatchObject({ client: "Acme", dueAt: "2026-05-09T08:00:00.000Z" });
    const next = await amend({ client: "Crane" });
    const newest = await amend({ client: "Dale" });
    expect(await told.preview({ events: [next] })).toMatchObject({ undone: [{ blockedBy: newest }] });
    const close = await act("A", "close");
    expect((await told.refusal({ events: [newest] })).detail).toContain("POST /contracts/{number}:reopen");
    await told.undo({ events: [close, newest, next] });
    expect(await told.contract("A")).toMatchObject({ client: "Acme", state: "open" });
    await sound();
  });

  test("a count by the opposite one, unless it was sent by it or its contract is another one now", async () => {
    const counted = await told.at("lot.record", { number: "L1", lot: lot(4) });
    const sent = await act("L1", "finalize");
    expect(await told.preview({ events: [counted] })).toMatchObject({ undone: [{ blockedBy: sent }] });
    await told.undo({ events: [sent, counted] });
    expect(await told.contract("L1")).toMatchObject({ lots: [{ added: 4, removed: 4, balance: 0 }] });
    const manual = await told.at("lot.record", { number: "M-1", lot: lot(4) });
    const merge = await told.at("contract.merge", { number: "M-1", into: "A" });
    expect(await told.preview({ events: [manual] })).toMatchObject({ undone: [{ blockedBy: merge }] });
    await told.undo({ events: [manual, merge] });
    expect(await told.contract("M-1")).toMatchObject({ lots: [{ balance: 0 }] });
    await sound();
  });
});

describe("what a later scan has only confirmed stays", () => {
  test("so that it has to be taken back first where nothing else is left", async () => {
    await told.stock(["x1"]);
    await told.scan("x1", { type: "touch", place: "hall" });
    const moved = await told.scan("x1", { type: "touch", place: "gate" });
    const seen = await told.scan("x1", { type: "touch", place: "gate" });
    expect(await told.preview({ events: [moved] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: seen }],
    });
    await told.undo({ events: [moved, seen] });
    expect((await sound()).items).toMatchObject([{ place: "hall" }]);
  });

  test("while the rest of what it confirmed goes, and it is what is left when what came after it goes too", async () => {
    await told.stock(["x1"]);
    const rental = await told.scan("x1", { type: "rental", contract: "A", place: "gate" });
    await told.scan("x1", { type: "touch", place: "gate" });
    await told.undo({ events: [rental] });
    const back = { status: "ready", place: "gate" };
    expect((await sound()).items).toMatchObject([back]);
    const away = await told.scan("x1", { type: "touch", place: "yard" });
    await told.undo({ events: [away] });
    expect((await sound()).items).toMatchObject([back]);
  });
});

describe("the instant for which a scan confirmed what was so already", () => {
  const factAt = async () => (await sound()).items[0]?.lastFactAt;

  test("is taken back with the scan, so that what was made before it counts", async () => {
    await told.stock(["x1"]);
    told.skip(10);
    const early = { type: "rental", contract: "A", scannedAt: told.instant(5) } as const;
    const back = await told.scan("x1", { type: "return" });
    expect(await factAt()).toBe(told.instant(11));
    expect(await told.receipt("x1", early)).toMatchObject({ code: "late_history_only" });
    expect(await itemsNow()).toEqual({ x1: ["ready", null] });
    expect(await told.contract("A")).toMatchObject({ lines: [{ out: 1, returned: 1, stillOut: 0 }] });
    // That rental is over by this return, so it goes first or with it.
    const late = (await sound()).log.at(-1)?.pos ?? 0;
    expect(await told.preview({ events: [back] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: late }],
    });
    await told.undo({ events: [late, back] });
    expect(await factAt()).toBeNull();
    expect(await told.contract("A")).toMatchObject({ lines: [] });
    expect(await told.receipt("x1", { ...early, contract: "B" })).not.toHaveProperty("code");
    expect(await itemsNow()).toEqual({ x1: ["on_rent", "B"] });
    expect(await factAt()).toBe(told.instant(5));
  });

  test("stays while what it confirmed is taken back, and the fact has its own again when both come back", async () => {
    await told.stock(["x1"]);
    const rental = await told.scan("x1", { type: "rental", contract: "A" });
    const again = await told.scan("x1", { type: "rental", contract: "A" });
    await told.undo({ events: [rental] });
    const rentalBack = await last("item.undone.v1");
    expect(await factAt()).toBe(told.instant(2));
    await told.undo({ events: [again] });
    const againBack = await last("item.undone.v1");
    expect(await factAt()).toBeNull();
    await told.undo({ events: [rentalBack] });
    expect(await factAt()).toBe(told.instant(1));
    await told.undo({ events: [againBack] });
    expect(await factAt()).toBe(told.instant(2));
    expect(await itemsNow()).toEqual({ x1: ["on_rent", "A"] });
  });
});

describe("what was taken back comes back", () => {
  const sell = () => told.at("item.patch", { tag: "x1", version: null, patch: { status: "sold" } });
  const undoneBy = async (pos: number): Promise<number> => {
    await told.undo({ events: [pos] });
    return last("item.undone.v1");
  };

  test("unless what was before it has come back first, so that nothing is sold and out at once", async () => {
    await told.stock(["x1"]);
    const delivered = await told.scan("x1", { type: "delivery", contract: "A" });
    const backAgain = await undoneBy(delivered);
    const sold = await sell();
    const soldBack = await undoneBy(sold);
    await told.undo({ events: [backAgain] });
    expect(await itemsNow()).toEqual({ x1: ["delivered", "A"] });
    const { code, detail } = await told.refusal({ events: [soldBack] });
    expect(code).toBe("undo_refused");
    expect(detail).toContain(`item.edited.v1 at ${sold} was said of an item on no contract`);
    expect(detail).toContain("on contract A by now");
    expect(await itemsNow()).toEqual({ x1: ["delivered", "A"] });
  });

  test("in the order in which it was said, with the end of what it ended", async () => {
    await told.stock(["x1"]);
    const delivered = await told.scan("x1", { type: "delivery", contract: "A" });
    const sold = await sell();
    const soldBack = await undoneBy(sold);
    const backAgain = await undoneBy(delivered);
    await told.undo({ events: [backAgain] });
    await told.undo({ events: [soldBack] });
    expect(await itemsNow()).toEqual({ x1: ["sold", null] });
    expect(await told.contract("A")).toMatchObject({ lines: [{ stillOut: 0 }] });
  });
});

describe("a change of tags is taken back", () => {
  test("with status, contract and place, from either of its halves, and is made again", async () => {
    await told.stock(["x1"]);
    await told.scan("x1", { type: "rental", contract: "A" });
    const retag = await told.at("item.retag", { tag: "x1", to: "x9" });
    forget();
    const answer = await told.undo({ events: [retag] });
    expect(answer.undone).toMatchObject([{ tag: "x1", outcome: "undone", set: { status: "on_rent" } }]);
    const { items } = await sound();
    expect(items).toMatchObject([
      { tag: "x1", status: "on_rent", contract: "A", replacedBy: null },
      { tag: "x9", status: "retired", contract: null, replacedBy: "x1" },
    ]);
    expect(await told.contract("A")).toMatchObject({ lines: [{ out: 1, stillOut: 1 }] });
    const members = await operations.sql`select tag, state from contract_member where site = ${site}`;
    expect(members).toEqual([{ tag: "x1", state: "out" }]);

    // The second half of the undo takes the whole of it back.
    await told.undo({ events: [(answer.receipt.event?.pos ?? 0) + 1] });
    expect((await sound()).items).toMatchObject([
      { tag: "x1", status: "retired", contract: null, replacedBy: "x9" },
      { tag: "x9", status: "on_rent", contract: "A", replaces: "x1", replacedBy: null },
    ]);
    await told.undo({ events: [retag, retag + 1] });
    expect(await itemsNow()).toEqual({ x1: ["on_rent", "A"], x9: ["retired", null] });
    await told.scan("x1", { type: "return" });
    expect(await told.contract("A")).toMatchObject({ lines: [{ returned: 1, stillOut: 0 }] });
    await sound();
  });

  test("unless something has become of the thing under its new tag", async () => {
    await told.stock(["x1"]);
    const retag = await told.at("item.retag", { tag: "x1", to: "x9" });
    const rental = await told.scan("x9", { type: "rental", contract: "A" });
    expect(await told.preview({ events: [retag] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: rental }],
    });
    await told.undo({ events: [retag, rental] });
    expect(await itemsNow()).toEqual({ x1: ["ready", null], x9: ["retired", null] });
    expect(await told.contract("A")).toMatchObject({ lines: [] });
    await sound();
  });

  test("and its tag is free again: another thing gets it, or the same one, and it has one life at a time", async () => {
    await told.stock(["x1", "y1"]);
    const wrong = await told.at("item.retag", { tag: "x1", to: "x9" });
    await told.scan("x9", { type: "touch", place: "yard" });
    await told.undo({ events: [wrong, wrong + 2] });
    forget();
    const right = await told.at("item.retag", { tag: "y1", to: "x9" });
    await told.scan("x9", { type: "rental", contract: "A" });
    expect((await sound()).items).toMatchObject([
      { tag: "x1", status: "ready", replacedBy: null },
      { tag: "x9", status: "on_rent", contract: "A", replaces: "y1", replacedBy: null, version: 6 },
      { tag: "y1", status: "retired", replacedBy: "x9" },
    ]);
    expect(await told.contract("A")).toMatchObject({ lines: [{ out: 1, stillOut: 1 }] });
    // Whoever took the first undo back now would put one tag on two things.
    const undoneAt = await last("item.undone.v1");
    expect(await told.preview({ events: [undoneAt] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: right + 1 }],
    });
    const rented = await last("item.rented.v1");
    await told.undo({ events: [right, rented] });
    expect(await told.refused("item.retag", { tag: "x1", to: "x9" })).toBe("taken");
    expect((await sound()).items).toMatchObject([
      { tag: "x1", status: "retired", replacedBy: "x9" },
      { tag: "x9", status: "ready", contract: null, replaces: "x1", replacedBy: null },
      { tag: "y1", status: "ready", replacedBy: null },
    ]);
    expect(await told.refused("item.retag", { tag: "y1", to: "x9" })).toBe("item_exists");
    // A tag that a thing had worn in earnest stays that thing's, whatever it carries since.
    expect(await told.refused("item.create", { tag: "x1", class: "chair" })).toBe("item_exists");
  });

  test("and a new thing may be commissioned under it", async () => {
    await told.stock(["x1"]);
    await told.undo({ events: [await told.at("item.retag", { tag: "x1", to: "x9" })] });
    await told.done("item.create", { tag: "x9", class: "tent" });
    expect((await sound()).items).toMatchObject([
      { tag: "x1", class: "chair", status: "ready" },
      { tag: "x9", class: "tent", status: "ready", replaces: null, replacedBy: null, version: 3 },
    ]);
    expect(await told.refused("item.create", { tag: "x9", class: "tent" })).toBe("item_exists");
  });
});

describe("the undo of a thing's beginning", () => {
  const create = () => told.at("item.create", { tag: "x1", class: "chair" });

  test("takes it out of the stock with its history, and nobody knows its tag any more", async () => {
    const created = await create();
    expect(await told.preview({ events: [created] })).toMatchObject({ undone: [{ outcome: "undone" }] });
    expect(await told.undo({ events: [created] })).toMatchObject({
      undone: [{ pos: created, outcome: "undone" }],
    });
    forget();
    expect((await sound()).items).toMatchObject([
      { tag: "x1", status: "retired", contract: null, replacedBy: "x1", version: 2 },
    ]);
    const waits = { outcome: "quarantined", code: "tag_unknown" };
    expect(await told.receipt("x1", { type: "rental", contract: "A" })).toMatchObject(waits);
    forget();
    expect(await told.receipt("x1", { type: "touch", place: "dock" })).toMatchObject(waits);
    expect(await told.refused("item.retag", { tag: "x1", to: "x2" })).toBe("tag_unknown");
    expect(await told.refused("item.patch", { tag: "x1", patch: { status: "ready" }, version: 2 })).toBe(
      "tag_unknown",
    );
    expect(await told.undo({ events: [created] })).toMatchObject({
      undone: [{ outcome: "nothing_to_undo" }],
    });
    await sound();
  });

  test("lets the tag be put on a thing anew, which has what waited for it meanwhile", async () => {
    const created = await create();
    await told.undo({ events: [created] });
    await told.receipt("x1", { type: "rental", contract: "A" });
    forget();
    const anew = await told.at("item.create", { tag: "x1", class: "tent" });
    expect(await itemsNow()).toEqual({ x1: ["on_rent", "A"] });
    expect((await sound()).items).toMatchObject([{ class: "tent", version: 4, replacedBy: null }]);
    // Whoever rented it depends on it.
    expect(await told.refusal({ events: [anew] })).toMatchObject({ code: "undo_refused" });
    await told.undo({ events: [anew, anew + 1] });
    expect((await sound()).items).toMatchObject([{ status: "retired", replacedBy: "x1" }]);
  });

  test("is taken back like anything else, but for what waits for the tag", async () => {
    const created = await create();
    const gone = (await told.undo({ events: [created] })).receipt.event?.pos ?? 0;
    await told.receipt("x1", { type: "touch" });
    expect(await told.refusal({ events: [gone] })).toMatchObject({
      code: "undo_refused",
      detail: expect.stringContaining("POST /items"),
    });
    await told.done("quarantine.dismiss", { tag: "x1", reason: "overheard" });
    await told.undo({ events: [gone] });
    forget();
    expect((await sound()).items).toMatchObject([
      { tag: "x1", class: "chair", status: "ready", replacedBy: null },
    ]);
    expect(await told.receipt("x1", { type: "rental", contract: "A" })).toMatchObject({
      outcome: "accepted",
    });
  });

  test("waits for what became of the thing to be taken back first", async () => {
    const created = await create();
    const rented = await told.scan("x1", { type: "rental", contract: "A" });
    expect((await told.refusal({ events: [created] })).detail).toContain(`item.rented.v1 at ${rented}`);
    await told.undo({ events: [created, rented] });
    expect((await sound()).items).toMatchObject([{ status: "retired", contract: null }]);
  });

  test("frees the name of GS1 that its tag says, and no number of a sequence", async () => {
    const tags = {
      scheme: "sgtin-96",
      companyPrefix: "4012345",
      itemReference: String(sites).padStart(6, "0"),
    } as const;
    const made = await told.done("tags.provision", { class: "chair", quantity: 2, tags });
    const [one = "", two = ""] = made.tags ?? [];
    const from = made.receipt.event?.pos ?? 0;
    await told.undo({ events: [from, from + 1] });
    const again = await told.done("tags.provision", { class: "chair", quantity: 2, tags });
    expect(again.tags).not.toContain(one);
    expect(again.tags).not.toContain(two);
    expect(await told.refused("item.create", { tag: one, class: "tent" })).toBe("taken");
    await sound();
  });
});

describe("what no undo brings back is refused with the operation that does what is wanted", () => {
  test.each([
    {
      of: "a scan that waits",
      make: () => told.scan("ghost", { type: "touch" }),
      instead: "POST /items",
    },
    {
      of: "a merge that was taken back",
      make: async () => {
        await told.done("contract.open", { number: "M-1" });
        const merge = await told.at("contract.merge", { number: "M-1", into: "A" });
        return (await told.undo({ events: [merge] })).receipt.event?.pos ?? 0;
      },
      instead: "POST /contracts/{number}:merge",
    },
    {
      of: "what a session came to when a scan was taken back",
      make: async () => {
        await told.stock(["x1"]);
        const session = newId();
        const scanned = await told.scan("x1", { type: "touch", session });
        await told.done("session.close", { session, close: {} });
        await told.undo({ events: [scanned] });
        return last("session.restated.v1");
      },
      instead: "POST /sessions/{id}:undo",
    },
  ])("$of", async ({ make, instead }) => {
    const pos = await make();
    const { log } = await sound();
    const { code, detail } = await told.refusal({ events: [pos] });
    expect(code).toBe("undo_refused");
    expect(detail).toContain(instead);
    expect(await told.preview({ events: [pos] })).toMatchObject({
      receipt: { outcome: "rejected", code: "undo_refused" },
      undone: [{ outcome: "refused", instead }],
    });
    expect((await sound()).log).toEqual(log);
  });

  test("the beginning of a site, by which nothing else does it", async () => {
    expect(await told.refusal({ events: [1] })).toMatchObject({ code: "undo_refused" });
  });
});

describe("a preview", () => {
  test("says that it would be refused and why, what a part of it would come to, and commits nothing", async () => {
    await told.stock(["x1", "x2"]);
    const rental = await told.scan("x1", { type: "rental", contract: "A" });
    const back = await told.scan("x1", { type: "return" });
    const other = await told.scan("x2", { type: "rental", contract: "A" });
    const { log } = await sound();
    const refused = await told.preview({ events: [rental, other] });
    expect(refused.receipt).toMatchObject({ outcome: "rejected", code: "undo_refused", replayed: false });
    expect(refused.receipt.message).toContain("item.returned.v1");
    expect(refused.undone).toMatchObject([
      { pos: other, outcome: "undone" },
      { pos: rental, outcome: "refused", blockedBy: back },
    ]);
    expect((await told.preview({ events: [rental, other], partial: true })).receipt).toMatchObject({
      ...{ outcome: "accepted", message: "1 of 2 events were taken back" },
    });
    expect((await told.preview({ events: [rental], partial: true })).receipt).toMatchObject({
      ...{ outcome: "rejected", code: "undo_refused" },
    });
    expect((await told.preview({ events: [other] })).receipt).toMatchObject({ outcome: "accepted" });
    expect((await sound()).log).toEqual(log);
    const [{ count }] = await operations.sql<
      [{ count: number }]
    >`select count(*)::int as count from receipt where site = ${site} and id = ${refused.receipt.id}`;
    expect(count).toBe(0);
    await told.undo({ events: [other] });
    expect((await told.preview({ events: [other] })).receipt).toMatchObject({ outcome: "already_applied" });
  });
});
