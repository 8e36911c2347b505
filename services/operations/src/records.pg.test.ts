import { newId, type Scan, type SessionFinding } from "@tagwire/messages";
import { beforeEach, describe, expect, test } from "vitest";
import { originOf, scanAct } from "./actors/test-acts.ts";
import { listSessionTags } from "./store/sessions.ts";
import { expectSound, type Member, type TestOperations, tellActs } from "./test-operations.ts";
import { type Body, eachOnItsSite, sha256, type Told } from "./test-told.ts";

/* Contracts, sessions, lots, tags and undo, decided and committed on a real store; each test on a site of its own. */

let operations: TestOperations;
let member: Member;
let site: string;
let sites: number;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, member, site, sites, told } = ground);
});

const at = (minute: number): string => told.instant(minute);
const command: Told["command"] = (...args) => told.command(...args);
const done: Told["done"] = (...args) => told.done(...args);
const refused: Told["refused"] = (...args) => told.refused(...args);
const scan: Told["receipt"] = (...args) => told.receipt(...args);
const stock: Told["stock"] = (...args) => told.stock(...args);
const contract: Told["contract"] = (...args) => told.contract(...args);
const sessionOf: Told["session"] = (...args) => told.session(...args);

describe("a contract", () => {
  test("tells of each line what went out, what came back and what is more than was ordered", async () => {
    await stock(["x1", "x2", "x3"]);
    await stock(["t1"], "tent");
    const lines = [{ class: "chair", quantity: 2 }];
    expect((await done("contract.open", { number: "100", client: "Acme", lines })).contract).toMatchObject({
      stated: true,
    });
    expect(await contract("100")).toMatchObject({ progress: "ready" });
    await scan("x1", { type: "rental", contract: "100" });
    expect(await contract("100")).toMatchObject({
      progress: "partial_out",
      lines: [{ expected: 2, out: 1, extra: 0 }],
    });
    await scan("x2", { type: "rental", contract: "100" });
    expect(await contract("100")).toMatchObject({ progress: "all_out" });
    await scan("x3", { type: "rental", contract: "100" });
    expect(await scan("t1", { type: "rental", contract: "100" })).toMatchObject({
      outcome: "accepted",
      code: "class_not_on_contract",
    });
    await scan("x1", { type: "return" });
    expect(await contract("100")).toMatchObject({
      progress: "partial_in",
      lines: [
        { class: "chair", expected: 2, out: 3, returned: 1, stillOut: 2, extra: 1 },
        { class: "tent", expected: 0, out: 1, returned: 0, extra: 1 },
      ],
    });
    for (const tag of ["x2", "x3", "t1"]) await scan(tag, { type: "return" });
    expect(await contract("100")).toMatchObject({ progress: "all_returned" });
    await expectSound(operations.sql, site);
  });

  test("keeps a thing in the line it went out in, whatever class a file gives it while it is out", async () => {
    await stock(["x1", "x2", "x3", "x4"]);
    await done("contract.open", { number: "A", lines: [{ class: "chair", quantity: 4 }] });
    const tags = ["x1", "x2", "x3", "x4"];
    for (const tag of tags) await scan(tag, { type: "rental", contract: "A" });
    const origin = originOf({ receivedAt: at(told.minute()) });
    const rows = tags.map((tag) => ({ tag, class: "armchair" }));
    await tellActs(
      member,
      site,
      rows.map((body) => ({ kind: "import", id: newId(), origin, body })),
    );
    await scan("x1", { type: "return" });
    await scan("x2", { type: "rental", contract: "B" });
    await done("item.patch", { tag: "x3", version: null, patch: { status: "missing" } });
    await done("item.retag", { tag: "x4", to: "x5" });
    expect(await contract("A")).toMatchObject({
      lines: [{ class: "chair", out: 4, returned: 1, notRecorded: 2, stillOut: 1, extra: 0 }],
    });
    expect((await contract("A"))?.lines).toHaveLength(1);
    expect(await contract("B")).toMatchObject({ lines: [{ class: "armchair", out: 1 }] });
    await scan("x2", { type: "return", contract: "A" });
    await scan("x5", { type: "return" });
    expect(await contract("A")).toMatchObject({ lines: [{ class: "chair", returned: 3, notRecorded: 1 }] });
    await expectSound(operations.sql, site);
  });

  test("keeps its own record when an item goes out on another without a return, and when the return is scanned late", async () => {
    await stock(["x1"]);
    await scan("x1", { type: "rental", contract: "A" });
    const missedAt = at(told.minute() + 0.5);
    told.skip(1);
    expect(await scan("x1", { type: "rental", contract: "B" })).toMatchObject({
      flags: ["return_not_recorded"],
    });
    expect(await contract("A")).toMatchObject({
      progress: "none_out",
      lines: [{ out: 1, stillOut: 0, notRecorded: 1, returned: 0 }],
    });
    expect(await contract("B")).toMatchObject({ lines: [{ out: 1, stillOut: 1 }] });
    expect(await scan("x1", { type: "return", scannedAt: missedAt })).toMatchObject({
      code: "late_history_only",
    });
    expect(await contract("A")).toMatchObject({
      progress: "all_returned",
      lines: [{ out: 1, returned: 1, notRecorded: 0 }],
    });
    expect(await contract("B")).toMatchObject({ lines: [{ stillOut: 1 }] });
    await expectSound(operations.sql, site);
  });

  /** All orders in which some things can come. */
  const ordersOf = <T>(all: readonly T[]): T[][] =>
    all.length < 2
      ? [[...all]]
      : all.flatMap((one) => ordersOf(all.filter((other) => other !== one)).map((rest) => [one, ...rest]));
  /** Tells scans in an order of arrival that has nothing to do with that in which they were made. */
  const upload = async (tag: string, scans: readonly (Partial<Scan> & Pick<Scan, "type">)[]) => {
    await stock([tag]);
    const flags: string[] = [];
    for (const one of scans) flags.push(...((await scan(tag, one)).flags ?? []));
    return flags;
  };
  const memberOf = async (number: string) => {
    const [row] = await operations.sql`
      select state, out_at, back_at from contract_member where site = ${site} and contract = ${number}`;
    return [row?.state, row?.out_at?.toISOString(), row?.back_at?.toISOString()];
  };

  test("says of a rental what the scans say by the time they were made, in whatever order they arrive", async () => {
    const [rented, elsewhere, back] = [at(1), at(2), at(3)];
    told.skip(10);
    const orders = ordersOf([0, 1, 2]);
    for (const [index, order] of orders.entries()) {
      const [a, b] = [`A${index}`, `B${index}`];
      const scans = [
        { type: "rental", contract: a, scannedAt: rented },
        { type: "rental", contract: b, scannedAt: elsewhere },
        { type: "return", scannedAt: back },
      ] as const;
      const flags = await upload(
        `x${index}`,
        order.flatMap((which) => scans[which] ?? []),
      );
      // Nothing came back between the two, and one of them says so.
      expect(flags, order.join()).toContain("return_not_recorded");
      expect(await memberOf(a), order.join()).toEqual(["not_recorded", rented, elsewhere]);
      expect(await memberOf(b), order.join()).toEqual(["returned", elsewhere, back]);
      expect(await contract(a)).toMatchObject({ progress: "none_out", lines: [{ out: 1, notRecorded: 1 }] });
      expect(await contract(b)).toMatchObject({ progress: "all_returned", lines: [{ out: 1, returned: 1 }] });
    }
    await expectSound(operations.sql, site);
  });

  test.each([
    {
      what: "goes out on the one it was on before, and on to another without a return",
      way: ["A", "back", "A", "B"],
      ends: { A: ["not_recorded", 3], B: ["out", undefined] },
    },
    {
      what: "comes back from the one that it left without a return before",
      way: ["A", "B", "back", "A", "back"],
      ends: { A: ["returned", 4], B: ["returned", 2] },
    },
    {
      what: "is scanned back twice",
      way: ["A", "B", "back", "back", "C"],
      ends: { A: ["not_recorded", undefined], B: ["returned", 2], C: ["out", undefined] },
    },
    {
      what: "goes out on one that it is on, and was elsewhere between",
      way: ["A", "B", "back", "A"],
      ends: { A: ["out", undefined], B: ["returned", 2] },
    },
  ] as const)("says so of a thing that $what, in whatever order that arrives", async ({ way, ends }) => {
    const base = told.minute() + 1;
    told.skip(way.length);
    for (const [index, order] of ordersOf(way.map((_, step) => step)).entries()) {
      const flags = await upload(
        `x${index}`,
        order.map((step) => {
          const scannedAt = at(base + step);
          return way[step] === "back"
            ? { type: "return", scannedAt }
            : { type: "rental", contract: `${way[step]}${index}`, scannedAt };
        }),
      );
      expect(flags, order.join()).toContain("return_not_recorded");
      for (const [name, [state, end]] of Object.entries(ends)) {
        const [stands, , backAt] = await memberOf(`${name}${index}`);
        expect(stands, `${name} in ${order.join()}`).toBe(state);
        if (end !== undefined) expect(backAt, `${name} in ${order.join()}`).toBe(at(base + end));
      }
    }
    await expectSound(operations.sql, site);
  });

  test("is returned where a return came next, whatever was scanned of the thing since", async () => {
    const [rented, back, counted] = [at(1), at(2), at(3)];
    told.skip(10);
    for (const [index, order] of ordersOf([0, 1, 2]).entries()) {
      const number = `A${index}`;
      const scans = [
        { type: "rental", contract: number, scannedAt: rented },
        { type: "return", scannedAt: back },
        { type: "count", scannedAt: counted },
      ] as const;
      const flags = await upload(
        `x${index}`,
        order.flatMap((which) => scans[which] ?? []),
      );
      expect(flags, order.join()).not.toContain("return_not_recorded");
      expect(await memberOf(number), order.join()).toEqual(["returned", rented, back]);
      const [row] =
        await operations.sql`select doc from contract where site = ${site} and number = ${number}`;
      expect(row?.doc).toMatchObject({ firstOutAt: rented, lastBackAt: back });
    }
    await expectSound(operations.sql, site);
  });

  test("leaves a return to the contract that it names, and one that was told of it to the rental told too late", async () => {
    const [rented, elsewhere, off, back] = [at(1), at(2), at(3), at(4)] as const;
    told.skip(10);
    // Whoever scanned it back held the paper of A.
    await upload("x1", [
      { type: "rental", contract: "A", scannedAt: rented },
      { type: "return", contract: "A", scannedAt: back },
      { type: "rental", contract: "B", scannedAt: elsewhere },
    ]);
    expect([await memberOf("A"), await memberOf("B")]).toEqual([
      ["returned", rented, back],
      ["returned", elsewhere, back],
    ]);
    // It was in the wash before anybody scanned it back.
    const flags = await upload("x2", [
      { type: "return", scannedAt: back },
      { type: "service", status: "wash", scannedAt: off },
      { type: "rental", contract: "C", scannedAt: rented },
    ]);
    expect(flags).toContain("return_not_recorded");
    expect(await memberOf("C")).toEqual(["not_recorded", rented, off]);
    await expectSound(operations.sql, site);
  });

  test("keeps what a rental that was told too late ended by until that is taken back", async () => {
    const [rented, back] = [at(1), at(2)];
    told.skip(10);
    await stock(["x1"]);
    const returned = await told.scan("x1", { type: "return", scannedAt: back });
    const late = await told.scan("x1", { type: "rental", contract: "A", scannedAt: rented });
    expect(await told.refusal({ events: [returned] })).toMatchObject({
      code: "undo_refused",
      detail: expect.stringContaining(`at ${late} came after it`),
    });
    await told.undo({ events: [late] });
    expect(await memberOf("A")).toEqual([undefined, undefined, undefined]);
    await told.undo({ events: [returned] });
    // Without the return, nothing is known to have come back.
    const again = await scan("x1", { type: "rental", contract: "A", scannedAt: rented });
    expect(again.flags ?? []).not.toContain("late_history_only");
    await expectSound(operations.sql, site);
  });

  test("stands as the later time there left it, also when an earlier one is told too late and taken back", async () => {
    await stock(["x1"]);
    const rented = at(told.minute() + 1);
    told.skip(1);
    const elsewhere = await told.scan("x1", { type: "rental", contract: "B" });
    await scan("x1", { type: "return" });
    await scan("x1", { type: "rental", contract: "A" });
    const again = at(told.minute());
    await scan("x1", { type: "return" });
    const back = at(told.minute());
    const late = await told.scan("x1", { type: "rental", contract: "A", scannedAt: rented });
    expect(await memberOf("A")).toEqual(["returned", rented, back]);
    expect(await told.refusal({ events: [elsewhere] })).toMatchObject({ code: "undo_refused" });
    await told.undo({ events: [late] });
    expect(await memberOf("A")).toEqual(["returned", again, back]);
    await expectSound(operations.sql, site);
  });

  test("counts an item once however often it leaves and comes back", async () => {
    await stock(["x1"]);
    for (const type of ["rental", "return", "rental", "return", "rental"] as const)
      await scan("x1", { type, ...(type === "rental" ? { contract: "A" } : {}) });
    expect(await contract("A")).toMatchObject({ lines: [{ out: 1, returned: 0, stillOut: 1 }] });
  });

  test("that is closed takes nothing more, and returns on it still count", async () => {
    await stock(["x1", "x2"]);
    await done("contract.open", { number: "A" });
    await scan("x1", { type: "rental", contract: "A" });
    const beforeClose = at(told.minute());
    expect((await done("contract.act", { number: "A", act: "close" })).receipt).toMatchObject({
      flags: ["items_out"],
    });
    expect(await scan("x2", { type: "rental", contract: "A" })).toMatchObject({
      outcome: "rejected",
      code: "contract_closed",
    });
    await stock(["x3"]);
    expect(await scan("x3", { type: "rental", contract: "A", scannedAt: beforeClose })).toMatchObject({
      outcome: "accepted",
    });
    for (const tag of ["x1", "x3"]) await scan(tag, { type: "return" });
    expect(await contract("A")).toMatchObject({ state: "closed", lines: [{ out: 2, returned: 2 }] });
    await done("contract.act", { number: "A", act: "reopen" });
    expect(await scan("x2", { type: "rental", contract: "A" })).toMatchObject({ outcome: "accepted" });
    expect(await refused("contract.act", { number: "A", act: "finalize" })).toBe("contract_state");
    expect(await refused("contract.act", { number: "Z", act: "close" })).toBe("contract_unknown");
    await expectSound(operations.sql, site);
  });

  test("written by hand becomes the real one, with all that is on it; scans of the old number go there", async () => {
    await stock(["x1", "x2", "x3"]);
    await scan("x1", { type: "rental", contract: "M-1" });
    await scan("x2", { type: "rental", contract: "M-1" });
    await scan("x2", { type: "return" });
    await done("lot.record", {
      number: "M-1",
      lot: { id: newId(), name: "napkins", quantity: 30, action: "added" },
    });
    expect((await done("contract.merge", { number: "M-1", into: "4711" })).contract).toMatchObject({
      number: "4711",
    });
    expect(await contract("M-1")).toMatchObject({ state: "merged", mergedInto: "4711", lines: [], lots: [] });
    expect(await contract("4711")).toMatchObject({
      mergedFrom: ["M-1"],
      lines: [{ out: 2, returned: 1, stillOut: 1 }],
      lots: [{ name: "napkins", balance: 30 }],
    });
    await scan("x3", { type: "rental", contract: "M-1" });
    await scan("x1", { type: "return" });
    expect(await contract("4711")).toMatchObject({ lines: [{ out: 3, returned: 2, stillOut: 1 }] });
    expect(await refused("contract.merge", { number: "4711", into: "4712" })).toBe("contract_state");
    const { items } = await expectSound(operations.sql, site);
    expect(items.find(({ tag }) => tag === "x3")).toMatchObject({ contract: "4711", status: "on_rent" });
  });

  test("is named by returns of the number that it had before, also where a rental is told too late", async () => {
    await stock(["x1", "x2"]);
    await scan("x2", { type: "rental", contract: "M-1" });
    const rented = at(told.minute() + 1);
    told.skip(1);
    await scan("x1", { type: "rental", contract: "B" });
    await scan("x1", { type: "return", contract: "M-1" });
    const back = at(told.minute());
    await done("contract.merge", { number: "M-1", into: "4711" });
    // What the past of a thing names is read then, and not only what happens to be remembered.
    member.turns.forget(site);
    await scan("x1", { type: "rental", contract: "4711", scannedAt: rented });
    const [row] = await operations.sql`
      select state, back_at from contract_member where site = ${site} and contract = '4711' and tag = 'x1'`;
    expect(row).toMatchObject({ state: "returned", back_at: new Date(back) });
    await expectSound(operations.sql, site);
  });

  test("keeps all that is on it when a tag is commissioned whose scans name it, in a session too", async () => {
    await stock(["x1"]);
    const id = newId();
    await done("contract.open", { number: "A", client: "Acme" });
    await scan("x1", { type: "rental", contract: "A", session: id });
    await scan("x2", { type: "rental", contract: "A", session: id });
    await done("contract.open", { number: "B", client: "Bee" });
    member.turns.forget(site);
    await stock(["x2"]);
    expect(await contract("A")).toMatchObject({ client: "Acme", lines: [{ out: 2, stillOut: 2 }] });
    expect(await sessionOf(id)).toMatchObject({ unexpected: 2, unknown: 0 });
    await expectSound(operations.sql, site);
  });

  test("is settled by a late return whether what made it late came in the same turn or before", async () => {
    for (const turns of [1, 2]) {
      const tag = `x${turns}`;
      const number = `A${turns}`;
      await stock([tag]);
      await scan(tag, { type: "rental", contract: number });
      await command("item.patch", { tag, version: null, patch: { status: "ready" } });
      expect(await contract(number)).toMatchObject({ lines: [{ notRecorded: 1 }] });
      const receivedAt = at(told.minute() + 5);
      const acts = [
        scanAct(tag, { type: "service", status: "wash" }, { receivedAt }),
        scanAct(tag, { type: "return", scannedAt: at(told.minute() + 3) }, { receivedAt }),
      ];
      if (turns === 1) await tellActs(member, site, acts);
      else for (const act of acts) await tellActs(member, site, [act]);
      expect(await contract(number)).toMatchObject({ lines: [{ returned: 1, notRecorded: 0 }] });
    }
    await expectSound(operations.sql, site);
  });

  test("is settled by a late return that names it, though the item was out on another later", async () => {
    await stock(["x1"]);
    for (const number of ["A", "B", "C"]) await scan("x1", { type: "rental", contract: number });
    await scan("x1", { type: "return", contract: "A", scannedAt: at(told.minute() - 0.5) });
    expect(await contract("A")).toMatchObject({ lines: [{ returned: 1 }] });
    expect(await contract("B")).toMatchObject({ lines: [{ notRecorded: 1 }] });
  });

  test("still says that an item was out on it when it is set aside again and not needed after all", async () => {
    await stock(["x1"]);
    await scan("x1", { type: "rental", contract: "A" });
    await scan("x1", { type: "return" });
    await scan("x1", { type: "stage", contract: "A" });
    await scan("x1", { type: "return" });
    expect(await contract("A")).toMatchObject({ lines: [{ out: 1, returned: 1, staged: 0 }] });
    await expectSound(operations.sql, site);
  });

  test("says of an item that was on it and on a merged one what it is now", async () => {
    await stock(["x1"]);
    await scan("x1", { type: "rental", contract: "A" });
    await scan("x1", { type: "return" });
    await scan("x1", { type: "rental", contract: "M-1" });
    await done("contract.merge", { number: "M-1", into: "A" });
    expect(await contract("A")).toMatchObject({ lines: [{ out: 1, stillOut: 1, returned: 0 }] });
    expect((await done("contract.merge", { number: "M-1", into: "A" })).receipt.outcome).toBe(
      "already_applied",
    );
    await expectSound(operations.sql, site);
  });

  test("for laundry goes to the cleaner with what was counted, and shows what did not come back", async () => {
    const lot = (quantity: number, action: "added" | "removed") =>
      ({ number: "L7", lot: { id: newId(), name: "napkins", quantity, action } }) as const;
    await done("contract.open", { number: "L7" });
    await done("lot.record", lot(50, "added"));
    await done("contract.act", { number: "L7", act: "finalize" });
    await done("lot.record", lot(45, "removed"));
    expect(await refused("lot.record", lot(6, "removed"))).toBe("lot_negative");
    await done("contract.act", { number: "L7", act: "returned" });
    expect(await contract("L7")).toMatchObject({
      kind: "laundry",
      state: "returned",
      lots: [{ sent: 50, removed: 45, balance: 5 }],
    });
    await done("contract.act", { number: "L7", act: "reactivate" });
    expect(await contract("L7")).toMatchObject({ state: "open" });
    await expectSound(operations.sql, site);
  });
});

describe("a session", () => {
  test("never ends before it began, whatever a device says", async () => {
    const id = newId();
    await done("session.begin", { id, mode: "count", begunAt: at(0) });
    await done("session.close", { session: id, close: { closedAt: "2020-01-01T00:00:00Z" } });
    expect(await sessionOf(id)).toMatchObject({ begunAt: at(0), closedAt: at(0) });
  });

  test("lists all that was scanned in it, whatever became of it, also what was taken back", async () => {
    await stock(["x1", "x2", "x3"]);
    const id = newId();
    await done("session.begin", { id, mode: "count", expected: ["x1", "x3"] });
    await scan("x1", { type: "count", session: id });
    await scan("ghost", { type: "count", session: id });
    const undone = await told.scan("x2", { type: "count", session: id });
    await told.undo({ events: [undone] });
    const page = { site, id, limit: 10, after: undefined };
    const tagsOf = async (finding?: SessionFinding) =>
      (await listSessionTags(operations.sql, { ...page, finding })).map(({ tag }) => tag);
    expect(await tagsOf("scanned")).toEqual(["ghost", "x1", "x2"]);
    expect(await tagsOf()).toEqual(["ghost", "x1", "x3"]);
  });

  test("tells found, missing and unexpected; repeats count silently; its digest is the device's", async () => {
    await stock(["x1", "x2", "x3"]);
    const id = newId();
    await done("session.begin", { id, mode: "count", expected: ["x1", "x2"] });
    await scan("x1", { type: "count", session: id });
    expect(await scan("x1", { type: "count", session: id })).toMatchObject({
      outcome: "already_applied",
      code: "duplicate_in_session",
    });
    await scan("x3", { type: "count", session: id });
    await scan("ghost", { type: "count", session: id });
    expect(await sessionOf(id)).toMatchObject({
      expected: 2,
      found: 1,
      unexpected: 1,
      missing: 1,
      unknown: 1,
      state: "open",
    });
    const declared = { count: 3, digest: sha256(["ghost", "x1", "x3"]) };
    const { session } = await done("session.close", { session: id, close: declared });
    expect(session).toMatchObject({ complete: true, duplicates: 1, recorded: declared });
    await expectSound(operations.sql, site);
  });

  test("that is half uploaded is seen to be so, until the rest arrives", async () => {
    await stock(["x1", "x2"]);
    const id = newId();
    await done("session.begin", { id, mode: "return", expected: ["x1", "x2"] });
    await scan("x1", { type: "touch", session: id });
    const beforeClose = at(told.minute());
    const declared = { count: 2, digest: sha256(["x1", "x2"]) };
    await done("session.close", { session: id, close: declared });
    expect(await sessionOf(id)).toMatchObject({ state: "closed", complete: false, missing: 1 });
    expect(await scan("x2", { type: "touch", session: id, scannedAt: beforeClose })).toMatchObject({
      outcome: "accepted",
    });
    expect(await sessionOf(id)).toMatchObject({ state: "closed", complete: true, missing: 0, lateScans: 1 });
    expect(await scan("x2", { type: "touch", session: id })).toMatchObject({
      outcome: "rejected",
      code: "session_closed",
    });
    await expectSound(operations.sql, site);
  });

  test("whose scans come before its beginning is the same in the end", async () => {
    await stock(["x1", "x2"]);
    const id = newId();
    await scan("x1", { type: "touch", session: id });
    expect(await sessionOf(id)).toMatchObject({ state: "unbegun", unexpected: 1 });
    await done("session.begin", { id, mode: "count", expected: ["x1"] });
    expect(await sessionOf(id)).toMatchObject({ state: "open", found: 1, unexpected: 0, missing: 0 });
    expect(await refused("session.begin", { id, mode: "count" })).toBe("session_exists");
  });

  test("is complete without what can be no tag, and only once each of its devices has declared its own", async () => {
    await stock(["x1", "x2"]);
    const id = newId();
    await done("session.begin", { id, mode: "count" });
    await scan("x1", { type: "count", session: id });
    await scan("x".repeat(65), { type: "count", session: id });
    const by = { device: "another" };
    await tellActs(member, site, [scanAct("x2", { type: "count", session: id }, { by })]);
    const declared = { count: 1, digest: sha256(["x1"]) };
    await done("session.close", { session: id, close: declared });
    expect(await sessionOf(id)).toMatchObject({
      ...{ complete: false, devices: ["d", "another"], waitingFor: ["another"] },
    });
    const body = { session: id, declare: { count: 1, digest: sha256(["x2"]) } };
    await tellActs(member, site, [{ kind: "session.declare", id: newId(), origin: originOf({ by }), body }]);
    expect(await sessionOf(id)).toMatchObject({ complete: true, recorded: { count: 2 }, waitingFor: [] });
  });

  test("that is complete stays so, whatever is scanned after its end", async () => {
    await stock(["x1", "x2"]);
    const id = newId();
    await done("session.begin", { id, mode: "count" });
    await scan("x1", { type: "count", session: id });
    await done("session.close", { session: id, close: { count: 1, digest: sha256(["x1"]) } });
    expect(await scan("x2", { type: "count", session: id })).toMatchObject({ code: "session_closed" });
    // Its device learns from the receipt that it is none of the session's tags.
    expect(await scan("ghost", { type: "count", session: id })).toMatchObject({
      ...{ outcome: "quarantined", code: "tag_unknown", flags: ["session_closed"] },
    });
    expect(await sessionOf(id)).toMatchObject({ complete: true, rejected: 0, unknown: 0, lateScans: 0 });
    await expectSound(operations.sql, site);
  });

  test("takes no scan for a repeat that changes something", async () => {
    await stock(["x1"]);
    const id = newId();
    await scan("x1", { type: "service", status: "wash", session: id });
    expect(await scan("x1", { type: "service", status: "wash", session: id })).toMatchObject({
      code: "duplicate_in_session",
    });
    expect(await scan("x1", { type: "service", status: "ready", session: id })).toMatchObject({
      outcome: "accepted",
      item: { status: "ready" },
    });
    expect(await scan("x1", { type: "service", status: "ready", session: id, place: "dock" })).toMatchObject({
      outcome: "accepted",
    });
    expect(await sessionOf(id)).toMatchObject({ unexpected: 1 });
  });

  test("for a checkout expects what is ordered, for a return what is out, for a count what is at the place", async () => {
    await stock(["x1", "x2", "x3"]);
    await done("contract.open", { number: "A", lines: [{ class: "chair", quantity: 2 }] });
    const out = newId();
    expect((await done("session.begin", { id: out, mode: "checkout", contract: "A" })).session).toMatchObject(
      {
        expectedByClass: { chair: 2 },
      },
    );
    for (const tag of ["x1", "x2", "x3"]) await scan(tag, { type: "rental", contract: "A", session: out });
    expect(await sessionOf(out)).toMatchObject({ expected: 2, found: 2, unexpected: 1, missing: 0 });
    const back = newId();
    await done("session.begin", { id: back, mode: "return", contract: "A" });
    expect(await sessionOf(back)).toMatchObject({ expected: 3, missing: 3 });
    await scan("x1", { type: "return", session: back, place: "dock" });
    expect(await sessionOf(back)).toMatchObject({ found: 1, missing: 2 });
    const count = newId();
    await done("session.begin", { id: count, mode: "count", place: "dock" });
    expect(await sessionOf(count)).toMatchObject({ expected: 1 });
    // What lies at the dock already is not what comes back there.
    const brought = newId();
    await done("session.begin", { id: brought, mode: "return", place: "dock" });
    expect(await sessionOf(brought)).toMatchObject({ expected: 0 });
    await expectSound(operations.sql, site);
  });

  describe("that takes things out on a contract", () => {
    const out = newId();
    const checkout = { id: out, mode: "checkout", contract: "A" } as const;
    beforeEach(async () => {
      await stock(["x1", "x2", "x3"]);
      await done("contract.open", { number: "A", lines: [{ class: "chair", quantity: 2 }] });
    });
    const found = async (finding: SessionFinding) => {
      const page = { site, id: out, limit: 10, after: undefined, finding };
      return (await listSessionTags(operations.sql, page)).map(({ tag }) => tag);
    };

    test("is of that contract where a scan names none, and counts none that left on another", async () => {
      await done("session.begin", checkout);
      await scan("x1", { type: "rental", session: out });
      expect(await scan("x2", { type: "rental", contract: "B", session: out })).toMatchObject({
        outcome: "accepted",
        code: "contract_not_of_session",
        flags: ["contract_not_of_session"],
      });
      expect(await scan("x3", { type: "touch", session: out })).toMatchObject({
        code: "type_not_of_session",
      });
      expect(await contract("A")).toMatchObject({ lines: [{ out: 1 }] });
      expect(await sessionOf(out)).toMatchObject({ found: 1, missing: 1, unexpected: 2 });
      expect(await found("found")).toEqual(["x1"]);
      expect(await found("unexpected")).toEqual(["x2", "x3"]);
      await scan("x3", { type: "rental", session: out });
      expect(await sessionOf(out)).toMatchObject({ found: 2, missing: 0, unexpected: 1 });
      // It went where the session's paper did not send it, after all.
      await scan("x1", { type: "rental", contract: "B", session: out });
      expect(await sessionOf(out)).toMatchObject({ found: 1, missing: 1, unexpected: 2 });
      await expectSound(operations.sql, site);
    });

    test("does not count again what was out on it before, and calls the last of too many unexpected", async () => {
      await scan("x1", { type: "rental", contract: "A" });
      await done("session.begin", checkout);
      await scan("x1", { type: "rental", session: out });
      expect(await sessionOf(out)).toMatchObject({ expected: 1, found: 0, missing: 1, unexpected: 1 });
      await scan("x3", { type: "rental", session: out });
      await scan("x2", { type: "rental", session: out });
      expect(await sessionOf(out)).toMatchObject({ found: 1, missing: 0, unexpected: 2 });
      expect(await found("found")).toEqual(["x3"]);
      expect(await found("unexpected")).toEqual(["x1", "x2"]);
    });

    test("knows what it was scanned before its beginning was heard", async () => {
      await scan("x1", { type: "rental", contract: "A", session: out });
      await scan("x2", { type: "rental", contract: "B", session: out });
      await done("session.begin", checkout);
      expect(await sessionOf(out)).toMatchObject({ expected: 2, found: 1, missing: 1, unexpected: 1 });
      await expectSound(operations.sql, site);
    });

    test("follows its contract where that is merged into another", async () => {
      await done("contract.open", { number: "M-1", lines: [{ class: "chair", quantity: 1 }] });
      await done("session.begin", { ...checkout, contract: "M-1" });
      await done("contract.merge", { number: "M-1", into: "A" });
      member.turns.forget(site);
      await scan("x1", { type: "rental", session: out });
      expect(await contract("A")).toMatchObject({ lines: [{ out: 1 }] });
      expect(await sessionOf(out)).toMatchObject({ found: 1, missing: 0, unexpected: 0 });
    });
  });
});

describe("a return that names another contract than the open rental", () => {
  test("ends that rental and settles the one it names, and is flagged", async () => {
    await stock(["x1"]);
    await scan("x1", { type: "rental", contract: "A" });
    await scan("x1", { type: "rental", contract: "B" });
    const receipt = await scan("x1", { type: "return", contract: "A" });
    expect(receipt).toMatchObject({ outcome: "accepted", code: "other_contract", flags: ["other_contract"] });
    for (const number of ["A", "B"])
      expect(await contract(number)).toMatchObject({ lines: [{ returned: 1, notRecorded: 0, stillOut: 0 }] });
    await done("events.undo", { preview: false, events: [receipt.event?.pos ?? 0] });
    expect(await contract("A")).toMatchObject({ lines: [{ returned: 0, notRecorded: 1 }] });
    expect(await contract("B")).toMatchObject({ lines: [{ returned: 0, stillOut: 1 }] });
    await expectSound(operations.sql, site);
  });

  test("says so where nobody knows that contract, and where the thing is on the floor already", async () => {
    await stock(["x1", "x2"]);
    await scan("x1", { type: "rental", contract: "A" });
    expect(await scan("x1", { type: "return", contract: "Z" })).toMatchObject({
      outcome: "accepted",
      code: "contract_unknown",
    });
    expect(await contract("Z")).toBeUndefined();
    await scan("x2", { type: "rental", contract: "A" });
    await done("item.patch", { tag: "x2", version: null, patch: { status: "ready" } });
    expect(await contract("A")).toMatchObject({ lines: [{ returned: 1, notRecorded: 1 }] });
    expect(await scan("x2", { type: "return", contract: "A" })).toMatchObject({ outcome: "already_applied" });
    expect(await contract("A")).toMatchObject({ lines: [{ returned: 2, notRecorded: 0 }] });
    await expectSound(operations.sql, site);
  });
});

describe("what a scan finds", () => {
  test("counts also where the status is what the scan states", async () => {
    await stock(["x1"]);
    await scan("x1", { type: "return", condition: { wet: true }, quality: "C" });
    const { items } = await expectSound(operations.sql, site);
    expect(items).toMatchObject([{ status: "ready", condition: { wet: true }, quality: "C" }]);
    await scan("x1", { type: "service", status: "repair", condition: { rip: true } });
    expect((await scan("x1", { type: "service", status: "repair", condition: { oil: true } })).outcome).toBe(
      "already_applied",
    );
    expect((await expectSound(operations.sql, site)).items).toMatchObject([
      { status: "repair", condition: { wet: true, rip: true, oil: true } },
    ]);
  });
});

describe("undo", () => {
  const undo = (body: Partial<Body<"events.undo">>) => command("events.undo", { preview: false, ...body });

  test("takes a rental back, from the item and from the contract, and can be previewed", async () => {
    await stock(["x1"]);
    const receipt = await scan("x1", { type: "rental", contract: "A" });
    await scan("x1", { type: "touch", place: "gate" });
    const pos = receipt.event?.pos ?? 0;
    expect(await undo({ events: [pos], preview: true })).toMatchObject({
      undone: [{ pos, outcome: "undone", set: { status: "ready", contract: null } }],
    });
    expect(await contract("A")).toMatchObject({ lines: [{ stillOut: 1 }] });
    expect(await undo({ events: [pos] })).toMatchObject({ receipt: { outcome: "accepted" } });
    const { items } = await expectSound(operations.sql, site);
    expect(items).toMatchObject([{ status: "ready", contract: null, place: "gate" }]);
    expect(await contract("A")).toMatchObject({ lines: [] });
    expect(await undo({ events: [pos] })).toMatchObject({ undone: [{ outcome: "nothing_to_undo" }] });
  });

  test("tells whoever asks again the same list, refused ones too, and undoes nothing a second time", async () => {
    await stock(["x1", "x2"]);
    const first = (await scan("x1", { type: "rental", contract: "A" })).event?.pos ?? 0;
    const second = (await scan("x2", { type: "rental", contract: "A" })).event?.pos ?? 0;
    const back = (await scan("x2", { type: "return" })).event?.pos ?? 0;
    const id = newId();
    const body = { events: [first, second], partial: true, preview: false };
    const told = await done("events.undo", body, id);
    expect(told.undone).toMatchObject([
      { pos: second, outcome: "refused", blockedBy: back },
      { pos: first, tag: "x1", outcome: "undone", set: { status: "ready", contract: null } },
    ]);
    const { log } = await expectSound(operations.sql, site);
    const again = await done("events.undo", body, id);
    expect(again.undone).toEqual(told.undone);
    expect(again.receipt).toEqual({ ...told.receipt, replayed: true });
    expect((await expectSound(operations.sql, site)).log).toEqual(log);
  });

  test("of the work that made an item ready brings back what was found on it, and the work before that", async () => {
    await stock(["x1"]);
    const service = { type: "service" as const, status: "ready" as const };
    await scan("x1", { type: "rental", contract: "A" });
    await scan("x1", { type: "return", condition: { dirty: true } });
    await scan("x1", { ...service, technician: "Ines", done: ["washed"] });
    const [washed] = (await expectSound(operations.sql, site)).items;
    expect(washed).toMatchObject({
      ...{ status: "ready", condition: null },
      lastService: { from: "wash", technician: "Ines", done: ["washed"], cleared: { dirty: true } },
    });
    await scan("x1", { type: "rental", contract: "A" });
    await scan("x1", { type: "return", condition: { rip: true, other: "bent" } });
    const mended = await scan("x1", { ...service, technician: "Tom", done: ["sewn"] });
    const pos = mended.event?.pos ?? 0;
    const [ready] = (await expectSound(operations.sql, site)).items;
    expect(ready?.lastService).toMatchObject({ technician: "Tom", cleared: { rip: true, other: "bent" } });
    await undo({ events: [pos] });
    const [item] = (await expectSound(operations.sql, site)).items;
    expect(item).toMatchObject({ status: "repair", condition: { rip: true, other: "bent" } });
    expect(item?.lastService).toEqual(washed?.lastService);
  });

  test("is refused while a later fact depends on it, and works from the newest on", async () => {
    await stock(["x1"]);
    const rental = (await scan("x1", { type: "rental", contract: "A" })).event?.pos ?? 0;
    const back = (await scan("x1", { type: "return" })).event?.pos ?? 0;
    expect(await undo({ events: [rental] })).toMatchObject({ code: "undo_refused" });
    expect(await undo({ events: [rental], preview: true })).toMatchObject({
      undone: [{ outcome: "refused", blockedBy: back }],
    });
    await undo({ events: [back] });
    expect(await contract("A")).toMatchObject({ lines: [{ stillOut: 1, returned: 0 }] });
    await undo({ events: [rental] });
    const { items } = await expectSound(operations.sql, site);
    expect(items).toMatchObject([{ status: "ready", contract: null, lastFactAt: null }]);
    expect(await undo({ events: [9_999] })).toMatchObject({ code: "event_unknown" });
  });

  test("is itself undone like anything else", async () => {
    await stock(["x1"]);
    const rental = (await scan("x1", { type: "rental", contract: "A" })).event?.pos ?? 0;
    const undone = await undo({ events: [rental] });
    if (undone instanceof Error) throw undone;
    await undo({ events: [undone.receipt.event?.pos ?? 0] });
    expect(await contract("A")).toMatchObject({ lines: [{ out: 1, stillOut: 1 }] });
    const { items } = await expectSound(operations.sql, site);
    expect(items).toMatchObject([{ status: "on_rent", contract: "A" }]);
    expect(await undo({ events: [rental] })).toMatchObject({ undone: [{ outcome: "undone" }] });
    expect(await contract("A")).toMatchObject({ lines: [] });
  });

  test("brings a fact back as a whole, also where what was before it is gone", async () => {
    await stock(["x1"]);
    const first = (await scan("x1", { type: "rental", contract: "A" })).event?.pos ?? 0;
    const second = (await scan("x1", { type: "rental", contract: "B" })).event?.pos ?? 0;
    const undone = await undo({ events: [second] });
    await undo({ events: [first] });
    if (undone instanceof Error) throw undone;
    expect((await expectSound(operations.sql, site)).items).toMatchObject([
      { status: "ready", contract: null },
    ]);
    // The second rental changed only the contract, since the item was out already; that it was out is part of it all the same.
    await undo({ events: [undone.receipt.event?.pos ?? 0] });
    expect((await expectSound(operations.sql, site)).items).toMatchObject([
      { status: "on_rent", contract: "B" },
    ]);
  });

  test("of a return brings an item back onto the contract that its own was merged into", async () => {
    await stock(["x1", "x2"]);
    for (const tag of ["x1", "x2"]) await scan(tag, { type: "rental", contract: "M-1" });
    const before = (await scan("x1", { type: "return" })).event?.pos ?? 0;
    await done("contract.merge", { number: "M-1", into: "4711" });
    const after = (await scan("x2", { type: "return" })).event?.pos ?? 0;
    await undo({ events: [before, after] });
    expect(await contract("4711")).toMatchObject({ lines: [{ out: 2, stillOut: 2 }] });
    const { items } = await expectSound(operations.sql, site);
    expect(items.map((item) => item.contract)).toEqual(["4711", "4711"]);
  });

  test("of a scan that waited for its tag takes back what it did in the end", async () => {
    const { id } = await scan("x1", { type: "rental", contract: "A" });
    await stock(["x1"]);
    expect(await contract("A")).toMatchObject({ lines: [{ stillOut: 1 }] });
    await undo({ scans: [id] });
    expect(await contract("A")).toMatchObject({ lines: [] });
  });

  test("takes a whole session back, whatever order its scans are in", async () => {
    await stock(["x1", "x2"]);
    const id = newId();
    for (const tag of ["x1", "x2"]) await scan(tag, { type: "rental", contract: "A", session: id });
    await scan("x1", { type: "return", session: id });
    const answer = await undo({ session: id });
    expect(answer).toMatchObject({
      undone: [{ outcome: "undone" }, { outcome: "undone" }, { outcome: "undone" }],
    });
    const { items } = await expectSound(operations.sql, site);
    expect(items).toMatchObject([
      { status: "ready", contract: null },
      { status: "ready", contract: null },
    ]);
  });
});

describe("tags", () => {
  test("are made in runs that never meet, also over sites and beside tags that are used already", async () => {
    const prefix = `AB${sites}`;
    const made = (quantity: number) =>
      done("tags.provision", { class: "chair", quantity, tags: { scheme: "prefix", prefix } });
    const first = await made(3);
    expect(first.tags).toHaveLength(3);
    expect(first.tags?.[0]).toMatch(new RegExp(`^${prefix}0*1$`));
    const body = { class: "chair", quantity: 2, tags: { scheme: "prefix", prefix: `${prefix}00` } } as const;
    const id = newId();
    const longer = (await done("tags.provision", body, id)).tags;
    expect(new Set([...(first.tags ?? []), ...(longer ?? [])]).size).toBe(5);
    expect((await done("tags.provision", body, id)).tags).toEqual(longer);
    const used = `${prefix}${"7".padStart(24 - prefix.length, "0")}`;
    await stock([used]);
    const second = await made(3);
    expect(new Set([...(first.tags ?? []), ...(second.tags ?? []), used]).size).toBe(7);
    const { items } = await expectSound(operations.sql, site);
    expect(items.filter(({ status }) => status === "provisioned")).toHaveLength(8);
    expect(
      await refused("tags.provision", {
        class: "chair",
        quantity: 1,
        tags: { scheme: "sgtin-96", companyPrefix: "0614141", itemReference: "1" },
      }),
    ).toBe("malformed");
  });

  test("of a GS1 code are no other's with another filter, and a prefix of the firm's own reads as no such code", async () => {
    const tags = {
      scheme: "sgtin-96",
      companyPrefix: "0614141",
      itemReference: String(400_000 + sites),
    } as const;
    const made = async (quantity: number, filter?: number) => {
      const scheme = { ...tags, ...(filter === undefined ? {} : { filter }) };
      return (await done("tags.provision", { class: "chair", quantity, tags: scheme })).tags ?? [];
    };
    const [first = ""] = await made(1, 1);
    const serial = (number: number) =>
      first.slice(0, -2) + number.toString(16).padStart(2, "0").toUpperCase();
    await stock([serial(3)]);
    const rest = await made(3);
    expect(rest.map((tag) => Number.parseInt(tag.slice(-2), 16))).toEqual([2, 4, 5]);
    for (const prefix of ["30", "3014257BF7D08FC0", "34"])
      expect(
        await refused("tags.provision", { class: "chair", quantity: 1, tags: { scheme: "prefix", prefix } }),
      ).toBe("malformed");
  });

  test("are exchanged on a thing that goes on as it was", async () => {
    await stock(["old", "other"]);
    await scan("old", { type: "rental", contract: "A" });
    const outAt = told.instant(told.minute());
    await scan("new", { type: "touch", place: "gate" });
    expect(await refused("item.retag", { tag: "old", to: "other" })).toBe("item_exists");
    expect((await done("item.retag", { tag: "old", to: "new" })).item).toMatchObject({
      tag: "new",
      status: "on_rent",
      contract: "A",
      replaces: "old",
    });
    // It is out since it went out, however late it got another tag.
    const members = await operations.sql`
      select tag, state, out_at from contract_member where site = ${site} and contract = 'A'`;
    expect(members).toEqual([{ tag: "new", state: "out", out_at: new Date(outAt) }]);
    await scan("new", { type: "return" });
    expect(await contract("A")).toMatchObject({ lines: [{ out: 1, returned: 1 }] });
    const { items } = await expectSound(operations.sql, site);
    expect(items.find(({ tag }) => tag === "old")).toMatchObject({ status: "retired", replacedBy: "new" });
  });

  test("are exchanged on a thing that is set aside again after it was out, and it counts once", async () => {
    await stock(["old"]);
    await scan("old", { type: "rental", contract: "A" });
    const outAt = told.instant(told.minute());
    await scan("old", { type: "return" });
    await scan("old", { type: "stage", contract: "A" });
    const before = (await contract("A"))?.lines;
    const retag = await done("item.retag", { tag: "old", to: "new" });
    const members = () => operations.sql`
      select tag, state, out_at from contract_member where site = ${site} and contract = 'A'`;
    expect(await members()).toEqual([{ tag: "new", state: "staged", out_at: new Date(outAt) }]);
    expect((await contract("A"))?.lines).toEqual(before);
    await command("events.undo", { preview: false, events: [retag.receipt.event?.pos ?? 0] });
    expect(await members()).toEqual([{ tag: "old", state: "staged", out_at: new Date(outAt) }]);
    await done("item.retag", { tag: "old", to: "newer" });
    await scan("newer", { type: "rental", contract: "A" });
    await scan("newer", { type: "return" });
    expect(await contract("A")).toMatchObject({ lines: [{ staged: 0, out: 1, returned: 1 }] });
    await expectSound(operations.sql, site);
  });
});
