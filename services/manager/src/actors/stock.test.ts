import { Dashboard, type Item, ItemReturned, itemStatuses, type LoggedEvent } from "@tagwire/messages";
import fc from "fast-check";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { happenings } from "../test-happenings.ts";
import { sampleLog } from "../test-log.ts";
import { type Counts, foldCounts, isCounted, noCounts } from "./counts.ts";
import { calendarOf } from "./day.ts";
import { dashboardOf } from "./figures.ts";
import { type ItemTimes, unchangedTimes } from "./item-times.ts";
import { lagOf } from "./lag.ts";
import { foldMinutes, type Minute } from "./minute.ts";
import { isScan } from "./scan-outcome.ts";
import { addCounts, type StatusCounts, totalOf } from "./status-counts.ts";
import { foldStock, nothingKnown } from "./stock.ts";

type Memory = {
  readonly items: Map<string, Item>;
  readonly times: Map<string, ItemTimes>;
  readonly waiting: Map<string, number>;
  counts: Counts;
  readonly minutes: Map<string, Minute>;
};

/** Keeps in memory what the store keeps, batch after batch. */
const applyIn = (memory: Memory, events: readonly LoggedEvent[]) => {
  const { items, waiting, happenings } = foldStock(memory, events);
  for (const [key, { item, times }] of items) {
    memory.items.set(key, item);
    const { statusAt = "", freeAt = "" } = memory.times.get(key) ?? unchangedTimes;
    memory.times.set(key, { statusAt: times.statusAt ?? statusAt, freeAt: times.freeAt ?? freeAt });
  }
  for (const [key, count] of waiting) memory.waiting.set(key, count);
  const after = foldCounts(memory.counts, happenings.filter(isCounted), calendarOf("UTC"));
  memory.counts = { ...after, classes: new Map([...memory.counts.classes, ...after.classes]) };
  for (const [start, minute] of foldMinutes(memory.minutes, happenings.filter(isScan)))
    memory.minutes.set(start, minute);
};

const emptyMemory = (): Memory => ({
  items: new Map(),
  times: new Map(),
  waiting: new Map(),
  counts: noCounts,
  minutes: new Map(),
});

const cut = (events: readonly LoggedEvent[], sizes: readonly number[]): LoggedEvent[][] => {
  const batches: LoggedEvent[][] = [];
  let from = 0;
  for (let turn = 0; from < events.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    batches.push(events.slice(from, from + size));
    from += size;
  }
  return batches;
};

const recount = (items: Iterable<Item>): Map<string, StatusCounts> => {
  const classes = new Map<string, StatusCounts>();
  for (const item of items)
    classes.set(item.class, addCounts(classes.get(item.class) ?? {}, { [item.status]: 1 }));
  return classes;
};

/** Since when items are what they are, looked up in the log: the facts at the last change of status and at the last coming back. */
const timesIn = (events: readonly LoggedEvent[]): Map<string, ItemTimes> => {
  const times = new Map<string, ItemTimes>();
  const isGone = (status: string) => status === "on_rent" || status === "delivered";
  for (const { tag = "", type, data, recordedAt } of events) {
    if (type === "item.created.v1") times.set(tag, { statusAt: recordedAt, freeAt: recordedAt });
    const { set, was } = data as { set?: Partial<Item>; was?: Pick<Item, "status"> };
    const known = times.get(tag);
    if (known === undefined || was === undefined || set?.status === undefined) continue;
    if (set.status === was.status) continue;
    const statusAt = set.lastFactAt ?? "";
    const cameBack = isGone(was.status) && !isGone(set.status);
    times.set(tag, { statusAt, freeAt: cameBack ? statusAt : known.freeAt });
  }
  return times;
};

test("however a log is cut into batches, rows and counts are those of the log", () => {
  fc.assert(
    fc.property(
      happenings,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      (all, sizes) => {
        const log = sampleLog({ site: "north", startMs: Date.UTC(2026, 0, 5, 10, 59, 59) });
        for (const what of all) log.happen(what);
        const memory = emptyMemory();
        for (const batch of cut(log.events, sizes)) applyIn(memory, batch);

        expect(memory.items).toEqual(log.items);
        expect(memory.times).toEqual(timesIn(log.events));
        const counted = [...memory.counts.classes].filter(([, counts]) => totalOf(counts) > 0);
        expect(new Map(counted)).toEqual(recount(log.items.values()));
        expect(memory.counts.statuses).toEqual(
          [...recount(log.items.values()).values()].reduce(addCounts, {}),
        );

        const open = log.events
          .filter(({ type }) => type === "scan.quarantined.v1")
          .filter((event) => !log.items.has(event.tag ?? ""));
        expect(memory.counts.quarantined).toBe(open.length);
        const minutes = [...memory.minutes.values()];
        const scans = log.events.filter(
          ({ scanId, data }) => scanId !== undefined && !JSON.stringify(data).includes("from_quarantine"),
        );
        expect(minutes.reduce((sum, minute) => sum + minute.scans, 0)).toBe(scans.length);
        expect(minutes.reduce((sum, minute) => sum + minute.lagCounts.reduce((a, b) => a + b, 0), 0)).toBe(
          scans.length,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("the dashboard made of it keeps its schema and its totals add up", () => {
  const log = sampleLog({ site: "north" });
  for (const [index, at] of itemStatuses.entries())
    log.happen({ kind: "create", tag: `T${index}`, class: "tent", status: at });
  log.happen({ kind: "sight", tag: "nobody" });
  const memory = emptyMemory();
  applyIn(memory, log.events);
  const lag = lagOf([...memory.minutes.values()]);
  const asOf = new Date().toISOString();
  const at = { site: "north", epoch: 1, pos: log.events.length, asOf };
  const dashboard = dashboardOf(
    { counts: memory.counts, classes: new Map(), minutes: memory.minutes, lag },
    at,
  );
  expect(Value.Errors(Dashboard, dashboard)).toEqual([]);
  const { total, ready, out, inService, missing, ended, quarantined } = dashboard.totals;
  expect(total).toBe(itemStatuses.length);
  expect(ready + out + inService + missing + ended).toBe(total);
  expect(quarantined).toBe(1);
  expect(dashboard.classes).toEqual([{ class: "tent", total, ready, out, inService, missing, ended }]);
});

test.each([
  {
    what: "an item that was never created",
    tag: "GHOST",
    data: { version: 2, set: {}, was: {}, outcome: "accepted", flags: [] },
  },
  { what: "a body of another shape", tag: "A", data: { set: { status: "vaporised" } } },
])("$what is refused, and nothing of the run counts", ({ tag: about, data }) => {
  const log = sampleLog({ site: "north" });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  log.write(ItemReturned.type, about, data);
  expect(() => foldStock(nothingKnown, log.events)).toThrow();
});

test("an item event that names no tag is refused", () => {
  const log = sampleLog({ site: "north" });
  log.write(ItemReturned.type, undefined, {});
  expect(() => foldStock(nothingKnown, log.events)).toThrow(/without a tag/);
});

test("an item is in its status since the fact that led there, and was seen when it was last scanned, refused scans too", () => {
  const log = sampleLog({ site: "north", startMs: Date.parse("2026-03-01T10:00:00Z"), stepMs: 60_000 });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  log.happen({ kind: "move", tag: "A", status: "wash" });
  log.happen({ kind: "sight", tag: "A" });
  const changes = foldStock(nothingKnown, log.events);
  const washed = log.items.get("A")?.lastFactAt;
  expect(changes.items.get("A")?.times.statusAt).toBe(new Date(washed ?? "").toISOString());
  const scannedAt = log.events.at(-1)?.scannedAt ?? "";
  expect(changes.seen).toEqual(new Map([["A", scannedAt]]));

  const known = { ...nothingKnown, items: new Map(log.items) };
  const [refusal] = log.happen({ kind: "refuse", tag: "A" });
  const after = foldStock(known, refusal === undefined ? [] : [refusal]);
  expect(after.items.size).toBe(0);
  expect(after.seen).toEqual(new Map([["A", refusal?.scannedAt]]));

  const [, future] = [log.happen({ kind: "sight", tag: "A" }), log.events.at(-1)];
  const ahead = future === undefined ? [] : [{ ...future, scannedAt: "2031-01-01T00:00:00+01:00" }];
  expect(foldStock(known, ahead).seen.get("A")).toBe(new Date(future?.recordedAt ?? "").toISOString());
});
