import { openBus } from "@tagwire/bus";
import { migrate, openStore } from "@tagwire/store";
import { eventually, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { noticesMigrations, noticesSchema } from "../store/notices-migrations.ts";
import { findPosition } from "../store/sites.ts";
import { looksLevel, openFloor } from "../test-floor.ts";
import { sampleLog } from "../test-log.ts";
import { sampleManager } from "../test-manager.ts";
import { leadNotices } from "./lead.ts";
import { watchAlerts } from "./watch-alerts.ts";

/** Somebody who looks after alerts, in this process, as the service does. */
const openWatcher = async (floor: { databaseUrl: string; natsUrl: string }) => {
  const stack = new AsyncDisposableStack();
  const log = quietLog();
  await migrate(floor.databaseUrl, noticesSchema, noticesMigrations);
  const store = { url: floor.databaseUrl, log };
  const notices = await openStore({ ...store, schema: noticesSchema, name: "notices" });
  stack.defer(notices.close);
  const projection = await openStore({ ...store, schema: "manager", name: "looks" });
  stack.defer(projection.close);
  const bus = await openBus({ url: floor.natsUrl, name: "watcher", log });
  stack.defer(bus.close);
  const meters = { changed: () => {}, looked: () => {} };
  const works = [
    watchAlerts({ bus, projection: projection.sql, notices: notices.sql, everyMs: 200, meters, log }),
  ];
  const leading = await leadNotices({ sql: notices.sql, works, log });
  stack.defer(leading.stop);
  return {
    isLeading: leading.isLeading,
    sql: notices.sql,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

type Watcher = Awaited<ReturnType<typeof openWatcher>>;

const linesOf = async ({ sql }: Watcher): Promise<string[]> => {
  const rows = await sql<{ line: string }[]>`
    select kind || ' ' || what as line from alert_change join alert on alert.id = alert order by number`;
  return rows.map(({ line }) => line);
};

test("alerts follow the log by themselves, one process takes over from another, and a projection made again moves none", async () => {
  const log = sampleLog({ site: "north" });
  for (let at = 0; at < 20; at += 1)
    log.happen({ kind: "create", tag: `T${at}`, class: "tent", status: "ready" });
  log.happen({ kind: "move", tag: "T0", status: "missing" });
  await using floor = await openFloor({ database: await testDatabase(), nats: await testNats() }, log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  const happen = async (tag: string, status: "missing" | "ready") => {
    await floor.operations.publish(log.happen({ kind: "move", tag, status }));
    await eventually("applied", () => looksLevel(manager, floor, log));
  };
  const lines = (watcher: Watcher, ...wanted: string[]) =>
    eventually(`the history is ${wanted.join(", ")}`, async () => {
      floor.operations.sayHeads();
      const now = await linesOf(watcher);
      return now.length === wanted.length && now.every((line, index) => line === wanted[index]);
    });

  await eventually("applied", () => looksLevel(manager, floor, log));
  {
    await using first = await openWatcher(floor);
    // The rules that every site begins with are there by themselves.
    await lines(first, "missing raised");
    await using second = await openWatcher(floor);
    expect([first.isLeading(), second.isLeading()]).toEqual([true, false]);
    await happen("T1", "missing");
    await lines(first, "missing raised", "missing grew");
  }
  await using heir = await openWatcher(floor);
  const before = ["missing raised", "missing grew"];
  await lines(heir, ...before);

  await manager.store.sql`drop schema manager cascade`;
  await eventually("the projection is made again", async () => {
    floor.operations.sayHeads();
    const at = await findPosition(manager.store.sql, "north").catch(() => undefined);
    return at?.pos === log.events.length;
  });
  await happen("T2", "missing");
  // Only this is new: nothing ended, and nothing was raised a second time.
  await lines(heir, ...before, "missing grew");
  for (const tag of ["T0", "T1", "T2"]) await happen(tag, "ready");
  await eventually("it is over", async () => {
    floor.operations.sayHeads();
    return (await linesOf(heir)).at(-1) === "missing resolved";
  });
});

const begunWith = [
  ...["finding_opened", "missing", "overdue", "queue_age", "reader_silent", "stale", "webhook_failing"],
];

test("sites get the rules that they begin with once: one that was deleted does not come back", async () => {
  const log = sampleLog({ site: "north" });
  await using floor = await openFloor({ database: await testDatabase(), nats: await testNats() }, log);
  await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl);
  const kinds = async ({ sql }: Watcher) =>
    (await sql<{ kind: string }[]>`select kind from alert_rule order by kind`).map(({ kind }) => kind);
  expect(manager.isLeading()).toBe(true);
  {
    await using first = await openWatcher(floor);
    const all = await eventually("the rules are there", async () => {
      const found = await kinds(first);
      return found.length > 0 && found;
    });
    expect(all).toEqual(begunWith);
    await first.sql`delete from alert_rule where kind = 'stale'`;
    // As a site of a release that did not know of these yet; what was deleted by hand stays deleted.
    await first.sql`delete from alert_rule where kind in ('overdue', 'webhook_failing')`;
    await first.sql`update alert_site set given = array_remove(given, 'overdue')`;
  }
  floor.logs.set("south", sampleLog({ site: "south" }));
  await using heir = await openWatcher(floor);
  const north = begunWith.filter((kind) => kind !== "stale" && kind !== "webhook_failing");
  await eventually("the other site is known", async () => (await kinds(heir)).length > begunWith.length);
  expect(await kinds(heir)).toEqual([...north, ...begunWith].sort());
});
