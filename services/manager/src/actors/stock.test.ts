import {
  Dashboard,
  type Item,
  ItemCreated,
  ItemReturned,
  ItemUndone,
  itemStatuses,
  type LoggedEvent,
  ScanDismissed,
} from "@tagwire/messages";
import fc from "fast-check";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { happenings } from "../test-happenings.ts";
import { sampleLog } from "../test-log.ts";
import { type Counts, foldCounts, isCounted, noCounts } from "./counts.ts";
import { calendarOf } from "./day.ts";
import { dashboardOf } from "./figures.ts";
import { countedFrom } from "./item-steps.ts";
import { type ItemTimes, unchangedTimes } from "./item-times.ts";
import { foldMinutes, type Minute } from "./minute.ts";
import { isScan } from "./scan-outcome.ts";
import { addCounts, type StatusCounts, totalOf } from "./status-counts.ts";
import { foldStock, nothingKnown } from "./stock.ts";

type Memory = {
  readonly items: Map<string, Item>;
  readonly times: Map<string, ItemTimes>;
  readonly waiting: Map<string, number>;
  readonly waitingSince: Map<string, string>;
  counts: Counts;
  readonly minutes: Map<string, Minute>;
};

/** Keeps in memory what the store keeps, batch after batch. */
const applyIn = (memory: Memory, events: readonly LoggedEvent[]) => {
  const steps = new Map([...memory.times].map(([key, times]) => [key, times.steps ?? []]));
  const { items, waiting, waitingSince, happenings } = foldStock({ ...memory, steps }, events);
  for (const [key, { item, times }] of items) {
    memory.items.set(key, item);
    const known = memory.times.get(key) ?? unchangedTimes;
    memory.times.set(key, {
      statusAt: times.statusAt ?? known.statusAt,
      freeAt: times.freeAt ?? known.freeAt,
      steps: times.steps ?? known.steps,
    });
  }
  for (const [key, count] of waiting) memory.waiting.set(key, count);
  for (const [key, since] of waitingSince) memory.waitingSince.set(key, since);
  const after = foldCounts(memory.counts, happenings.filter(isCounted), calendarOf("UTC"));
  memory.counts = { ...after, classes: new Map([...memory.counts.classes, ...after.classes]) };
  for (const [start, minute] of foldMinutes(memory.minutes, happenings.filter(isScan)))
    memory.minutes.set(start, minute);
};

const emptyMemory = (): Memory => ({
  items: new Map(),
  times: new Map(),
  waiting: new Map(),
  waitingSince: new Map(),
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

/** Everything but where an item counted before, which only says how a figure is taken back. */
type Since = Pick<ItemTimes, "statusAt" | "freeAt"> & { readonly countedAt: string | undefined };

const sinceOf = ({ statusAt, freeAt, steps }: ItemTimes): Since => ({
  statusAt,
  freeAt,
  countedAt: countedFrom(steps ?? []),
});

/** Since when items are what they are, looked up in the log: the facts at the last change of status and at the last coming back. */
const timesIn = (events: readonly LoggedEvent[]): Map<string, Since> => {
  const times = new Map<string, Since>();
  const isGone = (status: string) => status === "on_rent" || status === "delivered";
  for (const { tag = "", type, data, recordedAt } of events) {
    if (type === "item.created.v1")
      times.set(tag, { statusAt: recordedAt, freeAt: recordedAt, countedAt: recordedAt });
    const { set, was } = data as { set?: Partial<Item>; was?: Pick<Item, "status"> };
    const known = times.get(tag);
    if (known === undefined || was === undefined || set?.status === undefined) continue;
    if (set.status === was.status) continue;
    const statusAt = set.lastFactAt ?? "";
    const cameBack = isGone(was.status) && !isGone(set.status);
    const countedAt = statusAt > (known.countedAt ?? "") ? statusAt : known.countedAt;
    times.set(tag, { statusAt, freeAt: cameBack ? statusAt : known.freeAt, countedAt });
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
        expect(new Map([...memory.times].map(([key, times]) => [key, sinceOf(times)]))).toEqual(
          timesIn(log.events),
        );
        const counted = [...memory.counts.classes].filter(([, counts]) => totalOf(counts) > 0);
        expect(new Map(counted)).toEqual(recount(log.items.values()));
        expect(memory.counts.statuses).toEqual(
          [...recount(log.items.values()).values()].reduce(addCounts, {}),
        );

        const open = log.events
          .filter(({ type }) => type === "scan.quarantined.v1")
          .filter(
            ({ tag, pos }) =>
              !log.items.has(tag ?? "") &&
              !log.events.some(
                (event) => event.type === ScanDismissed.type && event.tag === tag && event.pos > pos,
              ),
          );
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
  const asOf = new Date().toISOString();
  const at = { site: "north", epoch: 1, pos: log.events.length, asOf };
  const dashboard = dashboardOf(
    { counts: memory.counts, classes: new Map(), minutes: memory.minutes, recent: memory.minutes },
    at,
  );
  expect(Value.Errors(Dashboard, dashboard)).toEqual([]);
  const { quarantined, ...counts } = dashboard.totals;
  const { total, ready, available, staged, provisioned, out, inService, missing, ended } = counts;
  expect(total).toBe(itemStatuses.length);
  expect(ready + out + inService + missing + ended).toBe(total);
  expect(available + staged + provisioned).toBe(ready);
  expect([available, staged, provisioned]).toEqual([1, 1, 1]);
  expect(quarantined).toBe(1);
  expect(dashboard.classes).toEqual([{ class: "tent", ...counts }]);
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

test("a tag that was given back begins anew: what it is counted as ends, and none of its ages is the next thing's", () => {
  const log = sampleLog({ site: "north", startMs: Date.parse("2026-03-01T10:00:00Z"), stepMs: 60_000 });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  log.happen({ kind: "move", tag: "A", status: "retired" });
  const old = log.items.get("A");
  if (old === undefined) throw new Error("A is not there");
  const item: Item = { ...old, class: "chair", status: "ready", version: 3, lastFactAt: null };
  log.write(ItemCreated.type, "A", { item });
  const { items, happenings } = foldStock(nothingKnown, log.events);
  const last = log.events.at(-1);
  const recordedAt = new Date(last?.recordedAt ?? "").toISOString();
  expect(items.get("A")?.times).toMatchObject({
    ...{ statusAt: recordedAt, freeAt: recordedAt },
    steps: [{ pos: last?.pos, at: recordedAt }],
  });
  expect(happenings.at(-1)).toMatchObject({
    before: { class: "tent", status: "retired" },
    after: { class: "chair", status: "ready" },
  });
});

test("a thing whose beginning was taken back counts as ended since it began, so that it was in the stock on no day", () => {
  const log = sampleLog({ site: "north", startMs: Date.parse("2026-03-01T10:00:00Z"), stepMs: 60_000 });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  const created = log.events.at(-1);
  const data = {
    version: 2,
    set: { status: "retired", contract: null, replacedBy: "A" },
    was: { status: "ready", contract: null, place: null },
    ...{ outcome: "accepted", flags: [], undoes: created?.pos },
  };
  log.write(ItemUndone.type, "A", data);
  // Nobody knows the tag any more, so what is scanned of it waits as of any other.
  log.happen({ kind: "sight", tag: "unknown" });
  const events = log.events.map((event) => (event.tag === "unknown" ? { ...event, tag: "A" } : event));
  const { items, happenings, waiting } = foldStock(nothingKnown, events);
  expect(happenings.find(({ event }) => event.type === ItemUndone.type)).toMatchObject({
    before: { status: "ready" },
    after: { status: "retired", replacedBy: "A" },
    movedAt: new Date(created?.recordedAt ?? "").toISOString(),
  });
  expect(items.get("A")?.item).toMatchObject({ status: "retired" });
  expect(waiting).toEqual(new Map([["A", 1]]));
});

test("a thing that gets another tag was seen when it was scanned under the one before, and not by the desk", () => {
  const log = sampleLog({ site: "north", startMs: Date.parse("2026-03-01T10:00:00Z"), stepMs: 60_000 });
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  log.happen({ kind: "move", tag: "A", status: "ready", place: "rack" });
  log.happen({ kind: "create", tag: "never scanned", class: "tent", status: "ready" });
  const old = log.items.get("A");
  if (old === undefined) throw new Error("A is not there");
  const item: Item = { ...old, tag: "A2", version: 1, pos: 0, replaces: "A" };
  log.write(ItemCreated.type, "A2", { item });
  const { seen } = foldStock(nothingKnown, log.events.slice(-1));
  expect(seen).toEqual(new Map([["A2", old.lastScan?.scannedAt]]));
  expect(foldStock(nothingKnown, log.events.slice(2, 3)).seen).toEqual(new Map());
});
