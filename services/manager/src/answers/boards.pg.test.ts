import {
  AskContractBoard,
  AskDashboard,
  AskSessionBoard,
  type ContractBucket,
  type SessionBucket,
} from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { openFilled } from "../test-filled.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { type Entry, enter, foundSite } from "../test-records.ts";
import { answerContractBoard } from "./contract-board.ts";
import { answerDashboard } from "./dashboard.ts";
import { answerSessionBoard } from "./session-board.ts";
import { answerSnapshot } from "./snapshot.ts";

/** In Chicago it is the evening of the 10th while UTC has the 11th already. */
const nowMs = Date.parse("2026-03-11T02:30:00Z");

/** Six contracts whose days are told by the site's own clock. */
const office: readonly Entry[] = [
  // Goes out today, though UTC calls it tomorrow.
  { kind: "open", contract: "1", outAt: "2026-03-11T04:00:00Z", dueAt: "2026-03-20T12:00:00Z" },
  // Should have gone out yesterday.
  { kind: "open", contract: "2", outAt: "2026-03-09T15:00:00Z" },
  // Out in part, and due back today, at an hour that is over.
  { kind: "open", contract: "3", outAt: "2026-03-01T15:00:00Z", dueAt: "2026-03-10T14:00:00Z" },
  { kind: "rent", tag: "A", contract: "3" },
  // Out, and due back yesterday: closed since, which brings nothing back.
  { kind: "open", contract: "4", outAt: "2026-03-01T15:00:00Z", dueAt: "2026-03-09T23:00:00Z" },
  { kind: "rent", tag: "B", contract: "4" },
  { kind: "close", contract: "4" },
  // Was due yesterday, and is back.
  { kind: "open", contract: "5", outAt: "2026-03-01T15:00:00Z", dueAt: "2026-03-09T23:00:00Z" },
  { kind: "rent", tag: "C", contract: "5" },
  { kind: "bring", tag: "C" },
  // Out in part, and due back in three days.
  { kind: "open", contract: "6", outAt: "2026-03-01T15:00:00Z", dueAt: "2026-03-13T12:00:00Z" },
  { kind: "rent", tag: "D", contract: "6" },
  { kind: "lot", contract: "L7" },
];

const officeLog = (): SampleLog => {
  const log = sampleLog({ site: "north", startMs: nowMs - 60_000 });
  foundSite(log, "America/Chicago");
  for (const tag of ["A", "B", "C", "D"]) log.happen({ kind: "create", tag, class: "tent", status: "ready" });
  for (const entry of office) enter(log, entry);
  return log;
};

type Filter = Partial<Parameters<typeof answerContractBoard>[1]>;

test.each([
  { bucket: "open", numbers: ["1", "2", "3", "5", "6", "L7"] },
  { bucket: "out", numbers: ["3", "4", "6"] },
  { bucket: "due_out", numbers: ["1"] },
  { bucket: "late_out", numbers: ["3", "6", "2"] },
  { bucket: "due_in", numbers: ["3", "6"] },
  { bucket: "overdue", numbers: ["4"] },
  { bucket: "laundry", numbers: ["L7"] },
] satisfies { bucket: ContractBucket; numbers: string[] }[])(
  "of the board, $bucket is $numbers",
  async ({ bucket, numbers }) => {
    await using database = await testDatabase();
    const store = await openFilled(database.url, officeLog(), { nowMs });
    const answer = await answerContractBoard(
      store.sql,
      { site: "north", bucket, limit: 50, cursor: null },
      nowMs,
    );
    expect(Value.Errors(AskContractBoard.answer, answer)).toEqual([]);
    expect(answer.rows.map(({ number }) => number)).toEqual(numbers);
    await store.close();
  },
);

test.each<{ what: string; filter: Filter; numbers: string[] }>([
  { what: "a day", filter: { bucket: "due_in", day: "2026-03-13" }, numbers: ["6"] },
  { what: "no days ahead", filter: { bucket: "due_in", days: 0 }, numbers: ["3"] },
  { what: "progress", filter: { progress: ["all_returned", "partial_in"] }, numbers: ["5"] },
  { what: "a state", filter: { state: ["closed"] }, numbers: ["4"] },
  { what: "a kind", filter: { kind: "laundry" }, numbers: ["L7"] },
  {
    what: "a class that was ordered or scanned",
    filter: { class: "tent" },
    numbers: ["1", "2", "3", "4", "5", "6"],
  },
  { what: "a class that nobody has", filter: { class: "chair" }, numbers: [] },
  { what: "part of a client's name", filter: { q: "OF 6" }, numbers: ["6"] },
])("of the board, by $what", async ({ filter, numbers }) => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, officeLog(), { nowMs });
  const question = { site: "north", limit: 50, cursor: null, ...filter };
  const { rows } = await answerContractBoard(store.sql, question, nowMs);
  expect(rows.map(({ number }) => number)).toEqual(numbers);
  await store.close();
});

test("the board counts what its parts show, names the position, and its pages follow each other", async () => {
  await using database = await testDatabase();
  const log = officeLog();
  const store = await openFilled(database.url, log, { nowMs });
  const all = { site: "north", limit: 200, cursor: null };
  const { counts, ...rest } = await answerContractBoard(store.sql, all, nowMs);
  expect(rest).toMatchObject({ known: true, epoch: 1, pos: log.events.length, today: "2026-03-10" });
  expect(rest.timeZone).toBe("America/Chicago");
  expect(counts).toMatchObject({ open: 6, out: 3, dueOut: 1, lateOut: 3, dueIn: 2, overdue: 1, laundry: 1 });
  expect(counts.stillOutItems).toBe(3);
  expect(counts.byState).toMatchObject({ open: 6, closed: 1 });
  expect(counts.days).toEqual([
    { day: "2026-03-10", dueOut: 1, dueIn: 1 },
    { day: "2026-03-11", dueOut: 0, dueIn: 0 },
    { day: "2026-03-12", dueOut: 0, dueIn: 0 },
    { day: "2026-03-13", dueOut: 0, dueIn: 1 },
  ]);
  for (const bucket of [undefined, "due_in", "out"] as const) {
    const part = bucket === undefined ? {} : { bucket };
    const whole = await answerContractBoard(store.sql, { ...all, ...part }, nowMs);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const question = { ...all, ...part, limit: 1, cursor };
      const page: typeof whole = await answerContractBoard(store.sql, question, nowMs);
      seen.push(...page.rows.map(({ number }) => number));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(whole.rows.map(({ number }) => number));
  }
  const bad = answerContractBoard(store.sql, { ...all, cursor: "nonsense" }, nowMs);
  await expect(bad).rejects.toMatchObject({ code: "malformed" });
  await store.close();
});

const session = (nth: number): string => `01990000-0000-7000-8000-00000000000${nth}`;

/** One that goes on, one that was left alone, one whose device had more, one that got a scan late, one that only scans have named. */
const floorLog = (): SampleLog => {
  const log = sampleLog({ site: "north", startMs: nowMs - 3_600_000, stepMs: 120_000 });
  for (const tag of ["A", "B"]) log.happen({ kind: "create", tag, class: "tent", status: "ready" });
  enter(log, { kind: "begin", session: session(1), expected: ["A"] });
  enter(log, { kind: "begin", session: session(2), expected: ["A", "B"] });
  enter(log, { kind: "begin", session: session(3), expected: [] });
  enter(log, { kind: "end", session: session(3), complete: false });
  enter(log, { kind: "begin", session: session(4), expected: [] });
  enter(log, { kind: "end", session: session(4), complete: true });
  enter(log, { kind: "restate", session: session(4), scans: 2 });
  // Begun by mistake, and taken back: nobody waits for its beginning.
  enter(log, { kind: "begin", session: session(6), expected: ["A"] });
  enter(log, { kind: "withdraw", session: session(6), expected: ["A"] });
  for (let at = 0; at < 15; at += 1) log.happen({ kind: "sight", tag: "B" });
  enter(log, { kind: "see", tag: "A", session: session(2) });
  enter(log, { kind: "see", tag: "B", session: session(5) });
  return log;
};

test.each([
  { bucket: undefined, sessions: [5, 2, 6, 4, 3, 1] },
  { bucket: "open", sessions: [2, 1] },
  { bucket: "idle", sessions: [1] },
  { bucket: "incomplete", sessions: [3] },
  { bucket: "late", sessions: [4] },
  { bucket: "unbegun", sessions: [5] },
] satisfies { bucket: SessionBucket | undefined; sessions: number[] }[])(
  "of sessions, $bucket is $sessions, the one at work last first",
  async ({ bucket, sessions }) => {
    await using database = await testDatabase();
    const log = floorLog();
    const store = await openFilled(database.url, log, { nowMs });
    const part = bucket === undefined ? {} : { bucket };
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const question = { site: "north", limit: 2, cursor, ...part };
      const answer: Awaited<ReturnType<typeof answerSessionBoard>> = await answerSessionBoard(
        store.sql,
        question,
        nowMs,
      );
      expect(Value.Errors(AskSessionBoard.answer, answer)).toEqual([]);
      expect(answer.counts).toEqual({ open: 2, unbegun: 1, idle: 1, incomplete: 1, late: 1 });
      expect(answer.pos).toBe(log.events.length);
      seen.push(...answer.rows.map(({ id }) => id));
      cursor = answer.next;
    } while (cursor !== null);
    expect(seen).toEqual(sessions.map(session));
    await store.close();
  },
);

test("who took part in a session finds it, and a snapshot shows the same rows as the board", async () => {
  await using database = await testDatabase();
  const store = await openFilled(database.url, floorLog(), { nowMs });
  const ask = (who: string) =>
    answerSessionBoard(store.sql, { site: "north", limit: 50, cursor: null, who }, nowMs);
  expect((await ask("nobody")).rows).toEqual([]);
  const { rows } = await ask("scanner-1");
  expect(rows).toHaveLength(6);
  const shown = await answerSnapshot(store.sql, { site: "north", view: "sessions", cursor: null }, nowMs);
  expect(new Set(shown.rows.map(({ key, ...row }) => row))).toEqual(new Set(rows));
  const open = { site: "north", view: "sessions", cursor: null, state: ["open"] } as const;
  expect((await answerSnapshot(store.sql, { ...open, state: [...open.state] }, nowMs)).rows).toHaveLength(2);
  await store.close();
});

test("a class carries what it is called beside its counts, also when it has no items", async () => {
  await using database = await testDatabase();
  const log = officeLog();
  enter(log, { kind: "describe", class: "tent", category: "Frame Tent Tops" });
  enter(log, { kind: "describe", class: "napkin", category: "Napkins" });
  const store = await openFilled(database.url, log, { nowMs });
  const { dashboard } = await answerDashboard(store.sql, "north", nowMs);
  expect(Value.Errors(AskDashboard.answer, { dashboard })).toEqual([]);
  expect(dashboard?.classes).toMatchObject([
    { class: "napkin", total: 0, name: "napkins", category: "Napkins", crew: "linen" },
    { class: "tent", total: 4, ready: 1, out: 3, category: "Frame Tent Tops", crew: "tent" },
  ]);
  const { rows } = await answerSnapshot(store.sql, { site: "north", view: "dashboard", cursor: null }, nowMs);
  expect(rows.find(({ key }) => key === "about:tent")).toMatchObject({ name: "tents", crew: "tent" });
  await store.close();
});
