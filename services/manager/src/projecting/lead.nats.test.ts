import { migrate, openStore } from "@tagwire/store";
import { eventually, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { expect, test } from "vitest";
import { migrations, schema } from "../store/migrations.ts";
import { openFloor } from "../test-floor.ts";
import { busyDays, sampleLog } from "../test-log.ts";
import { sampleManager } from "../test-manager.ts";

test("who waits for a lease that nobody alive holds is not ready, and is once it leads and caught up", async () => {
  const log = busyDays(sampleLog({ site: "north" }), 20);
  await using floor = await openFloor({ database: await testDatabase(), nats: await testNats() }, log);
  const url = floor.databaseUrl;
  await migrate(url, schema, migrations);
  const other = await openStore({ url, schema, name: "other", log: quietLog() });
  await other.sql`insert into partition (partition) values (0) on conflict do nothing`;
  const held = await other.sql.reserve();
  // Nobody can take a lease whose row is locked.
  await held`begin`;
  await held`select 1 from partition where partition = 0 for update`;
  {
    await using manager = await sampleManager(url, floor.natsUrl);
    expect(manager.isLeading()).toBe(false);
    expect(await manager.isReady()).toBe(false);
    await held`rollback`;
    held.release();
    await eventually("it leads and caught up", async () => manager.isLeading() && (await manager.isReady()));
  }
  await other.close();
});
