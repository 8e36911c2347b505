import { declaredEvents, newId } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { Undoing } from "./actors/compensation.ts";
import { takeBackOf } from "./actors/undo-table.ts";
import { expectSound, type Member, type TestOperations } from "./test-operations.ts";
import { eachOnItsSite, sha256, type Told } from "./test-told.ts";

/* What sessions are once it was taken back that they began; each test on a site of its own. */

let operations: TestOperations;
let member: Member;
let site: string;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, member, site, told } = ground);
});

const sound = () => expectSound(operations.sql, site);
/** Whoever reads everything anew knows the same. */
const forget = () => member.turns.forget(site);
const unbegun = {
  ...{ state: "unbegun", mode: null, contract: null, place: null, begunAt: null },
  ...{ expected: 0, missing: 0, found: 0, expectedByClass: null },
};

describe("it is taken back that a session began", () => {
  test("and nothing is expected in it, until whoever means it begins it anew", async () => {
    await told.stock(["x1", "x2"]);
    const id = newId();
    const about = { mode: "count" as const, place: "hall", expected: ["x1", "x2"] };
    const begun = await told.at("session.begin", { id, ...about });
    forget();
    const { receipt, undone } = await told.undo({ events: [begun], reason: "the wrong hall" });
    expect(undone).toMatchObject([{ outcome: "undone", set: { state: "unbegun" } }]);
    expect(await told.session(id)).toMatchObject(unbegun);
    expect(await told.sessionTags(id)).toEqual([]);
    expect(await told.undo({ events: [begun] })).toMatchObject({ undone: [{ outcome: "nothing_to_undo" }] });
    const back = receipt.event?.pos ?? 0;
    expect((await sound()).log[back - 1]).toMatchObject({
      ...{ type: "session.withdrawn.v1", session: id },
      data: { undoes: begun, expected: ["x1", "x2"], reason: "the wrong hall" },
    });

    await told.undo({ events: [back] });
    expect(await told.session(id)).toMatchObject({
      state: "open",
      mode: "count",
      place: "hall",
      expected: 2,
    });
    await told.undo({ events: [begun] });
    await told.done("session.begin", { id, mode: "return", expected: ["x2"] });
    expect(await told.session(id)).toMatchObject({ state: "open", mode: "return", expected: 1 });
    expect(await told.undo({ events: [begun] })).toMatchObject({ undone: [{ outcome: "nothing_to_undo" }] });
    expect((await told.refusal({ events: [back + 2] })).detail).toContain("session.begun.v1");
    await told.scan("x2", { type: "return", session: id });
    expect(await told.session(id)).toMatchObject({ found: 1 });
    await sound();
  });

  test("also of a session that expects more than is remembered of it", async () => {
    const id = newId();
    const expected = Array.from({ length: 700 }, (_, index) => `never ${index}`);
    const begun = await told.at("session.begin", { id, mode: "count", expected });
    forget();
    const back = (await told.undo({ events: [begun] })).receipt.event?.pos ?? 0;
    expect(await told.session(id)).toMatchObject(unbegun);
    forget();
    await told.undo({ events: [back] });
    expect(await told.session(id)).toMatchObject({ state: "open", expected: 700, missing: 700 });
    await sound();
  });

  test("but not while scans count in it, and with them in one go", async () => {
    await told.stock(["x1"]);
    const id = newId();
    const begun = await told.at("session.begin", { id, mode: "count", expected: ["x1"] });
    const scan = await told.scan("x1", { type: "count", session: id });
    const { log } = await sound();
    expect(await told.preview({ events: [begun] })).toMatchObject({
      undone: [{ outcome: "refused", instead: "POST /sessions/{id}:undo" }],
    });
    expect(await told.refusal({ events: [begun] })).toMatchObject({
      ...{ code: "undo_refused", detail: expect.stringContaining("scans of 1 tags count in it") },
    });
    expect((await sound()).log).toEqual(log);
    await told.undo({ events: [begun, scan] });
    expect(await told.session(id)).toMatchObject(unbegun);
    await sound();
  });

  test("nor while a tag that nobody knows waits in it, nor once it is closed", async () => {
    const [waits, over] = [newId(), newId()];
    const waiting = await told.at("session.begin", { id: waits, mode: "count" });
    await told.scan("ghost", { type: "count", session: waits });
    expect((await told.refusal({ events: [waiting] })).code).toBe("undo_refused");
    const begun = await told.at("session.begin", { id: over, mode: "count" });
    const close = { count: 0, digest: sha256([]) };
    const closed = await told.at("session.close", { session: over, close });
    expect(await told.preview({ events: [begun] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: closed }],
    });
    await told.undo({ events: [begun, closed] });
    expect(await told.session(over)).toMatchObject(unbegun);
    await sound();
  });

  test("and its station is free for another, which keeps it from coming back", async () => {
    const [first, second] = [newId(), newId()];
    const begin = (id: string) => told.at("session.begin", { id, mode: "count", station: "dock" });
    const begun = await begin(first);
    expect(await told.refused("session.begin", { id: second, mode: "count", station: "dock" })).toBe(
      "station_busy",
    );
    const back = (await told.undo({ events: [begun] })).receipt.event?.pos ?? 0;
    await begin(second);
    for (const reads of ["remembered", "anew"]) {
      expect((await told.refusal({ events: [back] })).detail, reads).toContain(second);
      forget();
    }
    await told.done("session.close", { session: second, close: {} });
    await told.undo({ events: [back] });
    expect(await told.session(first)).toMatchObject({ state: "open", station: "dock" });
    await sound();
  });
});

describe("every kind of event that the log may hold", () => {
  const isNever = (type: string): string | undefined => {
    const undoing = { event: { type, pos: 1, data: {} }, history: { ofSame: () => [] }, book: {} };
    try {
      const { verdict } = takeBackOf({ type })(undoing as unknown as Undoing);
      return verdict.outcome === "refused" && !/nothing is known|no item/.test(verdict.reason ?? "")
        ? verdict.reason
        : undefined;
    } catch {
      // It looks at what it is about, which is not there: so it is one that may be taken back.
      return undefined;
    }
  };

  test("may be taken back, or says why no undo does that and what does instead", () => {
    const types = [...declaredEvents.keys()].map(({ type }) => type as string);
    const reasons = Object.fromEntries(types.flatMap((type) => [[type, isNever(type)]]));
    const never = Object.entries(reasons).filter(([, reason]) => reason !== undefined);
    expect(Object.fromEntries(never)).toEqual({
      "audit.barrier.v1": "a barrier changes nothing",
      "contract.unmerged.v1": expect.stringContaining("POST /contracts/{number}:merge"),
      "item.reassigned.v1": expect.stringContaining("take back contract.merged.v1"),
      "reader.configured.v1": expect.stringContaining("PATCH /readers/{id}"),
      "scan.dismissed.v1": expect.stringContaining("POST /scans"),
      "scan.quarantined.v1": expect.stringContaining("POST /items"),
      "session.declared.v1": expect.stringContaining("POST /sessions/{id}:declare"),
      "session.heard.v1": "it did scan those tags",
      "session.joined.v1": expect.stringContaining("POST /sessions/{id}:declare"),
      "session.restated.v1": expect.stringContaining("POST /sessions/{id}:undo"),
      "site.created.v1": "a site is the beginning of its log, and nothing comes before it",
      "photo.added.v1": expect.stringContaining("POST /photos/{id}:delete"),
      "photo.deleted.v1": expect.stringContaining("POST /items/{tag}/photos"),
      "site.rule_set.v1": expect.stringContaining("PUT /rules/{rule}"),
      "site.migration_moved.v1": expect.stringContaining("POST /migration:rollback"),
      "station.configured.v1": expect.stringContaining("PUT /stations/{id}"),
      "zone.configured.v1": expect.stringContaining("PUT /zones/{place}"),
    });
  });
});
