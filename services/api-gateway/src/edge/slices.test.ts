import { newId, type Scan } from "@tagwire/messages";
import { expect, test } from "vitest";
import { sliceBytesMax, sliceScansMax, slicesOf } from "./slices.ts";

const scanOf = (notes: string): Scan => ({
  id: newId(),
  tag: "tag",
  type: "touch",
  scannedAt: "2026-03-02T07:15:00Z",
  notes,
});

test.each([
  { what: "many small scans", scans: Array.from({ length: 5_000 }, () => scanOf("")), count: 4 },
  {
    what: "some large scans",
    scans: Array.from({ length: 1_000 }, () => scanOf("ü".repeat(2_000))),
    count: 6,
  },
  { what: "one scan", scans: [scanOf("x")], count: 1 },
])("$what are cut into slices that fit, in their order", ({ scans, count }) => {
  const slices = slicesOf(scans);
  expect(slices).toHaveLength(count);
  expect(slices.flat()).toEqual(scans);
  for (const slice of slices) {
    expect(slice.length).toBeLessThanOrEqual(sliceScansMax);
    expect(Buffer.byteLength(JSON.stringify(slice))).toBeLessThanOrEqual(sliceBytesMax + 1);
  }
});
