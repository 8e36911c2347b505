import type { Scan } from "@tagwire/messages";
import { expect, test } from "vitest";
import { burstMs, createBursts } from "./rows.ts";

const scan = (id: string, more: Partial<Scan> = {}): Scan => ({
  ...{ id, tag: "A", type: "touch", scannedAt: "2026-03-01T10:00:00Z" },
  ...more,
});

test("the same tag within the burst is counted, however long it goes on", () => {
  const bursts = createBursts();
  const reads = [0, burstMs - 1, 2 * (burstMs - 1)].map((atMs, at) =>
    bursts.isRepeat(scan(`${at}`), "yard", "ann", atMs),
  );
  expect(reads).toEqual([false, true, true]);
  expect(bursts.timesOf("0")).toBe(3);
});

test.each([
  { what: "later", atMs: burstMs, more: {}, by: "ann" },
  { what: "as another kind of scan", atMs: 1, more: { type: "return" as const }, by: "ann" },
  { what: "for another contract", atMs: 1, more: { contract: "L77" }, by: "ann" },
  { what: "by somebody else", atMs: 1, more: {}, by: "bob" },
])("$what it is a scan of its own", ({ atMs, more, by }) => {
  const bursts = createBursts();
  bursts.isRepeat(scan("1"), "yard", "ann", 0);
  expect(bursts.isRepeat(scan("2", more), "yard", by, atMs)).toBe(false);
});

test("after another kind of scan came between it is a scan of its own", () => {
  const bursts = createBursts();
  const kinds = ["rental", "return", "rental"] as const;
  expect(kinds.map((type, at) => bursts.isRepeat(scan(`${at}`, { type }), "yard", "ann", at))).toEqual([
    false,
    false,
    false,
  ]);
});
