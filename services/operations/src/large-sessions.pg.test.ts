import { newId, type Session, SessionClosed, SessionRestated } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { createAct, originOf, scanAct } from "./actors/test-acts.ts";
import { createMemory } from "./store/memory.ts";
import { wholeTagsMax } from "./store/recent-sessions.ts";
import { refolds } from "./store/refold.ts";
import { sessionTagsPerTurnMax } from "./store/turn-size.ts";
import {
  beginSite,
  expectSound,
  type Member,
  readLog,
  type TestOperations,
  tellActs,
  testOperations,
} from "./test-operations.ts";

/* Counts of a place with more things than a session may have to be remembered whole. */

const things = Array.from({ length: wholeTagsMax + 100 }, (_, index) => `thing ${index}`);
const openAtOnce = 20;

let operations: TestOperations;
let member: Member;
beforeAll(async () => {
  operations = await testOperations(await testDatabase());
  member = await operations.member();
});
afterAll(() => operations[Symbol.asyncDispose]());

/** A site of its own whose things are all at one place. */
const beginPlace = async (site: string) => {
  await beginSite(member, site);
  await tellActs(
    member,
    site,
    things.map((tag) => createAct(tag, { place: "resale" })),
  );
};

const beginAct = (id: string): Act => ({
  ...{ kind: "session.begin", id: newId(), origin: originOf({}) },
  body: { id, mode: "count", place: "resale" },
});
const beginWithAct = (expected: string[]): Act => ({
  ...{ kind: "session.begin", id: newId(), origin: originOf({}) },
  body: { id: newId(), mode: "count", expected },
});
const closeAct = (session: string): Act => ({
  ...{ kind: "session.close", id: newId(), origin: originOf({}) },
  body: { session, close: {} },
});
const countAct = (tag: string, session: string, scannedAt?: string): Act =>
  scanAct(tag, { type: "count", session, ...(scannedAt === undefined ? {} : { scannedAt }) });

const sessionIn = async (site: string, id: string): Promise<Session | undefined> => {
  const [row] = await operations.sql<
    { doc: Session }[]
  >`select doc from session where site = ${site} and id = ${id}`;
  return row?.doc;
};

test("a turn that hears of many counts of a whole place holds the tags it asks about, and not what each expects", async () => {
  await beginPlace("many");
  const ids = Array.from({ length: openAtOnce }, () => newId());
  for (const id of ids) await tellActs(member, "many", [beginAct(id)]);
  for (const id of ids) expect(await sessionIn("many", id)).toMatchObject({ expectedTags: things.length });
  const memory = createMemory(operations.sql);
  const heldBy = async (acts: readonly Act[]) => {
    const { known } = await memory.recall("many", acts, { ids: "new-ids", epoch: 1 });
    return [...known.sessions.values()].map(({ tags }) => tags.size);
  };
  const scans = ids.map((id, index) => countAct(`thing ${index}`, id));
  // Asked again, what is remembered is no more.
  for (const _ of ["read", "remembered"]) expect(await heldBy(scans)).toEqual(ids.map(() => 1));
  expect(await heldBy(ids.map(closeAct))).toEqual(ids.map(() => 0));
  // What they leave behind is counted all the same.
  await tellActs(member, "many", scans);
  expect(await heldBy(ids.map(closeAct))).toEqual(ids.map(() => 1));
  await tellActs(member, "many", ids.map(closeAct));
  for (const id of ids)
    expect(await sessionIn("many", id)).toMatchObject({
      ...{ state: "closed", foundTags: 1, seenTags: 1, recorded: { count: 1 } },
    });
  await expectSound(operations.sql, "many");
});

test("a large count tells what was found, found again, not expected, taken back and late as a small one does", async () => {
  await beginPlace("large");
  await tellActs(member, "large", [createAct("elsewhere", { place: "dock" })]);
  const id = newId();
  await tellActs(member, "large", [beginAct(id)]);
  const scannedAt = new Date().toISOString();
  const [first, ...others] = things.slice(0, 5).map((tag) => countAct(tag, id, scannedAt));
  if (first === undefined) throw new Error("no thing");
  await tellActs(member, "large", [first, ...others, countAct("elsewhere", id), countAct("nobody", id)]);
  await tellActs(member, "large", [countAct("thing 0", id)]);
  expect(await sessionIn("large", id)).toMatchObject({ foundTags: 5, seenTags: 6, unknownTags: 1 });
  const undo: Act = {
    ...{ kind: "events.undo", id: newId(), origin: originOf({}) },
    body: { scans: [others[0]?.id ?? ""], preview: false },
  };
  await tellActs(member, "large", [undo]);
  expect(await sessionIn("large", id)).toMatchObject({ foundTags: 4, seenTags: 5 });
  // What waited for its tag is decided in the session, too.
  await tellActs(member, "large", [createAct("nobody")]);
  await tellActs(member, "large", [closeAct(id)]);
  await tellActs(member, "large", [countAct("thing 9", id, scannedAt)]);
  const log = await readLog(operations.sql, "large");
  expect(log.find(({ type }) => type === SessionClosed.type)?.data).toMatchObject({
    recorded: { count: 6 },
    duplicates: 1,
  });
  expect(log.find(({ type }) => type === SessionRestated.type)?.data).toMatchObject({
    recorded: { count: 7 },
  });
  expect(await sessionIn("large", id)).toMatchObject({ foundTags: 5, seenTags: 7, unknownTags: 0 });
  await expectSound(operations.sql, "large");
});

test("acts whose sessions have too many tags together are for more than one turn", async () => {
  await beginSite(member, "full");
  const expected = things.slice(0, 2);
  const acts = [beginWithAct(expected), beginWithAct(expected), beginWithAct(expected)];
  const within = async (all: readonly Act[]) =>
    (
      await createMemory(operations.sql).recall("full", all, {
        ids: "new-ids",
        epoch: 1,
      })
    ).acts;
  expect(await within(acts)).toBe(3);
  const half = Array.from({ length: sessionTagsPerTurnMax / 2 }, (_, index) => `expected ${index}`);
  expect(await within([half, half, half].map(beginWithAct))).toBe(2);
  // Of a close, what was scanned counts, and not what is expected.
  const ids = [newId(), newId(), newId()];
  for (const id of ids) await tellActs(member, "full", [countAct("thing 0", id)]);
  const count = async (key: "seenTags" | "expectedTags", tags: number) => {
    await operations.sql`update session set doc = jsonb_set(doc, ${[key]}, ${String(tags)}::text::jsonb) where site = 'full'`;
  };
  await count("expectedTags", half.length);
  expect(await within(ids.map(closeAct))).toBe(3);
  // Each has one scan of a tag that nobody knows besides.
  await count("seenTags", half.length - 1);
  expect(await within(ids.map(closeAct))).toBe(2);
  // One alone is read, however large it is.
  await count("seenTags", half.length * 4);
  expect(await within(ids.map(closeAct))).toBe(1);
});

test("sessions that expect much are folded again a few at a time", async () => {
  await beginSite(member, "folded");
  for (const id of [newId(), newId(), newId()]) await tellActs(member, "folded", [countAct("thing 0", id)]);
  const page = () => refolds(operations.sql, { site: "folded", entity: "session", after: null, limit: 500 });
  expect(await page()).toMatchObject({ checked: 3, next: null });
  await operations.sql`update session set doc = jsonb_set(doc, '{expectedTags}', '40000') where site = 'folded'`;
  const first = await page();
  expect(first).toMatchObject({ checked: 1, next: expect.any(String) });
});
