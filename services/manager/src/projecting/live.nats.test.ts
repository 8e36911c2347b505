import { hear } from "@tagwire/bus";
import {
  type BoardView,
  boardViews,
  type LiveDelta,
  type LiveRow,
  liveSubject,
  liveTracesMax,
} from "@tagwire/messages";
import { eventually, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { answerSnapshot } from "../answers/snapshot.ts";
import { looksLevel, openFloor } from "../test-floor.ts";
import { busyDays, sampleLog } from "../test-log.ts";
import { sampleManager } from "../test-manager.ts";
import { busyRecords, enter } from "../test-records.ts";

const servers = async () => ({ database: await testDatabase(), nats: await testNats() });

const level = (...projected: Parameters<typeof looksLevel>) =>
  eventually("the log is applied", () => looksLevel(...projected));

type Manager = Awaited<ReturnType<typeof sampleManager>>;
type Screen = { readonly epoch: number; pos: number; readonly rows: Map<string, LiveRow> };

/** A whole snapshot, page by page, as a gateway puts it together. */
const snapshotOf = async (manager: Manager, view: BoardView): Promise<Screen> => {
  const rows = new Map<string, LiveRow>();
  let cursor: string | null = null;
  let first: { epoch: number; pos: number } | undefined;
  do {
    const page = await answerSnapshot(manager.store.sql, { site: "north", view, cursor }, Date.now());
    first ??= page;
    for (const row of page.rows) rows.set(row.key, row as LiveRow);
    cursor = page.next;
  } while (cursor !== null);
  return { epoch: first.epoch, pos: first.pos, rows };
};

/** What a screen does with a message: behind it, nothing; a hole, an error; else the newer versions win. */
const show = (screen: Screen, delta: LiveDelta) => {
  expect(delta.epoch).toBe(screen.epoch);
  if (delta.pos <= screen.pos) return;
  expect(delta.prev).toBeLessThanOrEqual(screen.pos);
  for (const change of delta.changes) {
    if ((screen.rows.get(change.key)?.version ?? -1) >= change.version) continue;
    if ("del" in change) screen.rows.delete(change.key);
    else screen.rows.set(change.key, { key: change.key, version: change.version, ...change.put });
  }
  screen.pos = delta.pos;
};

const withoutVersion = (rows: ReadonlyMap<string, LiveRow>, keys: Iterable<string>) =>
  Object.fromEntries([...keys].sort().map((key) => [key, { ...rows.get(key), version: 0 }]));

/** The views whose rows leave them when something changes, and not by age. */
const losesRows: ReadonlySet<BoardView> = new Set(["queues", "idle", "stale", "quarantine"]);

test.each(boardViews)(
  "a snapshot of %s and the messages after it give what a later snapshot shows",
  async (view) => {
    const log = busyRecords(busyDays(sampleLog({ site: "north" }), 150, 40), 40);
    await using floor = await openFloor(await servers(), log);
    const heard: LiveDelta[] = [];
    const hearing = hear(floor.bus, liveSubject("north", view), (message) =>
      heard.push(message.json<LiveDelta>()),
    );
    await floor.bus.connection.flush();
    await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
    await level(manager, floor, log);
    const screen = await snapshotOf(manager, view);
    const early = screen.rows.size;
    expect(early).toBeGreaterThan(0);

    for (let round = 0; round < 12; round += 1) {
      const from = log.events.length;
      busyDays(log, 1 + round * 2, 60);
      busyRecords(log, 30 + round);
      // Some come to the laundry and others leave it, and their class is called otherwise now and then.
      for (const [index, tag] of [...log.items.keys()].slice(0, 9).entries())
        log.happen({ kind: "move", tag, status: (index + round) % 3 === 0 ? "ready" : "wash" });
      enter(log, { kind: "describe", class: "class 0", category: round % 2 === 0 ? "Napkins" : "Sidewall" });
      await floor.operations.publish(log.events.slice(from));
      await level(manager, floor, log);
    }
    const later = await snapshotOf(manager, view);
    const newest = Math.max(
      ...[...later.rows.values()].map((row) => ("pos" in row ? Number(row.pos) : row.version)),
    );
    await eventually("the last message", () => (heard.at(-1)?.pos ?? 0) >= newest);
    for (const delta of heard) show(screen, delta);

    // Each round says something of every view, but in some rounds no scan is odd.
    expect(heard.length).toBeGreaterThan(view === "flagged" ? 3 : 10);
    // Minutes pass and the event list is bounded: what the later one shows, the screen shows the same.
    const keys = [...later.rows.keys()].filter((key) => key !== "lag");
    expect(keys.length).toBeGreaterThanOrEqual(view === "events" ? early : view === "lag" ? 1 : 3);
    expect(withoutVersion(screen.rows, keys)).toEqual(withoutVersion(later.rows, keys));
    // What is gone from a view is gone from the screen.
    if (losesRows.has(view)) expect(new Set(screen.rows.keys())).toEqual(new Set(keys));
    await hearing.stop();
  },
);

test("messages of a view form one chain, and carry the traces of the events behind them", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 30);
  await using floor = await openFloor(await servers(), log);
  const heard: LiveDelta[] = [];
  const hearing = hear(floor.bus, liveSubject("north", "events"), (message) =>
    heard.push(message.json<LiveDelta>()),
  );
  await floor.bus.connection.flush();
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  for (let round = 0; round < 5; round += 1) {
    const from = log.events.length;
    busyDays(log, round === 4 ? 200 : 1);
    await floor.operations.publish(log.events.slice(from));
    await level(manager, floor, log);
  }
  await eventually("all heard", () => heard.at(-1)?.pos === log.events.length);
  let prev = 0;
  for (const delta of heard) {
    expect(delta.prev).toBe(prev);
    expect(delta.traces.length).toBeGreaterThan(0);
    expect(delta.traces.length).toBeLessThanOrEqual(liveTracesMax);
    prev = delta.pos;
  }
  const traceIds = new Set(log.events.map(({ traceId }) => traceId));
  const single = heard.find(({ changes }) => changes.length === 1);
  // One event alone: its own trace goes on, under the span in which it was processed.
  expect(traceIds.has(single?.traces[0]?.slice(3, 35) ?? "")).toBe(true);
  await hearing.stop();
});
