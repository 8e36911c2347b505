import type { RfidproFault } from "@tagwire/emulators";
import { describe, expect, test } from "vitest";
import type { RawRow } from "../actors/rows.ts";
import { allArrivedMs, heap, loginsOf, pull, secondAt, secondAtUnsorted, startFake } from "./test-rfidpro.ts";

const on = { set: "items", offset: secondAtUnsorted } as const;
const onSorted = { set: "items", offset: secondAt } as const;
const always = 1_000_000;

/** Shorter, for what never answers, and still long enough for a slow machine to answer everything else. */
const limitsFor = ({ act }: RfidproFault, triesMax: number) =>
  act === "silent" || act === "slow" ? { answerTimeoutMs: 2_000, triesMax } : {};

describe("what passes leaves every row read once", () => {
  test.each<{ what: string; fault: RfidproFault; passes?: number; logins?: number }>([
    { what: "errors, four times", fault: { act: "status", status: 500, times: 4, on } },
    { what: "a proxy without its server", fault: { act: "status", status: 502, on } },
    { what: "a token that is refused", fault: { act: "unauthorized", on }, logins: 2 },
    { what: "an answer that never comes", fault: { act: "silent", on } },
    { what: "an answer of one byte a second", fault: { act: "slow", bytesPerSecond: 1, on } },
    { what: "a cut answer", fault: { act: "truncated", on } },
    { what: "more bytes promised than come", fault: { act: "wrong-length", by: 50, on } },
    { what: "fewer bytes promised than come", fault: { act: "wrong-length", by: -50, on } },
    { what: "a connection that breaks", fault: { act: "reset", when: "before", on } },
    { what: "a connection that breaks in the middle", fault: { act: "reset", when: "middle", on } },
    { what: "a page of a proxy", fault: { act: "body", body: "<html>busy</html>", on } },
    { what: "nothing", fault: { act: "body", body: "", on } },
    { what: "bytes that are no UTF-8", fault: { act: "latin1", on } },
    { what: "no rows and no word of success", fault: { act: "body", body: '{"data":[]}', on } },
    { what: "rows that are not counted", fault: { act: "lose", rows: 5, count: "false", on } },
    { what: "a short page", fault: { act: "lose", rows: 5, count: "true", on }, passes: 3 },
    { what: "another page that says so", fault: { act: "earlier-page", by: 200, echo: "given", on } },
    {
      what: "a page that came before",
      fault: { act: "earlier-page", by: 200, echo: "asked", on },
      passes: 3,
    },
    {
      what: "a page that is half of another",
      fault: { act: "earlier-page", by: 30, echo: "asked", on },
      passes: 3,
    },
    { what: "rows that move", fault: { act: "move", on }, passes: 3 },
    { what: "a count that lies once", fault: { act: "count", by: 3, on }, passes: 3 },
    {
      what: "a field more",
      fault: { act: "drift", change: (row) => ({ ...row, colour: "red" }), on },
      passes: 2,
    },
  ])("$what", async ({ fault, passes = 2, logins = 1 }) => {
    // Sorted rows do not move; these are of a server that does not sort.
    const fake = await startFake({ honours: { sort: "ignored" } });
    fake.control.faults.add(fault);
    const { outcome, rows } = await pull(fake, "items", { limits: limitsFor(fault, 5) });
    expect(outcome).toMatchObject({ verdict: "complete", why: null, passes });
    const tags = (all: readonly RawRow[]) => all.map(({ tag_id }) => String(tag_id)).toSorted();
    expect(tags(rows)).toEqual(tags(fake.rows("items")));
    expect(loginsOf(fake)).toBe(logins);
    expect(fake.writes()).toEqual([]);
  });

  test("a token that ends while a page is on its way: the page is asked for again with another", async () => {
    const fake = await startFake();
    fake.control.faults.add(
      { act: "reset", when: "middle", on: onSorted },
      { act: "unauthorized", on: onSorted },
    );
    const { outcome, rows } = await pull(fake, "items");
    expect(outcome).toMatchObject({ verdict: "complete", why: null, passes: 1 });
    expect(heap(rows)).toEqual(heap(fake.rows("items")));
    expect(loginsOf(fake)).toBe(2);
  });

  test("tokens that live for less than a page, whatever we think of them", async () => {
    const fake = await startFake({ tokenLifeMs: 60_000 });
    const { outcome, rows } = await pull(fake, "items", {
      now: () => allArrivedMs,
      page: async () => fake.control.advance(61_000),
    });
    expect(outcome).toMatchObject({ verdict: "complete", why: null, passes: 1 });
    expect(heap(rows)).toEqual(heap(fake.rows("items")));
    // One before the first page, and one after each of four.
    expect(loginsOf(fake)).toBe(5);
  });

  test("an item that goes in between", async () => {
    const fake = await startFake();
    const { outcome, rows } = await pull(fake, "items", {
      page: async ({ pass, offset }) => {
        if (pass === 1 && offset === secondAt)
          fake.control.change("items", (row, index) => (index === 5 ? null : row));
      },
    });
    expect(outcome).toMatchObject({ verdict: "complete", passes: 2, rows: 623 });
    expect(heap(rows)).toEqual(heap(fake.rows("items")));
  });
});

describe("what does not pass is said, and is never the end of the rows", () => {
  test.each<{ what: string; fault: RfidproFault; why: string }>([
    { what: "errors", fault: { act: "status", status: 500, on: onSorted }, why: "rfidpro.error" },
    { what: "a no", fault: { act: "status", status: 404, on: onSorted }, why: "rfidpro.refused" },
    { what: "no token is good", fault: { act: "unauthorized", on: onSorted }, why: "rfidpro.unauthorized" },
    { what: "silence", fault: { act: "silent", on: onSorted }, why: "no whole answer within" },
    {
      what: "a byte a second",
      fault: { act: "slow", bytesPerSecond: 1, on: onSorted },
      why: "no whole answer",
    },
    { what: "cut answers", fault: { act: "truncated", on: onSorted }, why: "no whole JSON" },
    {
      what: "wrong lengths",
      fault: { act: "wrong-length", by: 9, on: onSorted },
      why: "rfidpro.unreachable",
    },
    { what: "broken connections", fault: { act: "reset", when: "middle", on: onSorted }, why: "unreachable" },
    { what: "pages of a proxy", fault: { act: "body", body: "<html>", on: onSorted }, why: "no whole JSON" },
    { what: "a huge answer", fault: { act: "huge", bytes: 64e6, on: onSorted }, why: "rfidpro.too_large" },
    {
      ...{ what: "two hundred rows of a megabyte", why: "an answer of more than 8388608 bytes" },
      fault: { act: "huge-rows", rows: 200, bytesPerRow: 1e6, promised: false, on: onSorted },
    },
    {
      ...{ what: "two hundred rows of a megabyte that are promised", why: "an answer of 2000" },
      fault: { act: "huge-rows", rows: 200, bytesPerRow: 1e6, promised: true, on: onSorted },
    },
    { what: "bytes that are never UTF-8", fault: { act: "latin1", on: onSorted }, why: "no UTF-8" },
    {
      ...{ what: "nesting", fault: { act: "body", body: "[".repeat(100_000), on: onSorted } },
      ...{ why: "nested deeper" },
    },
    {
      ...{
        what: "counts that are none",
        fault: { act: "answer", change: (all) => ({ ...all, totalcount: "many" }), on: onSorted },
      },
      ...{ why: "totalcount" },
    },
    {
      ...{
        what: "a count below nothing",
        fault: { act: "answer", change: (all) => ({ ...all, totalcount: -1 }), on: onSorted },
      },
      ...{ why: "totalcount" },
    },
    {
      ...{
        what: "a count beyond all",
        fault: { act: "answer", change: (all) => ({ ...all, totalcount: 5e6 }), on: onSorted },
      },
      ...{ why: "rfidpro.too_large" },
    },
    {
      ...{ what: "no success", why: "rfidpro.refused" },
      fault: {
        act: "answer",
        change: (all) => ({ ...all, result: { success: false, message: "no\u0007pe" } }),
        on: onSorted,
      },
    },
    {
      ...{
        what: "rows that are none",
        fault: { act: "answer", change: (all) => ({ ...all, data: [[1], 2] }), on: onSorted },
      },
      ...{ why: "rfidpro.garbled" },
    },
    {
      ...{
        what: "no list",
        fault: { act: "answer", change: (all) => ({ ...all, data: { "0": {} } }), on: onSorted },
      },
      ...{ why: "data" },
    },
    {
      ...{ what: "dates of another form", why: "date_last_scanned" },
      fault: {
        act: "drift",
        change: (row) => ({ ...row, date_last_scanned: "05/01/2025 10:00 AM" }),
        on: onSorted,
      },
    },
    {
      ...{ what: "statuses of other words", why: "status" },
      fault: { act: "drift", change: (row) => ({ ...row, status: `S-${row.status}` }), on: onSorted },
    },
    {
      ...{ what: "a field of another name", why: "tag_id" },
      fault: { act: "drift", change: ({ tag_id, ...row }) => ({ ...row, tagId: tag_id }), on: onSorted },
    },
    {
      ...{ what: "a field that is gone", why: "status" },
      fault: { act: "drift", change: ({ status: _, ...row }) => row, on: onSorted },
    },
    {
      ...{ what: "a field of another kind", why: "bin_location" },
      fault: {
        act: "drift",
        change: (row) => ({ ...row, bin_location: { shelf: row.bin_location } }),
        on: onSorted,
      },
    },
  ])("$what", async ({ fault, why }) => {
    const fake = await startFake();
    fake.control.faults.add({ ...fault, times: always });
    const { outcome } = await pull(fake, "items", { limits: limitsFor(fault, 2) });
    expect(outcome).toMatchObject({ rows: 200, total: 624, passes: 1 });
    expect(outcome.why).toContain(why);
    expect(fake.writes()).toEqual([]);
  });

  test.each<{ what: string; fault: RfidproFault; why: string }>([
    { what: "it is down", fault: { act: "status", status: 500 }, why: "rfidpro.error" },
    { what: "it breaks off", fault: { act: "reset", when: "before" }, why: "rfidpro.unreachable" },
    {
      what: "it lets nobody in",
      fault: { act: "status", status: 401, on: { set: "login" } },
      why: "rfidpro.login",
    },
    {
      ...{ what: "its login has no token", why: "no token" },
      fault: { act: "body", body: '{"result":true}', on: { set: "login" } },
    },
    {
      ...{ what: "its rows are others", why: "rfidpro.drift" },
      fault: { act: "drift", change: () => ({ id: 1 }), on: { set: "items" } },
    },
  ])("$what: nothing can be said", async ({ fault, why }) => {
    const fake = await startFake();
    fake.control.faults.add({ ...fault, times: always });
    const { outcome, pages } = await pull(fake, "items");
    expect(outcome).toMatchObject({ verdict: "failed", rows: 0, total: null });
    expect(outcome.why).toContain(why);
    expect(pages).toEqual([]);
  });

  test.each([
    { what: "errors", fault: { act: "status", status: 500 }, why: "rfidpro.error" },
    { what: "a no", fault: { act: "status", status: 404 }, why: "rfidpro.refused" },
  ] as const)("$what where the end should be are no end", async ({ fault, why }) => {
    const fake = await startFake();
    // The last two rows are asked for once more, with what is behind them.
    fake.control.faults.add({ ...fault, on: { set: "items", offset: 622 }, times: always });
    const { outcome } = await pull(fake, "items");
    expect(outcome).toMatchObject({ verdict: "partial", rows: 624, total: 624 });
    expect(outcome.why).toContain(why);
  });

  test("a wrong password is asked for once, and told to nobody", async () => {
    const fake = await startFake({ password: "another" });
    const { outcome } = await pull({ ...fake, password: "swordfish" }, "items");
    expect(outcome).toMatchObject({ verdict: "failed", requests: 1 });
    expect(outcome.why).toContain("rfidpro.login");
    expect(JSON.stringify(outcome)).not.toContain("swordfish");
  });

  test.each([
    { by: 3, why: "624 rows and gives" },
    { by: -3, why: "gives more" },
  ])("a count that is always $by off never comes to an end", async ({ by }) => {
    const fake = await startFake();
    fake.control.faults.add({ act: "count", by, times: always });
    const { outcome } = await pull(fake, "items");
    expect(outcome.verdict).toBe("partial");
    expect(outcome.why).toContain(`RFIDpro counts ${624 + by} rows and gives`);
    expect(outcome.passes).toBe(5);
  });

  test.each<{ what: string; fault: RfidproFault; why: string }>([
    { what: "rows that never stand still", fault: { act: "move" }, why: "rows moved" },
    {
      ...{ what: "pages that begin too early", why: "rows moved" },
      fault: { act: "earlier-page", by: 30, echo: "asked" },
    },
    { what: "the same page for ever", fault: { act: "earlier-page", by: 1e6, echo: "asked" }, why: "again" },
  ])("$what", async ({ fault, why }) => {
    const fake = await startFake({ honours: { sort: "ignored", filter: "ignored" } });
    // The probe asks four questions before.
    fake.control.faults.add({ ...fault, on: { set: "items" }, after: 4, times: always });
    const { outcome } = await pull(fake, "items");
    expect(outcome).toMatchObject({ verdict: "unstable", passes: 5 });
    expect(outcome.why).toContain(why);
  });
});

test("a row with names that JavaScript knows is a row like others", async () => {
  const fake = await startFake();
  const change = (row: object): unknown =>
    JSON.parse(JSON.stringify(row).replace("{", '{"__proto__":{"polluted":1},"constructor":1,'));
  fake.control.faults.add({ act: "drift", change, times: always });
  const { outcome, rows } = await pull(fake, "items");
  expect(outcome.verdict).toBe("complete");
  expect(Object.hasOwn(rows[0] ?? {}, "__proto__")).toBe(true);
  expect({}).not.toHaveProperty("polluted");
  expect(rows[0]).not.toHaveProperty("polluted");
});
