import { type Bus, hear, publishInOrder } from "@tagwire/bus";
import {
  Events,
  eventSubject,
  ItemReturned,
  type LiveDelta,
  type LoggedEvent,
  liveSubject,
  newId,
  Parked,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { eventually, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { answerSnapshot } from "../answers/snapshot.ts";
import { everyRow, expectEqualToLog, expectRecordsOf, isLevel } from "../test-check.ts";
import { looksLevel, openFloor } from "../test-floor.ts";
import { busyDays, sampleLog } from "../test-log.ts";
import { sampleManager } from "../test-manager.ts";
import { busyRecords, foundSite } from "../test-records.ts";

const servers = async () => ({ database: await testDatabase(), nats: await testNats() });

const level = (...projected: Parameters<typeof looksLevel>) =>
  eventually("the log is applied", () => looksLevel(...projected));

/** Puts events on the stream again under other message ids, so that the server does not drop them as known. */
const publishAgain = (bus: Bus, events: readonly LoggedEvent[]) =>
  publishInOrder(
    bus,
    events.map((event) => ({
      subject: eventSubject(event.site, event.type),
      id: newId(),
      payload: JSON.stringify(event),
      headers: {},
    })),
  );

test("repeated, doubled and reordered messages are applied exactly once", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor(await servers(), log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  busyDays(log, 300);
  const events = [...log.events];
  const swapped = events.flatMap((event, index) => {
    const next = events[index + 1];
    return index % 10 === 4 && next !== undefined ? [next, event] : [event];
  });
  await publishAgain(floor.bus, swapped);
  await publishAgain(floor.bus, events.slice(100, 200));
  await level(manager, floor, log);
  await expectEqualToLog(manager.store.sql, log);
  expect(manager.applied()).toBe(log.events.length);
});

test("a manager that ends in the middle goes on where its rows are", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 200);
  await using floor = await openFloor(await servers(), log);
  {
    await using first = await sampleManager(floor.databaseUrl, floor.natsUrl);
    await level(first, floor, log);
  }
  await floor.operations.publish(busyDays(log, 200).events);
  await using second = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await level(second, floor, log);
  await expectEqualToLog(second.store.sql, log);
  expect(second.applied()).toBeLessThan(log.events.length);
});

/** The real thing, but the answers of the next `losses` commits are lost on their way back. */
const losingCommits = (sql: Sql, state: { losses: number }): Sql => {
  const begin: Sql["begin"] = async (...given: [unknown, unknown?]) => {
    const done: unknown = await Reflect.apply(sql.begin, sql, given);
    if (state.losses === 0) return done as never;
    state.losses -= 1;
    throw Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });
  };
  return new Proxy(sql, {
    get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)),
  });
};

test("a batch whose commit was not answered counts once, though it comes again", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 60);
  await using floor = await openFloor(await servers(), log);
  const state = { losses: 0 };
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl, (sql) =>
    losingCommits(sql, state),
  );
  await level(manager, floor, log);
  for (let round = 0; round < 3; round += 1) {
    const from = log.events.length;
    state.losses = 1;
    await floor.operations.publish(busyDays(log, 20).events.slice(from));
    await level(manager, floor, log);
    // One more, so that what was applied is known to have been looked at again.
    await floor.operations.publish(log.happen({ kind: "sight", tag: "nobody" }));
    await level(manager, floor, log);
    expect(state.losses).toBe(0);
  }
  await expectEqualToLog(manager.store.sql, log);
});

test("a hole on the stream is filled from the log", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor(await servers(), log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  const { events } = busyDays(log, 100);
  await floor.operations.publish([...events.slice(0, 20), ...events.slice(60)]);
  await level(manager, floor, log);
  await expectEqualToLog(manager.store.sql, log);
});

test("a stream that is deleted under way costs nothing, and is read again once it is there", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor(await servers(), log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await floor.operations.publish(busyDays(log, 100).events);
  await level(manager, floor, log);

  await floor.bus.manager.streams.delete(Events.name);
  busyDays(log, 50);
  await level(manager, floor, log);
  await expectEqualToLog(manager.store.sql, log);

  await eventually("the stream is there again", async () => {
    floor.operations.sayHeads();
    const before = log.events.length;
    busyDays(log, 1);
    const pages = floor.operations.pagesRead();
    await floor.operations.publish(log.events.slice(before)).catch(() => {});
    await level(manager, floor, log);
    return floor.operations.pagesRead() === pages;
  });
  await expectEqualToLog(manager.store.sql, log);
});

test("a stream that reuses its sequences for other messages changes nothing", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor(await servers(), log);
  {
    await using first = await sampleManager(floor.databaseUrl, floor.natsUrl);
    await floor.operations.publish(busyDays(log, 60).events);
    await level(first, floor, log);
  }
  const known = log.events.length;
  busyDays(log, 200);
  await floor.bus.manager.streams.purge(Events.name);
  await floor.bus.manager.streams.delete(Events.name);
  await using second = await sampleManager(floor.databaseUrl, floor.natsUrl);
  // The new stream's first sequences carry what the old one never had, and lack what it had.
  await publishAgain(floor.bus, log.events.slice(known + 20));
  await level(second, floor, log);
  await expectEqualToLog(second.store.sql, log);
});

test("a schema that is dropped under way is made and filled again", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor(await servers(), log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  for (let day = 0; day < 5; day += 1) {
    const from = log.events.length;
    if (day === 0) foundSite(log, "America/Chicago");
    busyRecords(busyDays(log, 90), 120);
    await floor.operations.publish(log.events.slice(from));
    await level(manager, floor, log);
  }
  const live = await everyRow(manager.store.sql);
  for (const [table, rows] of Object.entries(live)) expect([table, rows.length > 0]).toEqual([table, true]);
  await manager.store.sql`drop schema manager cascade`;
  await eventually("the log applied again", async () => isLevel(manager.store.sql, log));
  await expectEqualToLog(manager.store.sql, log);
  await expectRecordsOf(manager.store.sql, log);
  expect(await everyRow(manager.store.sql)).toEqual(live);
  await floor.operations.publish(busyDays(log, 20).events.slice(-20));
  await level(manager, floor, log);
  await expectEqualToLog(manager.store.sql, log);
});

test("while rows are made again nothing is said of them before they have what the log had", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 3_500);
  await using floor = await openFloor(await servers(), log);
  const heard: LiveDelta[] = [];
  for (const view of ["items", "events", "dashboard"] as const)
    hear(floor.bus, liveSubject("north", view), (message) => heard.push(message.json<LiveDelta>()));
  await floor.bus.connection.flush();
  const whole = log.events.length;
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await level(manager, floor, log);
  await manager.store.sql`drop schema manager cascade`;
  await eventually("the log applied again", async () => isLevel(manager.store.sql, log));
  await floor.operations.publish(busyDays(log, 20).events.slice(-20));
  await level(manager, floor, log);
  await eventually("the news was heard", () => heard.some(({ pos }) => pos === log.events.length));
  expect(heard.map(({ pos }) => pos).filter((pos) => pos < whole)).toEqual([]);
});

test("rows that another release kept are made anew before anything is added to them", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 150);
  await using floor = await openFloor(await servers(), log);
  {
    await using older = await sampleManager(floor.databaseUrl, floor.natsUrl);
    await level(older, floor, log);
    await older.store.sql`update site_generation set boards = 'stock.0'`;
    await older.store.sql`update item set status = 'sold'`;
  }
  await floor.operations.publish(busyDays(log, 20).events.slice(-20));
  await using newer = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await level(newer, floor, log);
  await expectEqualToLog(newer.store.sql, log);
  expect(newer.applied()).toBe(log.events.length);
});

test("history that began anew in a later epoch is followed from its beginning", async () => {
  const before = busyDays(sampleLog({ site: "north" }), 120);
  await using floor = await openFloor(await servers(), before);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await level(manager, floor, before);
  const after = busyDays(sampleLog({ site: "north", epoch: 2 }), 40, 9);
  floor.logs.set("north", after);
  await floor.operations.publish(after.events.slice(-1));
  await level(manager, floor, after);
  await expectEqualToLog(manager.store.sql, after);
});

test("rows that came from another history than the log's are made again, as another generation", async () => {
  const before = busyDays(sampleLog({ site: "north" }), 120);
  await using floor = await openFloor(await servers(), before);
  const heard: LiveDelta[] = [];
  const hearing = hear(floor.bus, liveSubject("north", "events"), (message) =>
    heard.push(message.json<LiveDelta>()),
  );
  await floor.bus.connection.flush();
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  const snapshot = () =>
    answerSnapshot(manager.store.sql, { site: "north", view: "events", cursor: null }, Date.now());
  await level(manager, floor, before);
  const { generation: first } = await snapshot();
  expect(first).toEqual(expect.any(String));
  await floor.operations.publish(busyDays(before, 20).events.slice(-20));
  await level(manager, floor, before);
  expect((await snapshot()).generation).toBe(first);
  await eventually("the first generation was heard", () => heard.at(-1)?.pos === before.events.length);
  expect(heard.at(-1)?.generation).toBe(first);
  const other = busyDays(sampleLog({ site: "north" }), 150, 20);
  floor.logs.set("north", other);
  await level(manager, floor, other);
  await expectEqualToLog(manager.store.sql, other);
  const { generation: second } = await snapshot();
  expect(second).toEqual(expect.any(String));
  expect(second).not.toBe(first);
  await floor.operations.publish(busyDays(other, 7).events.slice(-7));
  await level(manager, floor, other);
  await eventually("the second generation was heard", () => heard.at(-1)?.pos === other.events.length);
  expect(heard.at(-1)?.generation).toBe(second);
  await hearing.stop();
});

test("an event that cannot be applied is parked; later ones of its tag wait behind it, others flow", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor(await servers(), log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  log.happen({ kind: "create", tag: "A", class: "tent", status: "ready" });
  log.happen({ kind: "create", tag: "B", class: "tent", status: "ready" });
  log.write(ItemReturned.type, "A", { set: { status: "vaporised" } });
  log.write(ItemReturned.type, "GHOST\u0000", { nothing: "to go on" });
  log.happen({ kind: "move", tag: "A", status: "wash" });
  log.happen({ kind: "move", tag: "B", status: "repair" });
  await floor.operations.publish(log.events);
  await level(manager, floor, log);

  const items = await manager.store.sql<
    { tag: string; status: string }[]
  >`select tag, status from item order by tag`;
  expect([...items]).toEqual([
    { tag: "A", status: "ready" },
    { tag: "B", status: "repair" },
  ]);
  const parked = await manager.store.sql<
    { pos: number; error: string }[]
  >`select pos, error from parked order by pos`;
  expect(parked.map(({ pos }) => pos)).toEqual([3, 4, 5]);
  expect(parked[0]?.error).toMatch(/cannot be read/);
  expect(parked[2]?.error).toMatch(/waits behind/);
});

test("a message that nobody can read is parked with its bytes, and the road stays open", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor(await servers(), log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await floor.operations.publish(busyDays(log, 10).events);
  await level(manager, floor, log);
  await floor.bus.jetStream.publish("events.1.north.item.returned", "{half a mess");
  await floor.operations.publish(busyDays(log, 10).events.slice(10));
  await level(manager, floor, log);
  await expectEqualToLog(manager.store.sql, log);

  const kept = await eventually("parked", async () => {
    const message = await floor.bus.manager.streams.getMessage(Parked.name, {
      last_by_subj: "parked.manager.unreadable",
    });
    return message?.json<{ base64: string; subject: string }>();
  });
  expect(Buffer.from(kept.base64, "base64").toString()).toBe("{half a mess");
  expect(kept.subject).toBe("events.1.north.item.returned");
});

test("of two managers one projects, and the other takes over", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 60);
  const south = busyDays(sampleLog({ site: "south" }), 30);
  await using floor = await openFloor(await servers(), log, south);
  await using first = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await using second = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await level(first, floor, log);
  await level(first, floor, south);
  expect([first.isLeading(), second.isLeading()]).toEqual([true, false]);
  expect(await second.isReady()).toBe(true);
  expect(second.applied()).toBe(0);

  await first.stop();
  await eventually("the other leads", () => second.isLeading());
  await floor.operations.publish(busyDays(log, 60).events.slice(-60));
  await level(second, floor, log);
  await expectEqualToLog(second.store.sql, log);
  await expectEqualToLog(second.store.sql, south);
});

test("a manager whose lease was taken cannot write any more", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 60);
  await using floor = await openFloor(await servers(), log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  await level(manager, floor, log);
  await manager.store.sql`
    update partition set owner = 'somebody else', epoch = epoch + 1, until = clock_timestamp() + interval '1 day'
    where partition = 0`;
  const before = manager.applied();
  await floor.operations.publish(busyDays(log, 20).events.slice(-20));
  await eventually("it stepped down", () => !manager.isLeading());
  expect(manager.applied()).toBe(before);
  expect(await isLevel(manager.store.sql, log)).toBe(false);
});
