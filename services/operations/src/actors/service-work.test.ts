import type { Item, Scan } from "@tagwire/messages";
import { expect, test } from "vitest";
import { workSet } from "./service-work.ts";

const at = "2026-05-04T10:00:00.000Z";
const id = "0198a000-0000-7000-8000-000000000001";
const scan = (more: Partial<Scan> = {}): Scan => ({
  ...{ id, tag: "TENT-1", type: "service", scannedAt: at, status: "ready" },
  ...more,
});
const item = (more: Partial<Item> = {}): Item => ({
  ...{ tag: "TENT-1", class: "tent", name: null, status: "repair", quality: null, place: null },
  ...{ contract: null, notes: null, version: 7, pos: 3, lastFactAt: null, lastScan: null },
  ...more,
});
const work = (before: Partial<Item>, said: Partial<Scan> = {}, person?: string) =>
  workSet(
    item(before),
    { scan: scan(said), origin: { by: { device: "d", ...(person === undefined ? {} : { person }) } } },
    { to: said.status ?? "ready", at },
  ).lastService;

test("work that makes an item ready says who did it, what, and what was found until then", () => {
  const condition = { rip: true, dirty: false, wet: null, other: "a pole is bent" };
  expect(work({ condition }, { technician: " Ines ", done: ["new pole", "sewn "] }, "ann")).toEqual({
    from: "repair",
    technician: "Ines",
    done: ["new pole", "sewn"],
    cleared: { rip: true, other: "a pole is bent" },
    at,
    scanId: id,
  });
});

test.each([
  { what: "the person who scanned it", person: "ann", technician: "ann" },
  { what: "nobody, where only a device is known", person: undefined, technician: null },
])("without a technician it is $what", ({ person, technician }) => {
  expect(work({}, {}, person)).toMatchObject({ technician, done: [], cleared: {} });
});

test.each([
  { what: "one from queue to queue", before: {}, said: { status: "wash" as const, technician: "Ines" } },
  { what: "a return", before: {}, said: { type: "return" as const } },
  { what: "one of what waits for nothing", before: { status: "ready" as const }, said: {} },
])("$what completes nothing", ({ before, said }) => {
  expect(work(before, said)).toBeUndefined();
});

test.each([{ technician: "Ines" }, { done: ["checked"] }])(
  "work on what waits for nothing is told where the scan says so: %j",
  (said) => {
    expect(work({ status: "ready" }, said)).toMatchObject({ from: "ready" });
  },
);
