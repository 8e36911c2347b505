import { Fault, foldRounds, newId } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Answer } from "./actors/site.ts";
import { readRounds } from "./store/contract-rounds.ts";
import { migrations } from "./store/migrations.ts";
import { expectSound, type TestOperations } from "./test-operations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* The difference report of laundry, decided and committed on a real store and read from its log; each test on a site of its own. */

let operations: TestOperations;
let site: string;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, site, told } = ground);
});

const done: Told["done"] = (...args) => told.done(...args);
const scan: Told["receipt"] = (...args) => told.receipt(...args);
const act = (number: string, what: "finalize" | "returned" | "reactivate" | "close") =>
  done("contract.act", { number, act: what });
const lot = (number: string, quantity: number, action: "added" | "removed", surplus?: boolean) =>
  done("lot.record", {
    number,
    lot: { id: newId(), name: "napkins", quantity, action, ...(surplus === undefined ? {} : { surplus }) },
  });
const stock = (...tags: readonly string[]) => told.stock(tags, "cloth");
const send = async (number: string, ...tags: readonly string[]) => {
  for (const tag of tags) await scan(tag, { type: "rental", contract: number });
};
const read = (number: string) => readRounds(operations.sql, site, number);
const codeOf = async (wanted: Promise<unknown>): Promise<string> => {
  try {
    await wanted;
    return "taken";
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
};

/** What anybody folds who has read the whole log is what the store answers. */
const expectSame = async (number: string, ...merged: readonly string[]) => {
  const { log, items } = await expectSound(operations.sql, site);
  const classes = new Map(items.map((item) => [item.tag, item.class]));
  const events = log.map((event) => {
    const name = classes.get(event.tag ?? "");
    return { ...event, ...(name === undefined ? {} : { class: name }) };
  });
  const touching = events.filter(
    ({ contract, data }) =>
      [number, ...merged].includes(contract ?? "") ||
      ((data.moves ?? []) as { contract: string }[]).some((move) =>
        [number, ...merged].includes(move.contract),
      ),
  );
  const folded = foldRounds(number, new Set([number, ...merged]), touching);
  const stored = await read(number);
  expect(stored.rounds).toEqual(folded.rounds);
  for (const { round } of folded.rounds) expect(stored.items(round)).toEqual(folded.items(round));
  return stored;
};

test("each reactivation begins a round of its own, and the one before it stays as it was", async () => {
  await stock("x1", "x2", "x3");
  await send("L7", "x1", "x2");
  await lot("L7", 50, "added");
  await act("L7", "finalize");
  await scan("x1", { type: "pickup", contract: "L7" });
  await lot("L7", 45, "removed");
  expect((await act("L7", "returned")).receipt.flags).toEqual(["items_out", "lots_out"]);
  const [before] = (await expectSame("L7")).rounds;
  expect(before).toMatchObject({
    items: { sent: 2, returned: 1, missing: 1 },
    lots: { sent: 50, returned: 45, missing: 5 },
    missingTags: [{ tag: "x2" }],
  });

  await act("L7", "reactivate");
  await send("L7", "x1", "x3");
  await lot("L7", 40, "added");
  await act("L7", "finalize");
  await scan("x1", { type: "return" });
  await scan("x2", { type: "return" });
  await lot("L7", 41, "removed");
  await act("L7", "returned");
  const { rounds, items } = await expectSame("L7");
  expect(rounds).toHaveLength(2);
  expect(rounds[0]).toMatchObject({
    ...{ state: "returned", returnedAt: before?.returnedAt, endedAt: rounds[1]?.beganAt },
    items: { ...before?.items, backLater: 1 },
    lots: before?.lots,
    missingTags: [{ tag: "x2", finding: "back_later", backRound: 2 }],
  });
  expect(rounds[1]).toMatchObject({
    items: { sent: 2, returned: 2, missing: 1, surplus: 1 },
    lots: { sent: 40, returned: 41, missing: 0, surplus: 1 },
    missingTags: [{ tag: "x3", finding: "missing" }],
  });
  expect(items(2).map(({ tag, finding }) => `${tag} ${finding}`)).toEqual([
    "x1 returned",
    "x2 surplus",
    "x3 missing",
  ]);
});

test("what went out in a round is sent in it, however late its rental is told, and whatever was told of it by then", async () => {
  await stock("x1", "x2", "y1");
  // Of x2 the first time comes late, of x1 the second, and y1 tells when the contract began.
  await send("L7", "y1");
  const outs = told.instant(told.minute() + 1);
  told.skip(1);
  await send("L7", "x1");
  await act("L7", "finalize");
  for (const tag of ["x1", "x2"]) await scan(tag, { type: "return", contract: "L7" });
  await act("L7", "returned");
  await act("L7", "reactivate");
  const again = told.instant(told.minute() + 1);
  told.skip(1);
  await send("L7", "x2");
  await scan("x2", { type: "rental", contract: "L7", scannedAt: outs });
  const ended = await scan("x1", { type: "return", contract: "L7" });
  expect(ended.outcome).toBe("already_applied");
  expect((await scan("x1", { type: "rental", contract: "L7", scannedAt: again })).flags).not.toContain(
    "return_not_recorded",
  );
  const { rounds, items } = await expectSame("L7");
  expect(rounds).toMatchObject([
    { items: { sent: 3, returned: 2, missing: 1, surplus: 0 } },
    { items: { sent: 2, returned: 1, missing: 1, surplus: 0 } },
  ]);
  expect(items(1)).toMatchObject([
    { tag: "x1", finding: "returned" },
    { tag: "x2", finding: "returned", sentAt: outs },
    { tag: "y1", finding: "missing" },
  ]);
  expect(items(2)).toMatchObject([
    { tag: "x1", finding: "returned", sentAt: again },
    { tag: "x2", finding: "missing" },
  ]);
  expect(await told.contract("L7")).toMatchObject({ lines: [{ out: 3, returned: 1, stillOut: 2 }] });
});

/** All orders in which some things can come. */
const ordersOf = (all: readonly number[]): number[][] =>
  all.length < 2
    ? [[...all]]
    : all.flatMap((one) => ordersOf(all.filter((other) => other !== one)).map((rest) => [one, ...rest]));

test.each([
  {
    what: "comes back, and goes out again",
    way: ["L", "back", "|", "L"],
    findings: [{ x: "returned" }, { x: "missing" }],
    line: ["out", 0],
  },
  {
    what: "comes back in each",
    way: ["L", "back", "|", "L", "back"],
    findings: [{ x: "returned" }, { x: "returned" }],
    line: ["returned", 0],
  },
  {
    what: "is scanned out again without having come back",
    way: ["L", "|", "L", "back"],
    findings: [{ x: "back_later" }, { x: "surplus" }],
    line: ["returned", 0],
  },
  {
    what: "is scanned out again and not back",
    way: ["L", "|", "L"],
    findings: [{ x: "missing" }, {}],
    line: ["out", 0],
  },
  {
    what: "came back from elsewhere between",
    way: ["L", "B", "back", "|", "L"],
    findings: [{ x: "not_recorded" }, { x: "missing" }],
    line: ["out", 0],
  },
  {
    what: "went elsewhere between",
    way: ["L", "B", "|", "L", "back"],
    findings: [{ x: "not_recorded" }, { x: "returned" }],
    line: ["returned", 0],
  },
  {
    what: "is scanned out again, comes back, and goes out in the third",
    way: ["L", "|", "L", "back", "|", "L"],
    findings: [{ x: "back_later" }, { x: "surplus" }, { x: "missing" }],
    line: ["out", 0],
  },
])(
  "in rounds, a thing that $what is told so in whatever order that arrives",
  async ({ way, findings, line }) => {
    const steps = way.flatMap((one, step) => (one === "|" ? [] : [step]));
    const orders = ordersOf(steps);
    // Each order is that of a thing, and of a contract of its own: rounds begin where the way says so, and all is scanned offline.
    const numbers = orders.map((_, index) => `L${100 + index}`);
    const instants = new Map<number, string>();
    for (const number of numbers) await lot(number, 1, "added");
    for (const [step, one] of way.entries()) {
      told.skip(2);
      instants.set(step, told.instant(told.minute() - 1));
      if (one !== "|") continue;
      for (const number of numbers) {
        await act(number, "finalize");
        await act(number, "reactivate");
      }
      told.skip(1);
    }
    for (const [index, order] of orders.entries()) {
      const [number = "", tag] = [numbers[index], `x${index}`];
      await stock(tag);
      for (const step of order) {
        const scannedAt = instants.get(step) ?? "";
        const out = {
          type: "rental",
          contract: way[step] === "L" ? number : `${way[step]}${index}`,
        } as const;
        await scan(tag, { ...(way[step] === "back" ? { type: "return" as const } : out), scannedAt });
      }
      const { rounds, items } = await read(number);
      const found = rounds.map(({ round }) =>
        Object.fromEntries(items(round).map(({ finding }) => ["x", finding])),
      );
      expect(found, order.join()).toEqual(findings);
      const [row] = await operations.sql`
      select state, out_at from contract_member where site = ${site} and contract = ${number}`;
      const [state, since] = line;
      expect([row?.state, row?.out_at?.toISOString()], order.join()).toEqual([
        state,
        instants.get(Number(since)),
      ]);
      const [{ doc } = { doc: {} }] =
        await operations.sql`select doc from contract where site = ${site} and number = ${number}`;
      expect(doc.firstOutAt, order.join()).toBe(instants.get(Number(since)));
    }
    await expectSame(numbers[0] ?? "");
  },
);

test("a thing that leaves for another contract, or goes into service, is not missing", async () => {
  await stock("x1", "x2", "x3");
  await send("L7", "x1", "x2", "x3");
  await act("L7", "finalize");
  await scan("x1", { type: "rental", contract: "4711" });
  await scan("x2", { type: "service", status: "repair" });
  const { rounds } = await expectSame("L7");
  expect(rounds).toMatchObject([
    { items: { sent: 3, returned: 0, missing: 1, notRecorded: 2 }, missingTags: [{ tag: "x3" }] },
  ]);
});

test("what comes back from the cleaner in a session and was never sent is surplus, under its class", async () => {
  await stock("x1", "y1");
  await send("L7", "x1");
  await act("L7", "finalize");
  const session = newId();
  await done("session.begin", { id: session, mode: "laundry", contract: "L7" });
  for (const tag of ["x1", "y1"]) await scan(tag, { type: "return", contract: "L7", session });
  const { rounds, items } = await expectSame("L7");
  expect(rounds).toMatchObject([
    { classes: [{ class: "cloth", sent: 1, returned: 2, missing: 0, surplus: 1 }] },
  ]);
  expect(items(1).at(-1)).toMatchObject({ tag: "y1", finding: "surplus", sentRound: null, backRound: 1 });
});

test("events from before such things were noted are found by the migration", async () => {
  await stock("x1");
  await send("L7", "x1");
  await scan("x1", { type: "rental", contract: "4711" });
  const { sql } = operations;
  const kept = await sql`select * from contract_aside order by site, contract, epoch, pos`;
  expect(kept.length).toBeGreaterThan(0);
  const step = migrations.find(({ name }) => name === "contract-aside-1");
  await sql`drop table contract_aside`;
  await sql.unsafe(step?.sql ?? "");
  expect(await sql`select * from contract_aside order by site, contract, epoch, pos`).toEqual(kept);
});

test("what was taken back, and what was merged, is told as it counts now", async () => {
  await stock("x1", "x2", "x3");
  await send("M-1", "x1");
  await lot("M-1", 30, "added");
  await done("contract.merge", { number: "M-1", into: "L8" });
  await send("L8", "x2");
  const wrong = (await scan("x3", { type: "rental", contract: "M-1" })).event?.pos ?? 0;
  await done("events.undo", { events: [wrong], preview: false });
  await act("L8", "finalize");
  const counted = (await lot("L8", 10, "removed")).receipt.event?.pos ?? 0;
  await act("L8", "returned");
  await act("L8", "reactivate");
  await done("events.undo", { events: [counted], preview: false });
  const { rounds } = await expectSame("L8", "M-1");
  expect(rounds).toMatchObject([
    { items: { sent: 2, returned: 0, missing: 2 }, lots: { sent: 30, returned: 0, missing: 30 } },
    { items: { sent: 0 }, lots: { sent: 0, returned: 0 } },
  ]);
  expect(await read("M-1")).toMatchObject({ number: "L8" });
});

test("states, merges and changes of tags that were taken back leave the rounds as if they had not been", async () => {
  await stock("x1", "x2", "m1");
  await send("L8", "x1", "x2");
  await lot("L8", 20, "added");
  const before = (await expectSame("L8")).rounds;
  const posOf = ({ receipt }: Answer): number => receipt.event?.pos ?? 0;
  const takeBack = (...events: readonly number[]) =>
    done("events.undo", { events: [...events], preview: false });

  await send("M-2", "m1");
  await lot("M-2", 5, "added");
  const merge = posOf(await done("contract.merge", { number: "M-2", into: "L8" }));
  expect((await expectSame("L8", "M-2")).rounds).toMatchObject([{ items: { sent: 3 }, lots: { sent: 25 } }]);
  await takeBack(merge);
  expect((await expectSame("L8")).rounds).toEqual(before);

  const retag = posOf(await done("item.retag", { tag: "x2", to: "x2b" }));
  expect((await read("L8")).items(1).map(({ tag }) => tag)).toEqual(["x1", "x2b"]);
  await takeBack(retag);
  expect((await expectSame("L8")).rounds).toEqual(before);

  const finalized = posOf(await act("L8", "finalize"));
  const reactivated = posOf(await act("L8", "reactivate"));
  expect((await expectSame("L8")).rounds).toHaveLength(2);
  await takeBack(reactivated);
  expect((await expectSame("L8")).rounds).toMatchObject([{ state: "finalized", endedAt: null }]);
  await takeBack(finalized);
  expect((await expectSame("L8")).rounds).toEqual(before);
});

test("more may come back than was counted, where whoever counts says so", async () => {
  await lot("L7", 50, "added");
  expect(await codeOf(lot("L7", 51, "removed", true))).toBe("lot_negative");
  await act("L7", "finalize");
  expect(await codeOf(lot("L7", 52, "removed"))).toBe("lot_negative");
  const answer = await lot("L7", 52, "removed", true);
  expect(answer.contract?.lots).toEqual({ napkins: { added: 50, removed: 50, sent: 50, surplus: 2 } });
  expect((await act("L7", "returned")).receipt.flags).toBeUndefined();
  expect((await expectSame("L7")).rounds).toMatchObject([
    { lots: { sent: 50, returned: 52, missing: 0, surplus: 2 } },
  ]);
  await done("events.undo", { events: [answer.receipt.event?.pos ?? 0], preview: false });
  const { log } = await expectSound(operations.sql, site);
  expect(log.at(-1)).toMatchObject({ data: { action: "added", quantity: 52, surplus: 2 } });
  const [row] = await operations.sql`select doc from contract where site = ${site} and number = 'L7'`;
  expect(row?.doc.lots).toEqual({ napkins: { added: 100, removed: 50, sent: 50 } });
  expect((await read("L7")).rounds).toMatchObject([{ lots: { sent: 50, returned: 0, missing: 50 } }]);
});

test("only laundry has rounds", async () => {
  await stock("x1");
  await send("4711", "x1");
  expect(await codeOf(read("4711"))).toBe("contract_state");
  expect(await codeOf(read("L99"))).toBe("contract_unknown");
});
