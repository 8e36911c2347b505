import { randomUUID } from "node:crypto";
import { type Fault, type ImportRow, newId } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { originOf, scanAct, traceparent } from "./actors/test-acts.ts";
import { answerCommand } from "./answers/commands.ts";
import {
  beginSite,
  expectSound,
  type Member,
  readLog,
  type TestOperations,
  tellActs,
  testOperations,
} from "./test-operations.ts";

/* Imports through real turns: what they leave in Postgres, and what they leave alone. */

let operations: TestOperations;
let member: Member;
beforeAll(async () => {
  operations = await testOperations(await testDatabase());
  member = await operations.member();
});
afterAll(() => operations[Symbol.asyncDispose]());

let sites = 0;
const newSite = async () => {
  sites += 1;
  const site = `import-${sites}`;
  await beginSite(member, site);
  return site;
};

const rowOf = (tag: string, more: Partial<ImportRow> = {}): ImportRow => ({ id: randomUUID(), tag, ...more });

const importRows = async (site: string, rows: ImportRow[], dryRun = false, onlyNew = false) => {
  const result = await answerCommand(member.turns, site, {
    ...{
      kind: "items.import",
      id: newId(),
      by: { person: "p" },
      receivedAt: new Date().toISOString(),
      traceparent,
    },
    body: { dryRun, onlyNew, rows },
  });
  if (!("outcomes" in result)) throw new Error("no outcomes");
  return result.outcomes;
};
const receiptsOf = async (site: string) =>
  (await operations.sql`select 1 from receipt where site = ${site}`).length;

test("rows that may make items alone leave what is there as it is, and are known when they are sent again", async () => {
  const site = await newSite();
  await importRows(site, [rowOf("A1", { class: "chair", name: "one" })]);
  const rows = [
    rowOf("A1", { class: "table" }),
    rowOf("A1", { class: "chair" }),
    rowOf("B2", { class: "chair" }),
  ];
  const refused = { tag: "A1", outcome: "rejected", code: "item_exists" };
  expect(await importRows(site, rows, false, true)).toMatchObject([
    refused,
    refused,
    { tag: "B2", outcome: "created" },
  ]);
  expect(await importRows(site, rows, false, true)).toMatchObject([
    refused,
    refused,
    { tag: "B2", outcome: "unchanged", replayed: true },
  ]);
  const { items } = await expectSound(operations.sql, site);
  expect(items.find(({ tag }) => tag === "A1")).toMatchObject({ class: "chair", name: "one", version: 1 });
});

test("rows are created, changed, left and refused each for itself, and the log adds up", async () => {
  const site = await newSite();
  const rows = [
    rowOf("A1", { class: "chair", name: "one" }),
    rowOf("a1", { class: "chair" }),
    rowOf("A1", { name: "two" }),
    rowOf("B2"),
    rowOf("\u0007", { class: "chair" }),
    rowOf("C3", { class: "chair", status: "on_rent" }),
    rowOf("D4", { class: "table", notes: "n" }),
  ];
  expect(await importRows(site, rows)).toMatchObject([
    { tag: "A1", outcome: "created" },
    { tag: "A1", outcome: "unchanged" },
    { tag: "A1", outcome: "changed" },
    { tag: "B2", outcome: "rejected", code: "class_required" },
    { tag: null, outcome: "rejected", code: "tag_malformed" },
    { tag: "C3", outcome: "rejected", code: "transition_refused" },
    { tag: "D4", outcome: "created" },
  ]);
  const { items } = await expectSound(operations.sql, site);
  expect(items.map(({ tag, name, notes }) => [tag, name, notes])).toEqual(
    expect.arrayContaining([
      ["A1", "two", null],
      ["D4", null, "n"],
    ]),
  );
  expect(await receiptsOf(site)).toBe(3);

  // The same file again: what was done is known, and what was refused is looked at anew.
  const again = await importRows(site, rows);
  expect(again).toMatchObject([
    { outcome: "unchanged", replayed: true, code: "changed_since" },
    { outcome: "unchanged" },
    { outcome: "unchanged", replayed: true },
    { outcome: "rejected", code: "class_required" },
    { outcome: "rejected", code: "tag_malformed" },
    { outcome: "rejected", code: "transition_refused" },
    { outcome: "unchanged", replayed: true },
  ]);
  expect((await expectSound(operations.sql, site)).log).toHaveLength(4);
  expect(await receiptsOf(site)).toBe(3);
});

test("each row says where it stands in the log, also when it comes again, so that a file is taken back as a whole", async () => {
  const site = await newSite();
  await importRows(site, [rowOf("A1", { class: "chair", notes: "old" }), rowOf("B2", { class: "chair" })]);
  const rows = [rowOf("A1", { notes: "wrong" }), rowOf("B2", { status: "sold" }), rowOf("C3")];
  const done = await importRows(site, rows);
  const { log } = await expectSound(operations.sql, site);
  expect(done.map(({ pos }) => pos)).toEqual([log.at(-2)?.pos, log.at(-1)?.pos, undefined]);
  expect((await importRows(site, rows)).map(({ pos }) => pos)).toEqual(done.map(({ pos }) => pos));
  const origin = originOf({ receivedAt: new Date().toISOString() });
  const body = { events: done.flatMap(({ pos }) => pos ?? []), preview: false };
  await tellActs(member, site, [{ kind: "events.undo", id: newId(), origin, body }]);
  expect((await expectSound(operations.sql, site)).items).toMatchObject([
    { tag: "A1", notes: "old" },
    { tag: "B2", status: "ready" },
  ]);
});

test("a row that was refused passes once it may", async () => {
  const site = await newSite();
  const row = rowOf("A1", { name: "one" });
  expect(await importRows(site, [row])).toMatchObject([{ code: "class_required" }]);
  await importRows(site, [rowOf("A1", { class: "chair" })]);
  expect(await importRows(site, [row])).toMatchObject([{ outcome: "changed" }]);
});

test("a repeat does not overwrite what has become known since", async () => {
  const site = await newSite();
  const row = rowOf("A1", { class: "chair", place: "rack-1" });
  await importRows(site, [row]);
  await tellActs(member, site, [scanAct("A1", { place: "gate" })]);
  expect(await importRows(site, [row])).toMatchObject([{ outcome: "unchanged", code: "changed_since" }]);
  const { items } = await expectSound(operations.sql, site);
  expect(items).toMatchObject([{ place: "gate" }]);
});

test("a dry run answers as the import would, row after row, and leaves nothing", async () => {
  const site = await newSite();
  await importRows(site, [rowOf("A1", { class: "chair" })]);
  const rows = [
    rowOf("A1", { name: "one" }),
    rowOf("A1", { name: "one" }),
    rowOf("B2", { class: "chair" }),
    rowOf("B2", { status: "repair" }),
    rowOf("B2", { status: "staged" }),
    rowOf("C3"),
  ];
  const before = await readLog(operations.sql, site);
  const tried = await importRows(site, rows, true);
  expect(tried.map(({ outcome }) => outcome)).toEqual([
    "changed",
    "unchanged",
    "created",
    "changed",
    "rejected",
    "rejected",
  ]);
  expect(await importRows(site, rows, true)).toEqual(tried);
  expect(await readLog(operations.sql, site)).toEqual(before);
  expect(await receiptsOf(site)).toBe(1);
  const done = await importRows(site, rows);
  expect(done.map(({ pos: _, ...outcome }) => outcome)).toEqual(tried);
  await expectSound(operations.sql, site);
});

test("what waits for a tag is decided when a row brings it, and counted in a dry run alike", async () => {
  const site = await newSite();
  const scan = scanAct("A1", { type: "rental", contract: "R-1" });
  await tellActs(member, site, [scan]);
  const rows = [rowOf("A1", { class: "chair" }), rowOf("A1", { status: "sold" })];
  const expected = [{ outcome: "created" }, { outcome: "rejected", code: "transition_refused" }];
  expect(await importRows(site, rows, true)).toMatchObject(expected);
  expect(await importRows(site, rows)).toMatchObject(expected);
  const { items } = await expectSound(operations.sql, site);
  expect(items).toMatchObject([{ tag: "A1", status: "on_rent", contract: "R-1" }]);
});

test("a site that is not there is no matter of rows", async () => {
  for (const dryRun of [true, false])
    await expect(importRows("nowhere", [rowOf("A1", { class: "chair" })], dryRun)).rejects.toMatchObject({
      code: expect.stringMatching(/site_unknown|unavailable/),
    } satisfies Partial<Fault>);
});
