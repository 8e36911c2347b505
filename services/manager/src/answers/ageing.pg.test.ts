import {
  agedRow,
  type BoardView,
  boardViews,
  type ClassDay,
  ItemSighted,
  itemDaysOf,
  type Lag,
  type LiveRow,
  type LoggedEvent,
  newId,
  throughputDaysKept,
  utilisationDaysDefault,
} from "@tagwire/messages";
import { migrate, openStore, type Store } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { calendarOf, dayBeginsMs, daysAfter } from "../actors/day.ts";
import { type AppliedSite, applyBatch } from "../projecting/batch.ts";
import { migrations, schema } from "../store/migrations.ts";
import { busyDays, sampleLog } from "../test-log.ts";
import { busyRecords, foundSite } from "../test-records.ts";
import { answerSnapshot } from "./snapshot.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Where clocks are set back on 1 November, within the days that are kept. */
const zone = "America/Chicago";
const recordedAtMs = ({ recordedAt }: LoggedEvent): number => Date.parse(recordedAt);

/** Two days of a site, and then a busy hour, of which each scan was told a little later than the one before. */
const busyHour = () => {
  const log = sampleLog({ site: "north", startMs: Date.parse("2026-10-20T04:30:00Z"), stepMs: hourMs });
  foundSite(log, zone);
  busyRecords(busyDays(log, 40, 12), 12);
  const [item] = log.items.values();
  const last = log.events.at(-1);
  if (item === undefined || last === undefined) throw new Error("nothing happened");
  for (let at = 1; at <= 50; at += 1) {
    const atMs = recordedAtMs(last) + at * 100_000;
    log.change(
      item,
      ItemSighted.type,
      { outcome: "rejected" },
      {
        ...{ recordedAtMs: atMs, scannedAtMs: atMs - at * 90, scanId: newId() },
        by: { person: "ana", device: `sled-${at % 3}` },
      },
    );
  }
  return log;
};

type Held = Map<string, LiveRow>;

/** What a screen holds of every view, and how it takes what is said: a change counts when its version is greater than the one held. */
const screen = () => {
  const views = new Map<BoardView, Held>(boardViews.map((view) => [view, new Map()]));
  return {
    held: (view: BoardView): Held => views.get(view) ?? new Map(),
    take: (news: ReturnType<AppliedSite["news"]>) => {
      for (const [view, changes] of Object.entries(news)) {
        const held = views.get(view as BoardView);
        for (const { change } of changes ?? []) {
          if ((held?.get(change.key)?.version ?? -1) >= change.version) continue;
          if ("del" in change) held?.delete(change.key);
          else held?.set(change.key, { ...change.put, key: change.key, version: change.version });
        }
      }
    },
    /** What it shows at an instant. */
    shows: (view: BoardView, nowMs: number): LiveRow[] =>
      [...(views.get(view)?.values() ?? [])].flatMap((row) => agedRow(row, nowMs) ?? []),
  };
};

const snapshotAt = async (store: Store<unknown>, view: BoardView, nowMs: number): Promise<LiveRow[]> => {
  const rows: LiveRow[] = [];
  let cursor: string | null = null;
  do {
    const page = await answerSnapshot(store.sql, { site: "north", view, cursor }, nowMs);
    rows.push(...(page.rows as LiveRow[]));
    cursor = page.next;
  } while (cursor !== null);
  return rows;
};

/** Rows by key. A snapshot may say that a row is as new as all of it, so versions are left out. */
const byKey = (rows: readonly LiveRow[]) =>
  new Map(
    rows
      .map(({ key, version: _version, ...row }) => [key, row] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );

test("a screen to which nothing is said any more shows at any moment what a fresh snapshot shows", async () => {
  await using database = await testDatabase();
  await migrate(database.url, schema, migrations);
  const store = await openStore({ url: database.url, schema, name: "test", log: quietLog() });
  await store.sql`insert into site_generation (site) values ('north')`;
  const log = busyHour();
  const shown = screen();
  for (let from = 0; from < log.events.length; from += 7) {
    const batch = log.events.slice(from, from + 7);
    const nowMs = recordedAtMs(batch.at(-1) as LoggedEvent) + 30;
    const applied = await store.sql.begin((transaction) => applyBatch(transaction, batch, nowMs));
    for (const site of applied) shown.take(site.news());
  }
  await store.sql`
    insert into site_position (site, epoch, pos, hash) values ('north', ${log.epoch}, ${log.events.length}, '')`;

  const endMs = recordedAtMs(log.events.at(-1) as LoggedEvent) + 30;
  const lastDay = calendarOf(zone)(endMs);
  const forgottenMs = dayBeginsMs(daysAfter(lastDay, throughputDaysKept), zone);
  const moments = [
    ...Array.from({ length: 19 }, (_, at) => endMs + at * minuteMs),
    // To the ms: the lag's window, the hour of minutes and the days that are kept end where both say.
    ...[15, 60].flatMap((minutes) => {
      const edgeMs = Math.floor(endMs / minuteMs) * minuteMs + minutes * minuteMs;
      return [edgeMs - 1, edgeMs];
    }),
    ...[1, 3, 20, 47, 48, 49, 80].map((hours) => endMs + hours * hourMs),
    ...[forgottenMs - dayMs, forgottenMs - 1, forgottenMs],
  ];
  const sizes = { dashboard: new Set<number>(), lag: new Set<number>(), throughput: new Set<number>() };
  const samples = new Set<number>();
  for (const nowMs of moments)
    for (const view of ["dashboard", "lag", "throughput"] as const) {
      const rows = shown.shows(view, nowMs);
      expect(byKey(rows)).toEqual(byKey(await snapshotAt(store, view, nowMs)));
      sizes[view].add(rows.length);
      if (view === "dashboard")
        samples.add((rows.find(({ key }) => key === "lag") as unknown as Lag).samples);
    }
  // All of it moved meanwhile, down to nothing.
  expect(samples.size).toBeGreaterThan(5);
  expect(samples).toContain(0);
  expect(sizes.dashboard.size).toBeGreaterThan(5);
  expect(sizes.lag).toContain(0);
  expect(sizes.throughput.size).toBeGreaterThan(3);
  expect(sizes.throughput).toContain(0);

  // And what time alone changes in no row is the same as ever.
  const later = endMs + 40 * dayMs;
  for (const view of [
    "items",
    "contracts",
    "sessions",
    "queues",
    "idle",
    "stale",
    "flagged",
    "quarantine",
  ] as const)
    expect(byKey(shown.shows(view, later))).toEqual(byKey(await snapshotAt(store, view, later)));
  // Of utilisation a screen holds more days than a snapshot has, and reckons the same from them for any window of days.
  for (const days of [0, 3, 29, 45]) {
    const nowMs = endMs + days * dayMs;
    const to = calendarOf(zone)(nowMs);
    const window = { from: daysAfter(to, 1 - utilisationDaysDefault), to };
    const daysOf = (rows: readonly LiveRow[]) => itemDaysOf(rows as unknown as ClassDay[], window);
    const fresh = daysOf(await snapshotAt(store, "utilisation", nowMs));
    expect(daysOf(shown.shows("utilisation", nowMs))).toEqual(fresh);
    expect(fresh.size).toBeGreaterThan(0);
  }
  await store.close();
});
