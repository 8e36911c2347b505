import { expect, test } from "vitest";
import type { RawRow } from "../actors/rows.ts";
import type { PullStart, Resume } from "./pull.ts";
import {
  allArrivedMs,
  heap,
  type Pulled,
  pull,
  secondAt,
  secondAtUnsorted,
  startFake,
} from "./test-rfidpro.ts";
import { serverText } from "./window.ts";

type Fake = Awaited<ReturnType<typeof startFake>>;

/** Pulls until some page, and gives what somebody who staged it would know after a restart. */
const brokenOff = async (fake: Fake, dataset: "items" | "transactions", atOffset: number) => {
  const cancelling = new AbortController();
  let start: PullStart | undefined;
  const first = await pull(fake, dataset, {
    signal: cancelling.signal,
    begun: (told) => {
      start = told;
    },
    page: async ({ offset }) => {
      if (offset === atOffset) cancelling.abort();
    },
  });
  expect(first.outcome.verdict).toBe("partial");
  const last = first.pages.at(-1);
  const resume: Resume = {
    ...(start as PullStart),
    ...{ pass: last?.pass ?? 0, total: last?.total ?? 0 },
    answers: first.pages.map(({ body }) => (JSON.parse(body) as { data: RawRow[] }).data),
  };
  return { first, resume };
};

const together = (first: Pulled, second: Pulled): RawRow[] => [...first.rows, ...second.rows];

test.each(["items", "transactions"] as const)("%s go on where they stopped", async (dataset) => {
  const fake = await startFake();
  const { first, resume } = await brokenOff(fake, dataset, secondAt);
  const before = fake.requests().length;
  const second = await pull(fake, dataset, { resume });
  expect(second.pages[0]).toMatchObject({ pass: 1, offset: 2 * secondAt });
  expect(second.outcome).toMatchObject({ verdict: "complete", until: resume.until, passes: 1 });
  expect(second.outcome.rows).toBe(fake.rows(dataset).length);
  expect(heap(together(first, second))).toEqual(heap(fake.rows(dataset)));
  // A login, what is left, and a look behind the end: what RFIDpro honours is known.
  const left = Math.ceil((fake.rows(dataset).length - 2 - 2 * secondAt) / secondAt);
  expect(fake.requests().length - before).toBe(1 + left + 1);
});

test("a pull that is gone on with leaves out no rows that are newer than RFIDpro's own clock", async () => {
  const fake = await startFake();
  const [row = {}] = fake.rows("transactions");
  const ahead = { ...row, date_created: serverText(allArrivedMs + 600_000) };
  fake.control.upload([{ arrivesAtMs: allArrivedMs, row: ahead }]);
  const { first, resume } = await brokenOff(fake, "transactions", secondAt);
  const second = await pull(fake, "transactions", { resume });
  expect(second.outcome).toMatchObject({ verdict: "complete", rows: fake.rows("transactions").length });
  expect(heap(together(first, second))).toEqual(heap(fake.rows("transactions")));
});

test("a set that changed in between is read from the start", async () => {
  const fake = await startFake();
  const { resume } = await brokenOff(fake, "items", secondAt);
  fake.control.change("items", (row, index) => (index === 3 ? null : row));
  const second = await pull(fake, "items", { resume });
  expect(second.pages[0]).toMatchObject({ pass: 2, offset: 0 });
  expect(second.outcome).toMatchObject({ verdict: "complete", rows: 623 });
  expect(heap(second.rows)).toEqual(heap(fake.rows("items")));
});

test("rows that moved in between are read once more", async () => {
  const fake = await startFake({ honours: { sort: "ignored" } });
  const { resume } = await brokenOff(fake, "items", secondAtUnsorted);
  fake.control.move();
  const second = await pull(fake, "items", { resume });
  expect(second.outcome).toMatchObject({ verdict: "complete", passes: 3 });
  expect(second.pages.at(-1)?.pass).toBe(3);
  expect(heap(second.rows)).toEqual(heap(fake.rows("items")));
});

test("what was whole but for the look behind its end needs only that", async () => {
  const fake = await startFake();
  const { resume } = await brokenOff(fake, "items", 3 * secondAt);
  const second = await pull(fake, "items", { resume });
  expect(second.pages).toEqual([]);
  expect(second.outcome).toMatchObject({ verdict: "complete", rows: 624, total: 624 });
});
