import { newId } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { expectSound, type Member, type TestOperations } from "./test-operations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* What contracts and classes are once it was taken back that somebody stated them; each test on a site of its own. */

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
const lines = [{ class: "chair", quantity: 2 }];
const stated = { client: "Smith", dueAt: "2026-05-06T08:00:00.000Z", lines };
const unstated = { state: "open", stated: false, client: null, outAt: null, dueAt: null, lines: [] };

const classRow = async (name: string) => {
  const [row] = await operations.sql`
    select name, category, crew, version from class where site = ${site} and class = ${name}`;
  return row;
};

describe("it is taken back that a contract was stated", () => {
  test("and it is a number that nobody has stated, which whoever means it states anew", async () => {
    const opened = await told.at("contract.open", { number: "L-7", kind: "rental", ...stated });
    forget();
    const { receipt, undone } = await told.undo({ events: [opened], reason: "typed twice" });
    expect(undone).toMatchObject([{ outcome: "undone", set: { stated: false, lines: [] } }]);
    expect(await told.contract("L-7")).toMatchObject({ ...unstated, kind: "laundry" });
    expect(await told.undo({ events: [opened] })).toMatchObject({
      undone: [{ outcome: "nothing_to_undo" }],
    });
    const back = receipt.event?.pos ?? 0;
    expect((await sound()).log[back - 1]?.data).toMatchObject({ undoes: opened, reason: "typed twice" });

    await told.undo({ events: [back] });
    expect(await told.contract("L-7")).toMatchObject({ stated: true, kind: "rental", client: "Smith" });
    await told.undo({ events: [opened] });
    await told.done("contract.open", { number: "L-7", ...stated, client: "Jones" });
    expect(await told.contract("L-7")).toMatchObject({ stated: true, kind: "laundry", client: "Jones" });
    await sound();
  });

  test("and what scans had done to it before stays, with the lines that a merge had brought", async () => {
    await told.stock(["x1"]);
    await told.scan("x1", { type: "rental", contract: "M-1" });
    await told.done("contract.amend", { number: "M-1", version: null, amend: { lines } });
    await told.done("contract.merge", { number: "M-1", into: "A" });
    const before = await told.contract("A");
    const opened = await told.at("contract.open", { number: "A", client: "Smith" });
    expect(await told.contract("A")).toMatchObject({ lines: [{ class: "chair", quantity: 0 }] });
    await told.undo({ events: [opened] });
    expect(await told.contract("A")).toMatchObject({ stated: false, client: null, lines: before?.lines });
    await sound();
  });

  test.each([
    {
      what: "its lines were stated otherwise",
      make: () => told.at("contract.amend", { number: "A", version: null, amend: { client: "Jones" } }),
      by: "contract.amended.v1",
    },
    {
      what: "it was closed",
      make: () => told.at("contract.act", { number: "A", act: "close" as const }),
      by: "contract.closed.v1",
    },
    {
      what: "something was counted by hand",
      make: () =>
        told.at("lot.record", {
          number: "A",
          lot: { id: newId(), name: "napkins", quantity: 4, action: "added" as const },
        }),
      by: "lot.recorded.v1",
    },
    {
      what: "another was merged into it",
      make: async () => {
        await told.done("contract.open", { number: "M-1" });
        return told.at("contract.merge", { number: "M-1", into: "A" });
      },
      by: "contract.merged.v1",
    },
    {
      what: "a thing went out on it",
      make: async () => {
        await told.stock(["x1"]);
        return told.scan("x1", { type: "rental", contract: "A" });
      },
      by: "things have moved on it since, 1 of them",
    },
  ])("but not before what came of it: $what", async ({ make, by }) => {
    const opened = await told.at("contract.open", { number: "A", ...stated });
    const since = await make();
    const { log } = await sound();
    expect(await told.preview({ events: [opened] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: since }],
    });
    const { code, detail } = await told.refusal({ events: [opened] });
    expect(code).toBe("undo_refused");
    expect(detail).toContain(by);
    expect((await sound()).log).toEqual(log);

    await told.undo({ events: [opened, since] });
    expect(await told.contract("A")).toMatchObject(unstated);
    await sound();
  });
});

describe("it is taken back what a class was described as", () => {
  const define = (described: { name?: string; category?: string; crew?: "tent" | "linen" }) =>
    told.at("class.define", { class: "chair", define: described });

  test("and nothing is said of it any more, and its things stay", async () => {
    await told.stock(["x1"]);
    const defined = await define({ name: "Chair", crew: "linen" });
    forget();
    expect(await told.undo({ events: [defined] })).toMatchObject({
      undone: [{ outcome: "undone", set: { name: null, crew: null } }],
    });
    expect(await classRow("chair")).toEqual({ name: null, category: null, crew: null, version: 2 });
    expect(await told.undo({ events: [defined] })).toMatchObject({
      undone: [{ outcome: "nothing_to_undo" }],
    });
    expect((await sound()).items).toMatchObject([{ tag: "x1", class: "chair" }]);
  });

  test("word by word: what was described since stays, and a word that was said anew is taken back first", async () => {
    const first = await define({ name: "Chair", category: "seats" });
    const second = await define({ name: "Folding chair", crew: "tent" });
    expect(await told.preview({ events: [first] })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: second }],
    });
    const back = (await told.undo({ events: [second] })).receipt.event?.pos ?? 0;
    expect(await classRow("chair")).toMatchObject({ name: "Chair", category: "seats", crew: null });
    await told.undo({ events: [back] });
    expect(await classRow("chair")).toMatchObject({ name: "Folding chair", crew: "tent" });
    await told.undo({ events: [first, second] });
    expect(await classRow("chair")).toMatchObject({ name: null, category: null, crew: null });
    await sound();
  });
});
