import { newId, type Observation } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Act } from "../actors/act.ts";
import { observedAct } from "../actors/observed.ts";
import { emptyOutcome } from "../actors/site.ts";
import { createAct, originOf, patchAct, scanAct, traceparent } from "../actors/test-acts.ts";
import {
  beginSite,
  expectSound,
  type Member,
  type TestOperations,
  tellActs,
  testOperations,
} from "../test-operations.ts";
import { createMemory } from "./memory.ts";

let operations: TestOperations;
let member: Member;
beforeAll(async () => {
  operations = await testOperations(await testDatabase());
  member = await operations.member();
  for (const site of ["a", "b"]) {
    await beginSite(member, site);
    await tellActs(member, site, [createAct("known"), scanAct("stray"), scanAct("stray", {}, gate)]);
  }
});
afterAll(() => operations[Symbol.asyncDispose]());

const gate = { by: { reader: "gate" } };

/** A memory whose questions to the store are counted. */
const counted = (bytesMax?: number) => {
  let statements = 0;
  const sql = new Proxy(operations.sql, {
    apply: (target, self, given) => {
      statements += 1;
      return Reflect.apply(target, self, given);
    },
  }) as Sql;
  const memory = createMemory(sql, bytesMax);
  const asked = async (site: string, acts: Parameters<typeof memory.recall>[1]) => {
    const before = statements;
    const recalled = await memory.recall(site, acts, { ids: "new-ids", epoch: 1 });
    return { ...recalled, statements: statements - before };
  };
  return { memory, asked };
};

test("what was recalled is not read again, be it an item or what waits for one", async () => {
  const { asked } = counted();
  const acts = [scanAct("known"), scanAct("stray"), scanAct("never")];
  const first = await asked("a", acts);
  expect(first.statements).toBeGreaterThan(0);
  const again = await asked("a", acts);
  expect(again.statements).toBe(0);
  expect(again.known).toEqual(first.known);
  expect(again.known.items.get("known")).toMatchObject({ tag: "known", version: 1 });
  expect(again.known.strays.get("stray")).toMatchObject({ waiting: 2 });
  expect(again.known.strays.get("stray")?.witnesses.size).toBe(1);
  expect(again.known.strays.get("never")?.waiting).toBe(0);
  expect(again.known.waiting.size).toBe(0);
});

test("a site that fills memory does not push out what another one is using", async () => {
  const { memory, asked } = counted(50_000);
  const [item] = (await asked("a", [scanAct("known")])).known.items.values();
  if (item === undefined) throw new Error("no item");
  await asked("b", [scanAct("known")]);
  for (let index = 0; index < 1_000; index += 1) {
    memory.learn("a", { ...emptyOutcome, items: new Map([[`${index}`, item]]) });
    expect((await asked("b", [scanAct("known")])).statements).toBe(0);
  }
  // Memory did overflow: what nobody used is read again.
  expect((await asked("a", [scanAct("known")])).statements).toBeGreaterThan(0);
});

test("a forgotten site is read again", async () => {
  const { memory, asked } = counted();
  await asked("a", [scanAct("known")]);
  memory.forget("a");
  expect((await asked("a", [scanAct("known")])).statements).toBeGreaterThan(0);
});

test("an edit of what was changed behind the owner's back is decided on the row, and is what the row is afterwards", async () => {
  await beginSite(member, "d");
  await tellActs(member, "d", [createAct("known", { quality: "A" })]);
  await operations.sql`update item set quality = 'C-' where site = 'd' and tag = 'known'`;
  const back = patchAct("known", { quality: "A" });
  const readAnew: Act =
    back.kind === "item.patch" ? { ...back, id: newId(), body: { ...back.body, readAnew: true } } : back;
  // The owner knows it as it was: an edit alone finds nothing to change.
  expect(await tellActs(member, "d", [back])).toMatchObject([{ receipt: { outcome: "already_applied" } }]);
  expect(await tellActs(member, "d", [readAnew])).toMatchObject([{ receipt: { outcome: "accepted" } }]);
  const row = operations.sql`select quality, version from item where site = 'd' and tag = 'known'`;
  expect(await row).toEqual([{ quality: "A", version: 2 }]);
  await expectSound(operations.sql, "d");
});

test("the waiting scans are read only for a tag that is commissioned", async () => {
  const { asked } = counted();
  await asked("a", [scanAct("stray"), scanAct("known")]);
  expect((await asked("a", [createAct("known"), createAct("never")])).known.waiting.size).toBe(0);
  const { known, statements } = await asked("a", [createAct("stray"), scanAct("known")]);
  expect(known.waiting.get("stray")).toHaveLength(2);
  expect(statements).toBe(1);
});

test("what waits for a tag is decided on the contract and the session as others have left them meanwhile", async () => {
  const of = { type: "rental", contract: "C-1", session: newId() } as const;
  await beginSite(member, "c");
  for (const act of [
    createAct("first"),
    scanAct("late", of),
    scanAct("first", of),
    createAct("late"),
    scanAct("first", { type: "return" }),
  ])
    await tellActs(member, "c", [act]);
  await expectSound(operations.sql, "c");
});

test("a session that went out of memory during its turn is read whole again, not remembered in parts", async () => {
  const ids = [newId(), newId()];
  const expected = Array.from({ length: 20 }, (_, index) => `tag ${index}`);
  const begin = (id: string): Act => ({
    ...{ kind: "session.begin", id: newId(), origin: originOf({}) },
    body: { id, mode: "count", expected },
  });
  await tellActs(member, "a", ids.map(begin));
  // Room for one of them: the other one pushes it out.
  const { memory, asked } = counted(20_000);
  const touch = (session: string) => scanAct("known", { session });
  const { known } = await asked("a", ids.map(touch));
  const changed = new Map([...known.sessions].map(([id, { session }]) => [id, session]));
  memory.learn("a", { ...emptyOutcome, sessions: changed });
  for (const id of ids) {
    const again = await asked("a", [touch(id)]);
    expect(again.known.sessions.get(id)?.tags.size).toBe(expected.length);
  }
});

test("what a reader hears at a station costs no question once its session is remembered, and none is there for who only overhears", async () => {
  const { asked } = counted();
  const session = newId();
  const begin: Act = {
    ...{ kind: "session.begin", id: session, origin: originOf({}) },
    body: { id: session, mode: "checkout", contract: "C-1", station: "dock" },
  };
  await tellActs(member, "a", [begin]);
  const heard = (more: Partial<Observation> = {}) => {
    const now = new Date().toISOString();
    const seen = {
      place: "dock",
      antenna: 1,
      reads: 3,
      peakRssiDbm: null,
      firstHeardAt: now,
      lastHeardAt: now,
    };
    const station = { id: "dock", mode: "checkout" } as const;
    return observedAct({ id: newId(), tag: "known", traceparent, ...seen, station, ...more }, "r", now);
  };
  const overheard = await asked("a", [heard({ stray: "weak" })]);
  expect(overheard.known.stations.size).toBe(0);
  const { known, statements } = await asked("a", [heard()]);
  expect(statements).toBeGreaterThan(0);
  expect(known.stations.get("dock")).toMatchObject([{ id: session, closedAt: null }]);
  expect(known.sessions.get(session)?.session).toMatchObject({ contract: "C-1" });
  expect((await asked("a", [heard()])).statements).toBe(0);
});
