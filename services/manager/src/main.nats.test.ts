import { once } from "node:events";
import { ask } from "@tagwire/bus";
import { AskDashboard, AskManagerDigest, AskSnapshot } from "@tagwire/messages";
import { openStore } from "@tagwire/store";
import { eventually, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { schema } from "./store/migrations.ts";
import { expectEqualToLog, isLevel } from "./test-check.ts";
import { looksLevel, openFloor } from "./test-floor.ts";
import { busyDays, sampleLog } from "./test-log.ts";
import { crash, type Running, runManager } from "./test-process.ts";

const servers = async () => ({ database: await testDatabase(), nats: await testNats() });

const level = (...projected: Parameters<typeof looksLevel>) =>
  eventually("the log is applied", () => looksLevel(...projected));

test("the service projects, answers, tells how it is, and ends cleanly", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 120);
  await using floor = await openFloor(await servers(), log);
  await using manager = await runManager(floor);
  await eventually("ready", async () => (await fetch(`${manager.http}/readyz`)).ok);
  const { dashboard } = await ask(floor.bus, AskDashboard, { site: "north" });
  expect(Value.Errors(AskDashboard.answer, { dashboard })).toEqual([]);
  expect(dashboard).toMatchObject({ site: "north", epoch: 1, pos: log.events.length });
  expect(dashboard?.totals.total).toBe(log.items.size);
  const snapshot = await ask(floor.bus, AskSnapshot, { site: "north", view: "items", cursor: null });
  expect(snapshot.rows).toHaveLength(log.items.size);
  const digest = await ask(floor.bus, AskManagerDigest, { site: "north" });
  expect(digest.pos).toBe(log.events.length);

  const metrics = await (await fetch(`${manager.http}/metrics`)).text();
  for (const [name, value] of [
    ["tagwire_projection_lag_events", "0"],
    ["tagwire_projection_leading", "1"],
    ["tagwire_projection_parked_events", "0"],
    ["tagwire_alerts_leading", "1"],
    ["tagwire_alerts_open", "0"],
    ["tagwire_projection_events_applied_total", String(log.events.length)],
  ])
    expect(metrics).toMatch(new RegExp(`^${name}(\\{.*\\})? ${value}( \\d+)?$`, "m"));

  const ended = once(manager.child, "exit");
  manager.child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test("killed while it applies, alone and with another standing by: nothing is lost, nothing is applied twice", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 16_000, 3_000);
  await using floor = await openFloor(await servers(), log);
  const store = await openStore({ url: floor.databaseUrl, schema, name: "test", log: quietLog() });
  const applied = async (): Promise<number> => {
    const [row] = await store.sql<{ pos: number }[]>`select pos from site_position where site = 'north'`;
    return row?.pos ?? 0;
  };
  const killUnderWay = async (victim: Running) => {
    const before = await applied().catch(() => 0);
    // However far it got while this was slow: there is more to apply from here on.
    busyDays(log, 4_000, 3_000);
    await eventually("under way", async () => {
      floor.operations.sayHeads();
      return (await applied().catch(() => 0)) > before;
    });
    await crash(victim);
  };
  {
    await using alone = await runManager(floor);
    await killUnderWay(alone);
  }
  await using leader = await runManager(floor);
  await using standing = await runManager(floor);
  await killUnderWay(leader);
  await level({ store }, floor, log);
  expect(standing.child.exitCode).toBeNull();
  expect(await isLevel(store.sql, log)).toBe(true);
  await expectEqualToLog(store.sql, log);
  await store.close();
});
