import { ask, type Bus, openBus } from "@tagwire/bus";
import {
  AskClasses,
  AskContractMembers,
  AskContracts,
  AskEvents,
  AskItem,
  AskItemDigest,
  AskItems,
  AskQuarantine,
  AskReceipt,
  AskSessions,
  AskSessionTags,
  AskSites,
  AskTimeline,
  type LoggedEvent,
  newId,
} from "@tagwire/messages";
import { quietLog, testDatabase, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitingPerTagMax } from "../actors/stray.ts";
import { createAct, patchAct, scanAct, traceparent } from "../actors/test-acts.ts";
import { digestItems } from "../store/items.ts";
import {
  beginSite,
  type Member,
  readLog,
  type TestOperations,
  tellActs,
  testOperations,
} from "../test-operations.ts";
import { answerQueries } from "./queries.ts";

const site = "north";
const stack = new AsyncDisposableStack();
let bus: Bus;
let operations: TestOperations;
let member: Member;

/** 2,000 characters of three bytes each: as large as notes can be. */
const longNotes = "椅".repeat(2_000);

beforeAll(async () => {
  const nats = stack.use(await testNats());
  const log = quietLog();
  operations = stack.use(await testOperations(await testDatabase()));
  bus = await openBus({ url: nats.url, name: "asker", log });
  stack.defer(bus.close);
  for (const answering of answerQueries(bus, operations.sql)) stack.defer(answering.stop);
  await bus.connection.flush();
  member = await operations.member();
  await beginSite(member, site);
});
afterAll(() => stack.disposeAsync());

test("sites are listed once their log has begun", async () => {
  const { sites } = await ask(bus, AskSites, {});
  expect(sites).toMatchObject([{ id: site, name: site, timeZone: "Europe/Berlin", epoch: 1 }]);
});

describe("items", () => {
  beforeAll(async () => {
    const numbers = Array.from({ length: 25 }, (_, index) => String(index).padStart(2, "0"));
    await tellActs(member, site, [
      ...numbers.map((number) =>
        createAct(`list-${number}`, { place: Number(number) < 10 ? "dock" : "yard", name: "50%_off\\" }),
      ),
      createAct("LIST-TENT", { class: "tent", status: "missing" }),
    ]);
  });

  const every = async (query: object) => {
    const tags: string[] = [];
    let cursor: string | null = null;
    do {
      const { items, next }: { items: { tag: string }[]; next: string | null } = await ask(bus, AskItems, {
        site,
        limit: 7,
        cursor,
        ...query,
      });
      tags.push(...items.map(({ tag }) => tag));
      cursor = next;
    } while (cursor !== null);
    return tags;
  };

  test("are told with the position that they are of, and when", async () => {
    const log = await readLog(operations.sql, site);
    const page = { site, limit: 2, cursor: null };
    const answers = await Promise.all([
      ...[AskItems, AskContracts, AskSessions, AskClasses, AskQuarantine].map((question) =>
        ask(bus, question as typeof AskItems, page),
      ),
      ask(bus, AskTimeline, { ...page, tag: "LIST-TENT" }),
      ask(bus, AskContractMembers, { ...page, number: "none" }),
      ask(bus, AskSessionTags, { ...page, id: newId() }),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ epoch: 1, pos: log.length });
    for (const { asOf } of answers)
      expect(Math.abs(Date.parse(asOf ?? "") - Date.now())).toBeLessThan(60_000);
  });

  test("are all found, once, in pages", async () => {
    const tags = await every({});
    expect(tags).toHaveLength(26);
    expect(new Set(tags).size).toBe(26);
    expect(tags).toEqual(tags.toSorted());
  });

  test.each<[string, object, number]>([
    ["a status", { status: ["missing"] }, 1],
    ["several statuses", { status: ["missing", "ready"] }, 26],
    ["no status at all", { status: [] }, 0],
    ["a class", { class: "tent" }, 1],
    ["a place", { place: "dock" }, 10],
    ["part of a tag, in any case", { q: "LIST-0" }, 10],
    ["part of a class", { q: "ten" }, 1],
    ["signs that mean something to SQL", { q: "50%_off\\" }, 25],
    ["signs that would match anything", { q: "__" }, 0],
    ["all of it together", { q: "list", place: "yard", status: ["ready"], class: "chair" }, 15],
    ["a quote", { q: "'; drop table item; --" }, 0],
  ])("are filtered by %s", async (_, query, count) => {
    expect(await every(query)).toHaveLength(count);
  });

  test("of which one answer cannot hold enough come in more pages", async () => {
    const big = Array.from({ length: 300 }, (_, index) => `BIG-${index}`);
    await tellActs(
      member,
      site,
      big.map((tag) => createAct(tag, { place: "hall" })),
    );
    const patches = big.map((tag) => patchAct(tag, { notes: longNotes }));
    for (let from = 0; from < patches.length; from += 100)
      await tellActs(member, site, patches.slice(from, from + 100));
    const { items, next } = await ask(bus, AskItems, { site, limit: 300, cursor: null, place: "hall" });
    expect(items.length).toBeGreaterThan(50);
    expect(items.length).toBeLessThan(300);
    expect(next).not.toBeNull();
    expect((await every({ place: "hall", limit: 300 })).toSorted()).toEqual(big.toSorted());
  });

  test("one is found in every spelling of its tag, and nobody has an impossible one", async () => {
    await tellActs(member, site, [createAct("ab12")]);
    expect(await ask(bus, AskItem, { site, tag: " ab12 " })).toMatchObject({ item: { tag: "AB12" } });
    for (const tag of ["ff", "a\u0000", "x".repeat(65), "\ud800"])
      expect(await ask(bus, AskItem, { site, tag })).toEqual({ item: null });
  });

  test.each([
    ["a cursor that is none", { cursor: Buffer.from("a\u0000b").toString("base64url") }],
    ["a NUL in what is looked for", { q: "\u0000" }],
    ["a page of nothing", { limit: 0 }],
    ["a page of too much", { limit: 1_001 }],
  ])("%s is malformed", async (_, query) => {
    const asked = ask(bus, AskItems, { site, limit: 7, cursor: null, ...query });
    await expect(asked).rejects.toMatchObject({ code: "malformed" });
  });
});

test("a timeline tells everything of a tag, newest first, in pages", async () => {
  await tellActs(member, site, [scanAct("t1", { place: "gate", type: "rental", contract: "C-1" })]);
  await tellActs(member, site, [createAct("t1")]);
  await tellActs(member, site, [
    scanAct("t1"),
    scanAct("t1", { type: "stage", contract: "C-2" }),
    scanAct("t1", { type: "return" }),
  ]);
  const first = await ask(bus, AskTimeline, { site, tag: "t1", limit: 4, cursor: null });
  expect(
    first.rows.map(({ kind, type, outcome, code, flags }) => [kind, type, outcome, code, flags]),
  ).toEqual([
    ["event", "item.returned.v1", "accepted", undefined, []],
    ["sighting", "item.sighted.v1", "rejected", "transition_refused", []],
    ["sighting", "item.sighted.v1", "accepted", undefined, ["seen_while_out"]],
    ["event", "item.rented.v1", "accepted", undefined, ["from_quarantine"]],
  ]);
  const second = await ask(bus, AskTimeline, { site, tag: "t1", limit: 4, cursor: first.next });
  expect(second.rows.map(({ type, outcome, code }) => [type, outcome, code])).toEqual([
    ["item.created.v1", "accepted", undefined],
    ["scan.quarantined.v1", "quarantined", "tag_unknown"],
  ]);
  expect(second.next).toBeNull();
  expect(second.rows.at(-1)).toMatchObject({
    place: "gate",
    contract: "C-1",
    traceId: traceparent.slice(3, 35),
    by: { device: "d" },
  });

  expect(await ask(bus, AskTimeline, { site, tag: "never", limit: 4, cursor: null })).toMatchObject({
    rows: [],
    known: false,
  });
  expect(await ask(bus, AskTimeline, { site, tag: "a\u0000", limit: 4, cursor: null })).toMatchObject({
    rows: [],
    known: false,
  });
  const astray = ask(bus, AskTimeline, { site, tag: "t1", limit: 4, cursor: "nowhere" });
  await expect(astray).rejects.toMatchObject({ code: "malformed" });
});

test("a timeline tells what was refused because too much waits already", async () => {
  const strays = Array.from({ length: waitingPerTagMax + 1 }, () =>
    scanAct("t2", { place: "gate", scannedAt: "2020-01-01T00:00:00.000Z" }),
  );
  await tellActs(member, site, strays);
  const { rows, known } = await ask(bus, AskTimeline, { site, tag: "t2", limit: 2, cursor: null });
  expect(known).toBe(true);
  expect(rows).toMatchObject([
    {
      kind: "sighting",
      type: "scan.refused.v1",
      outcome: "rejected",
      code: "quarantine_full",
      place: "gate",
      flags: ["backdated"],
    },
    {
      ...{ kind: "sighting", type: "scan.quarantined.v1", outcome: "quarantined", code: "tag_unknown" },
      flags: ["backdated"],
    },
  ]);
  expect(rows[0]?.scanId).toBe(strays.at(-1)?.id);
});

test("what waits in quarantine is listed by its tags, page by page, until the tag is commissioned", async () => {
  const waits = (tag: string | undefined, limit: number, cursor: string | null) =>
    ask(bus, AskQuarantine, { site, limit, cursor, ...(tag === undefined ? {} : { tag }) });
  const acts = ["waits-1", "waits-2", "waits-1"].map((tag) => scanAct(tag, { place: "gate" }));
  await tellActs(member, site, acts);
  const all: { tag: string; scanId: string }[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof waits>> = await waits(undefined, 2, cursor);
    all.push(...page.scans);
    cursor = page.next;
  } while (cursor !== null);
  expect(all.map(({ tag }) => tag)).toEqual(all.map(({ tag }) => tag).sort());
  const own = all.filter(({ tag }) => tag.startsWith("waits"));
  expect(new Set(own.map(({ scanId }) => scanId))).toEqual(new Set(acts.map(({ id }) => id)));
  expect(own[0]).toMatchObject({ type: "touch", place: "gate", contract: null, by: { device: "d" } });
  expect((await waits(" waits-2 ", 10, null)).scans).toHaveLength(1);
  expect((await waits("a\u0000", 10, null)).scans).toEqual([]);
  await tellActs(member, site, [createAct("waits-1")]);
  expect((await waits("waits-1", 10, null)).scans).toEqual([]);
  await expect(waits(undefined, 10, "bm93aGVyZQ")).rejects.toMatchObject({ code: "malformed" });
});

test("a receipt is given as it was stored, and none for an id never seen", async () => {
  const act = scanAct("nobody");
  const [answer] = await tellActs(member, site, [act]);
  const { receipt } = await ask(bus, AskReceipt, { site, id: act.id });
  expect(answer).toMatchObject({ receipt: receipt ?? {} });
  expect(await ask(bus, AskReceipt, { site, id: newId() })).toEqual({ receipt: null });
  await expect(ask(bus, AskReceipt, { site, id: "1" })).rejects.toMatchObject({ code: "malformed" });
});

describe("the log", () => {
  const readAll = async (limit: number) => {
    const events: LoggedEvent[] = [];
    for (;;) {
      const page = await ask(bus, AskEvents, { site, epoch: 1, after: events.length, limit });
      events.push(...page.events);
      if (events.length >= page.head || page.events.length === 0) return events;
    }
  };

  test("is read densely and in order, however large its events are", async () => {
    const stored = await readLog(operations.sql, site);
    expect(await readAll(1_000)).toEqual(stored);
    expect(await readAll(100)).toEqual(stored);
  });

  test("of another epoch is empty and says which epoch it is; epoch 0 begins at the beginning", async () => {
    expect(await ask(bus, AskEvents, { site, epoch: 7, after: 3, limit: 5 })).toMatchObject({
      epoch: 1,
      events: [],
    });
    const fromStart = await ask(bus, AskEvents, { site, epoch: 0, after: 99, limit: 2 });
    expect(fromStart.events.map(({ pos }) => pos)).toEqual([1, 2]);
    await expect(
      ask(bus, AskEvents, { site: "nowhere", epoch: 0, after: 0, limit: 5 }),
    ).rejects.toMatchObject({ code: "site_unknown" });
  });
});

test("the digest is that of the rows, at the site's position; of nothing it is zero", async () => {
  expect(await ask(bus, AskItemDigest, { site })).toEqual(await digestItems(operations.sql, site));
  expect(await ask(bus, AskItemDigest, { site: "nowhere" })).toEqual({
    epoch: 0,
    pos: 0,
    digest: "0:0:0:0:0",
  });
});
