import { newId } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import type { Act } from "./act.ts";
import { openBook } from "./book.ts";
import { changeBody } from "./decision.ts";
import { nothingKnown } from "./known.ts";
import { decideTurn } from "./site.ts";
import { createAct, originOf, scanAct } from "./test-acts.ts";

/*
 * A large session of many classes on one contract: what each of its scans costs does not grow with the classes, and nobody who was told
 * of counts, or tries something, sees those of others change.
 */

const session = newId();
const tags = ["x1", "x2", "x3"];
const classes = Array.from({ length: 50 }, (_, index) => `class ${index}`);

/** A book in which things go out on one contract, each with a scan of the session. */
const openGoing = () => {
  const acts = tags.map((tag, index) => createAct(tag, { class: classes[index] ?? "" }));
  const stocked = decideTurn({ epoch: 1, pos: 0 }, nothingKnown, acts);
  const book = openBook({ ...nothingKnown, items: stocked.items });
  const scanOut = (tag: string, to = book) => {
    const item = to.item(tag);
    if (item === undefined) throw new Error(tag);
    const at = "2026-05-04T08:00:00.000Z";
    const moves = [{ contract: "A", class: item.class, to: "out" as const, at }];
    const scan = { id: newId(), tag, type: "rental" as const, scannedAt: at };
    const data = {
      ...changeBody(item, { status: "on_rent", contract: "A" }, { outcome: "accepted", flags: [], moves }),
      scan,
      class: item.class,
    };
    to.fold({ type: "item.rented.v1", tag, session, contract: "A", scannedAt: at, data, ...originOf({}) }, 9);
  };
  const counts = (of = book) => [of.session(session)?.seenByClass, of.contract("A")?.counts];
  return { book, scanOut, counts };
};

describe("the counts by class of a session and a contract", () => {
  test("are made once in a turn, and not for each scan", () => {
    const { scanOut, counts } = openGoing();
    scanOut("x1");
    const first = counts();
    scanOut("x2");
    scanOut("x3");
    expect(counts()[0]).toBe(first[0]);
    expect(counts()[1]).toBe(first[1]);
    expect(first[0]).toEqual({ "class 0": 1, "class 1": 1, "class 2": 1 });
    expect(first[1]).toMatchObject({ "class 0": { out: 1 }, "class 2": { out: 1 } });
  });

  test("stay as they are where something is tried on a fork, and on the fork when they go on here", () => {
    const { book, scanOut, counts } = openGoing();
    scanOut("x1");
    const fork = book.fork();
    scanOut("x3");
    expect(counts(fork)[0]).toEqual({ "class 0": 1 });
    scanOut("x2", fork);
    expect(counts()[0]).toEqual({ "class 0": 1, "class 2": 1 });
    expect(counts(fork)[0]).toEqual({ "class 0": 1, "class 1": 1 });
    expect(Object.keys(counts(fork)[1] ?? {})).toEqual(["class 0", "class 1"]);
  });

  test("stay as they were told, whatever is scanned later in the same turn", () => {
    const out = (tag: string) => scanAct(tag, { type: "rental", contract: "A", session });
    const act = (kind: "session.begin" | "contract.open", body: object): Act =>
      ({ kind, id: newId(), origin: originOf({}), body }) as Act;
    const acts = [
      ...tags.map((tag) => createAct(tag)),
      ...[out("x1"), act("session.begin", { id: session, mode: "count" })],
      ...[act("contract.open", { number: "A" }), out("x2"), out("x3")],
    ];
    const { answers, sessions } = decideTurn({ epoch: 1, pos: 0 }, nothingKnown, acts);
    expect(answers[4]).toMatchObject({ session: { seenByClass: { chair: 1 } } });
    expect(answers[5]).toMatchObject({ contract: { counts: { chair: { out: 1 } } } });
    expect(sessions.get(session)?.seenByClass).toEqual({ chair: 3 });
  });
});
