import { type Command, Fault, newId } from "@tagwire/messages";
import { eventually, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAct, originOf, scanAct, traceparent } from "./actors/test-acts.ts";
import { rehearsalsMax, rehearsalsWaitingMax } from "./rehearsal.ts";
import {
  beginSite,
  expectSound,
  type Member,
  type TestOperations,
  tellActs,
  testOperations,
} from "./test-operations.ts";
import type { SiteTurns } from "./turns.ts";
import { createUndoing } from "./undoing.ts";

/* Undo of more than one turn takes back: a session of three parts. */

const perTurnMax = 20;
const scans = 2 * perTurnMax + 10;
const tags = Array.from({ length: scans }, (_, index) => `thing ${String(index).padStart(2, "0")}`);
const [oldest = ""] = tags;

let operations: TestOperations;
let member: Member;
beforeAll(async () => {
  operations = await testOperations(await testDatabase());
  member = await operations.member();
});
afterAll(() => operations[Symbol.asyncDispose]());

type Body = Extract<Command, { kind: "events.undo" }>["body"];
const commandOf = (body: Partial<Body>, id: string = newId()): Extract<Command, { kind: "events.undo" }> => ({
  ...{ kind: "events.undo", id, by: { person: "ana" }, receivedAt: new Date().toISOString(), traceparent },
  body: { preview: false, ...body },
});

/** A site where everything went out in one session that is closed. */
const beginRented = async (site: string): Promise<string> => {
  await beginSite(member, site);
  await tellActs(
    member,
    site,
    tags.map((tag) => createAct(tag)),
  );
  const session = newId();
  const rentals = tags.map((tag) => scanAct(tag, { type: "rental", contract: "A", session }));
  await tellActs(member, site, rentals);
  const close = { session, close: {} };
  await tellActs(member, site, [{ kind: "session.close", id: newId(), origin: originOf({}), body: close }]);
  return session;
};

const outNow = async (site: string): Promise<number> => {
  const [row] = await operations.sql<
    [{ out: number }]
  >`select count(*)::int as out from item where site = ${site} and status = 'on_rent'`;
  return row.out;
};
const headOf = (site: string): number => member.turns.head(site)?.pos ?? 0;

/** The turns of the site, with something done before the undo goes on for the n-th time. */
const turnsWith = (before: (nth: number) => Promise<unknown>): SiteTurns => {
  let nth = 0;
  return {
    ...member.turns,
    tell: async (site, message) => {
      nth += 1;
      await before(nth);
      return member.turns.tell(site, message);
    },
  };
};
const undoingOn = (turns: SiteTurns) => createUndoing({ sql: operations.sql, turns, perTurnMax });

test("a large session is taken back in parts, and others at the site have their turns in between", async () => {
  const site = "parts";
  const session = await beginRented(site);
  const before = headOf(site);
  const preview = await undoingOn(member.turns).run(site, commandOf({ session, preview: true }));
  expect(preview.undone.length + preview.more).toBe(scans);
  expect(preview.receipt).toMatchObject({ outcome: "accepted" });
  expect(headOf(site)).toBe(before);

  const outBetween: number[] = [];
  const undoing = undoingOn(turnsWith(async () => void outBetween.push(await outNow(site))));
  const command = commandOf({ session, reason: "the wrong hall" });
  // Who asks again while it goes on waits for the same run.
  const [told, alike] = await Promise.all([undoing.run(site, command), undoing.run(site, command)]);
  expect(outBetween).toEqual([scans, 2 * perTurnMax, perTurnMax, 0]);
  expect(alike).toEqual(told);
  expect(told.receipt).toMatchObject({
    ...{ outcome: "accepted", message: `${scans} of ${scans} events were taken back` },
    event: { pos: before + 1 },
  });
  expect(told.undone.every(({ outcome }) => outcome === "undone")).toBe(true);
  const after = headOf(site);
  const again = await undoing.run(site, command);
  expect(again).toEqual({ ...told, receipt: { ...told.receipt, replayed: true } });
  expect(headOf(site)).toBe(after);
  const { log } = await expectSound(operations.sql, site);
  expect(log.filter(({ type, pos }) => pos > before && type === "item.undone.v1")).toHaveLength(scans);
  expect(log.at(-1)).toMatchObject({ type: "session.restated.v1", data: { recorded: { count: 0 } } });
});

test("what stands in the way refuses all of it before anything is taken back; a fact that comes between stops it, and says so", async () => {
  const site = "between";
  const session = await beginRented(site);
  const isBack = scanAct(oldest, { type: "return" });
  await tellActs(member, site, [isBack]);
  const before = headOf(site);
  const refused = undoingOn(member.turns).run(site, commandOf({ session }));
  await expect(refused).rejects.toMatchObject({
    code: "undo_refused",
    detail: expect.stringContaining("item.rented.v1"),
  });
  expect([headOf(site), await outNow(site)]).toEqual([before, scans - 1]);
  await undoingOn(member.turns).run(site, commandOf({ scans: [isBack.id] }));

  const isBackAgain = scanAct(oldest, { type: "return" });
  const undoing = undoingOn(
    turnsWith(async (nth) => (nth === 2 ? tellActs(member, site, [isBackAgain]) : undefined)),
  );
  const command = commandOf({ session });
  const told = await undoing.run(site, command);
  const back = perTurnMax + 10;
  expect(told.receipt).toMatchObject({
    ...{ outcome: "accepted", code: "undo_refused" },
    message: expect.stringContaining(`${back} of ${scans} events were taken back`),
  });
  expect(told.undone.filter(({ outcome }) => outcome === "undone")).toHaveLength(back);
  expect(told.undone.filter(({ outcome }) => outcome === "refused")).toHaveLength(scans - back);
  expect(await outNow(site)).toBe(scans - back - 1);
  expect((await undoing.run(site, command)).undone).toEqual(told.undone);
  await undoing.run(site, commandOf({ scans: [isBackAgain.id] }));
  const rest = await undoing.run(site, commandOf({ session }));
  expect(rest.receipt).toMatchObject({ message: `${scans - back} of ${scans} events were taken back` });
  expect(await outNow(site)).toBe(0);
  await expectSound(operations.sql, site);
});

const plansOf = async (site: string) =>
  (await operations.sql`select 1 from undo_plan where site = ${site}`).length;
/** The turns of the site, which nobody reaches from the n-th time on. */
const endingAt = (first: number, site: string): SiteTurns =>
  turnsWith(async (nth) => {
    if (nth >= first) throw new Fault("unavailable", site);
  });

test("an undo that ended half way says so, and is gone on with by the same request and answered as a whole", async () => {
  const site = "ended";
  const session = await beginRented(site);
  const command = commandOf({ session });
  // While nothing is taken back it is as it is for any command.
  await expect(undoingOn(endingAt(1, site)).run(site, command)).rejects.toMatchObject({
    code: "unavailable",
  });
  expect(await outNow(site)).toBe(scans);
  const ended = undoingOn(endingAt(2, site)).run(site, command);
  await expect(ended).rejects.toMatchObject({
    ...{ code: "outcome_unknown", cause: { code: "unavailable" } },
    detail: expect.stringContaining(`10 of ${scans} events were taken back`),
  });
  expect(await outNow(site)).toBe(2 * perTurnMax);
  await expect(undoingOn(endingAt(1, site)).run(site, command)).rejects.toMatchObject({
    code: "outcome_unknown",
  });
  const other = undoingOn(member.turns).run(site, commandOf({ session, partial: true }, command.id));
  await expect(other).rejects.toMatchObject({ code: "id_reused" });
  // The last thing that is done is to tell: that it was not told is no less unknown.
  await expect(undoingOn(endingAt(4, site)).run(site, command)).rejects.toMatchObject({
    ...{ code: "outcome_unknown", detail: expect.stringContaining(`${scans} of ${scans} events`) },
  });
  const told = await undoingOn(member.turns).run(site, command);
  expect(told.undone.map(({ tag }) => tag)).toEqual(tags.toReversed());
  expect(told.undone.every(({ outcome }) => outcome === "undone")).toBe(true);
  expect(told.receipt).toMatchObject({ outcome: "accepted" });
  expect([await outNow(site), await plansOf(site)]).toEqual([0, 0]);
  await expectSound(operations.sql, site);
});

test("what has begun is not refused as a whole any more, nor cut anew, whatever comes before the same request comes again", async () => {
  const site = "went-on";
  const session = await beginRented(site);
  const command = commandOf({ session });
  await expect(undoingOn(endingAt(2, site)).run(site, command)).rejects.toMatchObject({
    code: "outcome_unknown",
  });
  // A thing of the last part comes back, and so many scans come late that every part would be another.
  await tellActs(member, site, [scanAct(oldest, { type: "return" })]);
  const late = Array.from({ length: 5 }, (_, index) => `late ${index}`);
  await tellActs(
    member,
    site,
    late.map((tag) => createAct(tag)),
  );
  const scannedAt = new Date(Date.now() - 60_000).toISOString();
  const lateScans = late.map((tag) => scanAct(tag, { type: "rental", contract: "A", session, scannedAt }));
  await tellActs(member, site, lateScans);
  const told = await undoingOn(member.turns).run(site, command);
  const back = perTurnMax + 10;
  expect(told.receipt).toMatchObject({
    ...{ outcome: "accepted", code: "undo_refused", replayed: false },
    message: expect.stringContaining(`${back} of ${scans} events were taken back`),
  });
  expect(told.undone.map(({ tag }) => tag)).toEqual(tags.toReversed());
  expect(
    told.undone.slice(0, back).every(({ outcome, by }) => outcome === "undone" && by !== undefined),
  ).toBe(true);
  expect(told.undone.slice(back).every(({ outcome, reason }) => outcome === "refused" && reason)).toBe(true);
  expect(await outNow(site)).toBe(perTurnMax - 1 + late.length);
  const again = await undoingOn(member.turns).run(site, command);
  expect(again).toEqual({ ...told, receipt: { ...told.receipt, replayed: true } });
  expect(await plansOf(site)).toBe(0);
  // What came late is what another request takes back, with what stayed.
  const rest = await undoingOn(member.turns).run(site, commandOf({ session, partial: true }));
  expect(rest.undone.filter(({ outcome }) => outcome === "undone")).toHaveLength(
    perTurnMax - 1 + late.length,
  );
  await expectSound(operations.sql, site);
});

test("two are looked at at once, others wait, and whoever comes when too many do is told to come again", async () => {
  const site = "looked-at";
  const session = await beginRented(site);
  const undoing = undoingOn(member.turns);
  const looking = () => undoing.run(site, commandOf({ session, preview: true }));
  const locked = await operations.sql.reserve();
  await locked`begin`;
  await locked`lock table contract in access exclusive mode`;
  const begun = Array.from({ length: rehearsalsMax + rehearsalsWaitingMax + 1 }, () =>
    looking().then(
      ({ receipt }) => receipt.outcome,
      (error: unknown) => (error instanceof Fault ? error.code : error),
    ),
  );
  // Asked outside of the transaction that locks: within one, the list of who waits stays as it was first seen.
  const held = async () =>
    (
      await operations.sql<[{ count: number }]>`
        select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    )[0].count;
  // One of them is told at once; only then has each of the others come to where it waits.
  expect(await Promise.race(begun)).toBe("overloaded");
  await eventually("as many are looked at as may be", async () => (await held()) >= rehearsalsMax);
  expect(await held()).toBe(rehearsalsMax);
  await locked`rollback`;
  locked.release();
  const outcomes = await Promise.all(begun);
  expect(outcomes.toSorted()).toEqual([
    ...Array.from({ length: rehearsalsMax + rehearsalsWaitingMax }, () => "accepted"),
    "overloaded",
  ]);
  expect((await looking()).receipt).toMatchObject({ outcome: "accepted" });
});
