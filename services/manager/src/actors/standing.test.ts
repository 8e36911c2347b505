import {
  type AvailableItem,
  type HeldTag,
  ItemCreated,
  type LoggedEvent,
  ScanDismissed,
  type UnseenItem,
} from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { happenings } from "../test-happenings.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import type { PlacedChange } from "./live-messages.ts";
import {
  availableRow,
  heldChanges,
  type Standing,
  standingChanges,
  standingOf,
  unseenRow,
} from "./standing.ts";
import { foldStock, type KnownTimes } from "./stock.ts";

const logOf = (what: readonly Parameters<SampleLog["happen"]>[0][]): SampleLog => {
  const log = sampleLog({ site: "north" });
  for (const one of what) log.happen(one);
  return log;
};

const show = <T>(screen: Map<string, T>, changes: readonly PlacedChange[]) => {
  for (const { change } of changes) {
    if ("del" in change) screen.delete(change.key);
    else screen.set(change.key, change.put as T);
  }
};

const later = (one: Date | null, other: string | undefined): Date | null =>
  other === undefined || (one !== null && one.toISOString() >= other) ? one : new Date(other);

/** Screens that follow a log, which comes in batches of so many events, with what was kept of it in the end. */
const follow = ({ events }: SampleLog, batchEvents: number) => {
  const known = {
    items: new Map(),
    times: new Map<string, KnownTimes>(),
    waiting: new Map<string, number>(),
    waitingSince: new Map<string, string>(),
  };
  const idle = new Map<string, AvailableItem>();
  const stale = new Map<string, UnseenItem>();
  const held = new Map<string, HeldTag>();
  const told: PlacedChange[] = [];
  for (let from = 0; from < events.length; from += batchEvents) {
    const run = events.slice(from, from + batchEvents);
    const stock = foldStock(known, run);
    const pos = run.at(-1)?.pos ?? 0;
    const changes = standingChanges(known, stock, pos);
    told.push(...changes.idle, ...changes.stale);
    show(idle, changes.idle);
    show(stale, changes.stale);
    show(held, heldChanges(stock, pos));
    for (const [tag, { item, changedAt, times }] of stock.items) {
      const before = known.times.get(tag);
      known.items.set(tag, item);
      known.times.set(tag, {
        freeAt: times.freeAt === undefined ? (before?.freeAt ?? null) : new Date(times.freeAt),
        seenAt: before?.seenAt ?? null,
        changedAt: new Date(changedAt),
      });
    }
    for (const [tag, at] of stock.seen) {
      const before = known.times.get(tag);
      if (before !== undefined) known.times.set(tag, { ...before, seenAt: later(before.seenAt, at) });
    }
    for (const [tag, count] of stock.waiting) known.waiting.set(tag, count);
    for (const [tag, since] of stock.waitingSince) known.waitingSince.set(tag, since);
  }
  const standing = [...known.items].map(([tag, item]) =>
    standingOf(item, known.times.get(tag) as KnownTimes),
  );
  return { idle, stale, held, standing, told };
};

const rowsOf = <T extends { readonly tag: string }>(
  standing: readonly Standing[],
  rowOf: (one: Standing) => T | undefined,
) => new Map(standing.flatMap((one) => rowOf(one) ?? []).map((row) => [row.tag, row]));

const sorted = (rows: ReadonlyMap<string, unknown>) =>
  [...rows].sort(([one], [other]) => (one < other ? -1 : 1));

/** Scans that wait, counted in the log: those of tags that were never commissioned, since the first. */
const heldIn = (events: readonly LoggedEvent[]): Map<string, HeldTag> => {
  const held = new Map<string, HeldTag>();
  for (const { type, tag = "", recordedAt } of events) {
    if (type === ItemCreated.type || type === ScanDismissed.type) held.delete(tag);
    if (type !== "scan.quarantined.v1") continue;
    const before = held.get(tag);
    held.set(tag, { tag, scans: (before?.scans ?? 0) + 1, since: before?.since ?? recordedAt });
  }
  return held;
};

test("however a log is cut, screens end with what is kept, and with the scans that wait", () => {
  fc.assert(
    fc.property(happenings, fc.integer({ min: 1, max: 9 }), (what, batchEvents) => {
      const log = logOf(what);
      const { idle, stale, held, standing } = follow(log, batchEvents);
      expect(sorted(idle)).toEqual(sorted(rowsOf(standing, availableRow)));
      expect(sorted(stale)).toEqual(sorted(rowsOf(standing, unseenRow)));
      expect(sorted(held)).toEqual(sorted(heldIn(log.events)));
    }),
  );
});

test("a repeat of what is known is told to nobody, and what nobody waits for is gone", () => {
  const log = logOf([
    { kind: "create", tag: "A", class: "tent", status: "ready" },
    { kind: "move", tag: "A", status: "sold" },
    { kind: "sight", tag: "A" },
    { kind: "refuse", tag: "A" },
  ]);
  const { idle, stale, told } = follow(log, 1);
  expect([idle.size, stale.size]).toEqual([0, 0]);
  // It came into both views, and left both; what was heard of it afterwards is in neither.
  expect(told.map(({ pos, change }) => [pos, "del" in change])).toEqual([
    [1, false],
    [1, false],
    [2, true],
    [2, true],
  ]);
});
