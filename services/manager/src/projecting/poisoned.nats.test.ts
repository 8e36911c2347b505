import { ItemReturned } from "@tagwire/messages";
import { openStore } from "@tagwire/store";
import { eventually, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { schema } from "../store/migrations.ts";
import { looksLevel, openFloor } from "../test-floor.ts";
import { busyDays, sampleLog } from "../test-log.ts";
import { sampleManager } from "../test-manager.ts";
import { writeTimeoutMs } from "./write-timeout.ts";

test("one event that cannot be applied does not keep thousands from being made again, within the time for a write", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 1_500, 700);
  const poison = log.write(ItemReturned.type, "POISON", { set: { status: "vaporised" } });
  busyDays(log, 1_500, 900);
  expect(log.events.length).toBeGreaterThan(2_000);
  const behind = log.write(ItemReturned.type, "POISON", { set: { status: "ready" } });
  await using floor = await openFloor({ database: await testDatabase(), nats: await testNats() }, log);
  const limited = await openStore({
    url: floor.databaseUrl,
    schema,
    name: "limited",
    log: quietLog(),
    connectionsMax: 3,
    transactionTimeoutMs: writeTimeoutMs,
  });
  try {
    await using manager = await sampleManager(floor.databaseUrl, floor.natsUrl, () => limited.sql);
    await eventually("the log is applied", () => looksLevel(manager, floor, log));
    const parked = await manager.store.sql<{ pos: number }[]>`select pos from parked order by pos`;
    expect(parked.map(({ pos }) => pos)).toEqual([poison.pos, behind.pos]);
    expect(manager.isLeading()).toBe(true);
    // Every transaction also moved the positions, and everything but the two is counted once.
    expect(manager.applied()).toBe(log.events.length - 2);
  } finally {
    await limited.close();
  }
});
