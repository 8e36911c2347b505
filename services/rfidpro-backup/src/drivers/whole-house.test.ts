import { makeRfidproData, realCounts } from "@tagwire/emulators";
import { expect, test } from "vitest";
import { endMs, heap, pull, startFake } from "./test-rfidpro.ts";

test("the real house in its real size: 5 pages of classes, 64 of items, 135 of transactions, each row once", async () => {
  const fake = await startFake({ data: makeRfidproData({ seed: 1, scale: 1, endMs }) });
  for (const [dataset, pages, requests] of [
    ["classes", 5, 11],
    ["items", 64, 70],
    ["transactions", 135, 144],
  ] as const) {
    const pulled = await pull(fake, dataset);
    expect(pulled.outcome).toMatchObject({ verdict: "complete", rows: realCounts[dataset] });
    expect(pulled.outcome.requests).toBe(requests);
    expect(pulled.pages.filter(({ pass }) => pass === 1)).toHaveLength(pages);
    expect(heap(pulled.rows)).toEqual(heap(fake.rows(dataset)));
  }
  expect(fake.writes()).toEqual([]);
});
