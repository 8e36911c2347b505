import { expect, test } from "vitest";
import type { RawRow } from "../actors/rows.ts";
import { allArrivedMs, heap, loginsOf, pull, secondAt, startFake } from "./test-rfidpro.ts";

test.each(["classes", "items", "transactions"] as const)(
  "%s are read once and whole, whatever form they are counted in",
  async (dataset) => {
    const fake = await startFake();
    const { outcome, rows, pages, progress } = await pull(fake, dataset);
    const all = fake.rows(dataset);
    expect(outcome).toMatchObject({
      dataset,
      verdict: "complete",
      why: null,
      rows: all.length,
      total: all.length,
    });
    expect(outcome).toMatchObject({ since: null, until: new Date(allArrivedMs).toISOString() });
    expect(outcome.capability).toEqual({ filter: true, sort: true, rowsMax: 200 });
    expect(heap(rows)).toEqual(heap(all));
    // Each answer but the first begins with the last rows of the one before.
    let read = 0;
    for (const { body, offset, rows: own } of pages) {
      const { data } = JSON.parse(body) as { data: RawRow[] };
      expect(data.slice(read - offset)).toEqual(own);
      expect(read - offset).toBeLessThan(10);
      read += own.length;
    }
    expect(pages.length).toBeLessThanOrEqual(Math.ceil(all.length / 195));
    expect(progress.at(0)).toMatchObject({ rows: 0, total: null, verdict: null });
    expect(progress.at(-1)).toMatchObject({
      rows: all.length,
      verdict: "complete",
      requests: outcome.requests,
    });
    expect(outcome.requests).toBe(fake.requests().length);
    expect(fake.writes()).toEqual([]);
  },
);

test("nothing goes out but the login and questions for rows", async () => {
  const fake = await startFake();
  await pull(fake, "items");
  const asked = new Set(fake.requests().map(({ method, path }) => `${method} ${path}`));
  expect(asked).toEqual(new Set(["POST /api/v1/login", `GET /api/v1/data/${fake.datasets.items}`]));
});

test("copies of one row are rows like others, where rows stand in order", async () => {
  const fake = await startFake();
  const all = fake.rows("transactions");
  expect(all.length - new Set(heap(all)).size).toBeGreaterThan(3);
  const { outcome, rows } = await pull(fake, "transactions");
  expect(outcome).toMatchObject({ verdict: "complete", passes: 1 });
  expect(heap(rows)).toEqual(heap(all));
});

test("rows in no order are read once more, cut elsewhere, and believed when they are the same", async () => {
  const fake = await startFake({ honours: { sort: "ignored", filter: "ignored" }, isUnsorted: false });
  const copied = fake.rows("transactions").slice(0, 3);
  fake.control.upload(copied.map((row) => ({ arrivesAtMs: allArrivedMs, row })));
  const { outcome, rows, pages } = await pull(fake, "transactions");
  expect(outcome).toMatchObject({ verdict: "complete", why: null, passes: 2, rows: 1_332 });
  expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
  const secondOf = (wanted: number) => pages.filter(({ pass }) => pass === wanted)[1]?.offset;
  expect([secondOf(1), secondOf(2)]).toEqual([199, 186]);
});

test("an empty set is believed when it is empty twice", async () => {
  const fake = await startFake({ data: { classes: [], items: [], uploads: [] } });
  const { outcome, pages } = await pull(fake, "items");
  expect(outcome).toMatchObject({ verdict: "complete", rows: 0, total: 0, passes: 2 });
  expect(pages).toEqual([]);
});

test("a token is renewed before its end, so that none is refused", async () => {
  const fake = await startFake();
  const { outcome } = await pull(fake, "items", {
    page: async () => fake.control.advance(56 * 60_000),
  });
  expect(outcome.verdict).toBe("complete");
  expect(loginsOf(fake)).toBe(1 + 4);
  expect(outcome.requests).toBe(fake.requests().length);
});

test("one login is enough for several sets", async () => {
  const fake = await startFake();
  await pull(fake, "items");
  expect(loginsOf(fake)).toBe(1);
});

test("somebody who cancels never gets a complete pull", async () => {
  const fake = await startFake();
  const cancelling = new AbortController();
  const { outcome, rows } = await pull(fake, "items", {
    signal: cancelling.signal,
    page: async ({ offset }) => {
      if (offset === secondAt) cancelling.abort();
    },
  });
  expect(outcome).toMatchObject({ verdict: "partial", why: "it was cancelled", rows: 398 });
  expect(rows).toHaveLength(398);
  const again = await pull(fake, "items", { signal: cancelling.signal });
  expect(again.outcome).toMatchObject({ verdict: "failed", why: "it was cancelled", rows: 0, requests: 0 });
});

test("somebody who cancels at the very last answer has cancelled", async () => {
  const whole = await pull(await startFake(), "items");
  const fake = await startFake();
  const cancelling = new AbortController();
  const { outcome } = await pull(fake, "items", {
    signal: cancelling.signal,
    // Looked at when an answer has come.
    now: () => {
      if (fake.requests().length === whole.outcome.requests) cancelling.abort();
      return allArrivedMs;
    },
  });
  expect(outcome).toMatchObject({ verdict: "partial", why: "it was cancelled", rows: 624 });
});

test("somebody who cancels does not wait for an answer that does not come", async () => {
  const fake = await startFake();
  const cancelling = new AbortController();
  fake.control.faults.add({ act: "silent", on: { set: "items", offset: secondAt } });
  const { outcome } = await pull(fake, "items", {
    signal: cancelling.signal,
    page: async () => void setTimeout(() => cancelling.abort(), 20),
  });
  expect(outcome).toMatchObject({ verdict: "partial", why: "it was cancelled", rows: 200 });
});

test("what goes wrong with whoever takes the pages is theirs, and no verdict", async () => {
  const fake = await startFake();
  const full = new Error("the disk is full");
  await expect(pull(fake, "items", { page: () => Promise.reject(full) })).rejects.toBe(full);
});

test("a page is taken before the next one is asked for", async () => {
  const fake = await startFake();
  const asked: number[] = [];
  await pull(fake, "items", {
    page: async () => {
      const before = fake.requests().length;
      await new Promise((resolve) => setTimeout(resolve, 5));
      asked.push(fake.requests().length - before);
    },
  });
  expect(asked).toEqual([0, 0, 0, 0]);
});
