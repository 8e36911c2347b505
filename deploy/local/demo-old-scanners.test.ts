import { createWarehouse, type ScanSessionAct, startRfidpro } from "@tagwire/emulators";
import { normaliseTag } from "@tagwire/messages";
import { type Stack, startStack } from "@tagwire/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { DemoCall } from "./demo-client.ts";
import { readDemoHistory } from "./demo-history.ts";
import { openOldScanners } from "./demo-old-scanners.ts";
import { knownToOldSystem } from "./demo-rfidpro.ts";
import { openDemoSessions } from "./demo-sessions.ts";
import { openDemoSite, readStoredItems, stockDemoSite } from "./demo-stock.ts";

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 2, 2, 15);
const timeZone = "UTC";
const tagOf = (tag: unknown): string => normaliseTag(String(tag)) ?? String(tag);
const sessionsUntil = (warehouse: ReturnType<typeof createWarehouse>, nowMs: number): ScanSessionAct[] =>
  warehouse.nextActs(nowMs).flatMap((act) => (act.kind === "scan-session" ? [act] : []));

/** A stand-in beside ten minutes of the demo; `at` says how long after the start it is. */
const tenMinutes = async (more: { readonly uploadsMax?: number } = {}) => {
  let nowMs = startMs;
  const warehouse = createWarehouse({ seed: 1, startMs, speed: 25 });
  const old = await startRfidpro({ base: { items: [] }, clock: () => nowMs, timeZone, ...more });
  onTestFinished(() => old.stop());
  const hear = openOldScanners(old, { items: warehouse.items, seed: "1" });
  const acts = sessionsUntil(warehouse, startMs + 10 * minuteMs);
  for (const act of acts) hear(act);
  return { old, acts, at: (ms: number) => (nowMs = startMs + ms) };
};
const words: Readonly<Record<string, string>> = {
  rental: "Rental",
  return: "Return",
  delivery: "Delivery",
  pickup: "Pickup",
};

test("what is scanned reaches the stand-in as it was scanned, seconds to minutes later, but for a few", async () => {
  const { old, acts, at } = await tenMinutes();
  const scans = acts.flatMap((act) => act.scans.map((scan) => ({ ...scan, atMs: act.atMs })));
  const rowsOf = (slowMs: number): string[] =>
    scans.map(({ tag, type, contract, scannedAtMs }) => {
      const when = new Date(scannedAtMs - slowMs).toISOString().slice(0, 19).replace("T", " ");
      return [tagOf(tag), words[type] ?? "Touch Scan", contract ?? "", when].join("|");
    });
  const wanted = rowsOf(0);
  const anHourOlder = rowsOf(60 * minuteMs);
  const told = () =>
    old
      .rows("transactions")
      .map((row) => [row.tag_id, row.scan_type, row.contract_number, row.scan_date].join("|"));
  at(10 * minuteMs);
  const soon = new Set(told());
  const ripe = wanted.filter((_, index) => (scans[index]?.atMs ?? 0) <= startMs + 9 * minuteMs);
  const missing = ripe.filter((scan) => !soon.has(scan));
  expect(ripe.length).toBeGreaterThan(500);
  expect(missing.length / ripe.length).toBeLessThan(0.05);

  at(20 * minuteMs);
  expect(old.coming()).toBe(0);
  const late = new Set(told());
  const astray = wanted.map((scan, index) => ({ scan, index })).filter(({ scan }) => !late.has(scan));
  const slow = astray.filter(({ index }) => late.has(anHourOlder[index] ?? ""));
  const lost = astray.filter(({ index }) => !late.has(anHourOlder[index] ?? ""));
  expect(slow.length).toBeGreaterThan(0);
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.length / wanted.length).toBeLessThan(0.03);
  // What only the old scanner heard, and what a slow clock made an hour older.
  const known = new Set(wanted);
  const strange = told().filter((scan) => !known.has(scan));
  expect(strange.length).toBeGreaterThan(0);
  expect(strange.length / wanted.length).toBeLessThan(0.03);
});

test("a stand-in that is full takes no more, and the demo goes on", async () => {
  const { old, at } = await tenMinutes({ uploadsMax: 100 });
  at(20 * minuteMs);
  expect(old.rows("transactions")).toHaveLength(100);
});

describe("what the stand-in knows at the start", () => {
  let stack: Stack;
  let call: DemoCall;
  beforeEach(async () => {
    stack = await startStack({ services: ["operations", "manager", "api-gateway"] });
    call = (method, path, body) => stack.call(method, path, body);
  });
  afterEach(() => stack[Symbol.asyncDispose]());

  test("is what operations know: their items, and every scan of their log as it was made", async () => {
    const beginsMs = Date.now() - 1.5 * minuteMs;
    const stored = await openDemoSite(call);
    const warehouse = createWarehouse({ seed: 1, items: 60, startMs: beginsMs, speed: 25 });
    await stockDemoSite(call, warehouse, stored);
    const upload = openDemoSessions(async () => call);
    const acts = sessionsUntil(warehouse, Date.now());
    for (const act of acts) await upload(act);

    const history = await readDemoHistory(call, 10_000);
    const keyOf = (scan: { tag: string; type: string; scannedAtMs: number }) =>
      `${tagOf(scan.tag)} ${scan.type} ${scan.scannedAtMs}`;
    const read = new Set(history.map(keyOf));
    const known = new Set((await readStoredItems(call)).keys());
    const made = acts.flatMap((act) => act.scans).filter(({ tag }) => known.has(tagOf(tag)));
    expect(made.length).toBeGreaterThan(20);
    expect(made.filter((scan) => !read.has(keyOf(scan)))).toEqual([]);
    expect(await readDemoHistory(call, 10)).toEqual(history.slice(0, 10));

    const { items } = knownToOldSystem(await readStoredItems(call), history);
    expect(items).toHaveLength(60);
    expect(items.find(({ role }) => role === "resale")).not.toHaveProperty("place");
    expect(items.filter(({ lastScannedAtMs }) => lastScannedAtMs !== null).length).toBeGreaterThan(5);
  });
});
