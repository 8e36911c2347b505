import type { RfidproOptions } from "@tagwire/emulators";
import { describe, expect, test } from "vitest";
import { allArrivedMs, heap, pull, startFake } from "./test-rfidpro.ts";

const hourMs = 3_600_000;
const honouring = ["honoured", "ignored", "refused"] as const;

describe("what is honoured is told by what comes back", () => {
  test.each([
    ...honouring.flatMap((filter) =>
      honouring.map((sort) => ({ dataset: "transactions", filter, sort }) as const),
    ),
    ...honouring.map((how) => ({ dataset: "items", filter: how, sort: how }) as const),
    ...honouring.map((how) => ({ dataset: "classes", filter: how, sort: how }) as const),
  ])("$dataset, filter $filter, sort $sort", async ({ dataset, filter, sort }) => {
    const fake = await startFake({ honours: { filter, sort } });
    const { outcome, rows } = await pull(fake, dataset, {
      since: new Date(allArrivedMs - 400 * 24 * hourMs),
    });
    expect(outcome.capability).toMatchObject({ filter: filter === "honoured", sort: sort === "honoured" });
    expect(outcome.verdict).toBe("complete");
    expect(heap(rows)).toEqual(heap(fake.rows(dataset)));
  });

  test("a server that answers every filter with nothing honours none", async () => {
    const fake = await startFake();
    const nothing = (answer: object) => ({ ...answer, totalcount: 0, returncount: 0, data: [] });
    fake.control.faults.add({
      act: "answer",
      change: nothing,
      on: { set: "transactions" },
      after: 1,
      times: 1,
    });
    const { outcome, rows } = await pull(fake, "transactions", {
      since: new Date(allArrivedMs - 24 * hourMs),
    });
    expect(outcome).toMatchObject({ verdict: "complete", since: null, capability: { filter: false } });
    expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
  });

  test("rows that lie in order anyway do not show that they were sorted", async () => {
    const fake = await startFake({ isUnsorted: false, honours: { sort: "ignored" } });
    const { outcome } = await pull(fake, "classes");
    expect(outcome.capability).toMatchObject({ sort: false });
  });

  test("a server that filters the rows and counts all of them honours no filter", async () => {
    const fake = await startFake();
    const change = (answer: object) => ({ ...answer, totalcount: 1_329 });
    fake.control.faults.add({ act: "answer", change, on: { set: "transactions" }, after: 1, times: 2 });
    const { outcome } = await pull(fake, "transactions");
    expect(outcome).toMatchObject({ verdict: "complete", capability: { filter: false, sort: true } });
  });

  test("rows of one second do not show whether they were sorted or filtered", async () => {
    const fake = await startFake({ honours: { filter: "ignored", sort: "ignored" } });
    const date_created = "2025-09-01 12:00:00";
    fake.control.change("transactions", (row, index) => (index < 300 ? { ...row, date_created } : null));
    const { outcome, rows } = await pull(fake, "transactions");
    expect(outcome).toMatchObject({ verdict: "complete", capability: { filter: false, sort: false } });
    expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
  });

  test("one row is too little to tell", async () => {
    const data: RfidproOptions["data"] = {
      ...{ classes: [], uploads: [] },
      items: [(await startFake()).rows("items")[0] ?? {}],
    };
    const fake = await startFake({ data });
    const { outcome } = await pull(fake, "items");
    expect(outcome).toMatchObject({
      verdict: "complete",
      rows: 1,
      capability: { filter: false, sort: false },
    });
  });
});
