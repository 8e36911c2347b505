import { ItemRented, ItemReturned, ItemSighted, ItemStaged } from "@tagwire/messages";
import { expect, test } from "vitest";
import { type Deed, type DeedDay, deedDays, deedOf, shareOf } from "./prefetch-deed.ts";

const today = "2026-05-08";
const did = (device: string, scans: number, day = today, deed: Deed = "out"): DeedDay => ({
  ...{ device, deed, day, scans },
});
const share = (days: readonly DeedDay[], device = "tablet") => shareOf(days, { device, deed: "out", today });

test("goods go out by what rents or stages them, and come in by what returns them", () => {
  expect([ItemRented, ItemStaged, ItemReturned, ItemSighted].map(({ type }) => deedOf(type))).toEqual([
    "out",
    "out",
    "in",
    undefined,
  ]);
});

test("where nobody did anything yet, whoever asks is taken for the one that does", () => {
  expect(share([])).toBe(1);
  expect(share([did("other", 50, today, "in")])).toBe(1);
});

test("a share is that of the last days, and what is newer weighs more", () => {
  expect(share([did("other", 99)])).toBe(0.01);
  expect(share([did("tablet", 74), did("other", 25)])).toBe(0.75);
  expect(share([did("tablet", 40, "2026-05-07"), did("other", 40)])).toBeCloseTo(21 / 61);
  expect(share([did("tablet", 9, "2026-05-01"), did("other", 9)])).toBe(0.1);
  expect(deedDays).toBe(7);
});
