import { Fault, partitionOf } from "@tagwire/messages";
import { eventually, quietLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { tester } from "../store/test-note.ts";
import { openFloor } from "./floor.ts";
import { scriptedDrivers, tagRead } from "./scripted-driver.ts";
import { type Ground, testGround } from "./test-floor.ts";

const site = "north";
const partition = partitionOf(site);
const neighbour =
  Array.from({ length: 1_000 }, (_, index) => `site-${index}`).find(
    (other) => partitionOf(other) === partition,
  ) ?? "";
const dock = { id: "dock", driver: "llrp" as const, address: "127.0.0.1" };
const unavailable = new Fault("unavailable", `readers of ${neighbour}`);

test("a partition that is being left opens no site, and nothing of it runs when it is left", async () => {
  await using ground = await testGround();
  // Its driver does not end before the test says so: the partition is long in leaving.
  const { drivers, connections } = scriptedDrivers({ deaf: true });
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const early = floor.openSite(neighbour);
  const leaving = floor.leave(partition);
  expect(floor.owns(site)).toBe(false);
  for (const ask of [floor.openSite, floor.findSite, floor.list])
    expect(() => ask(neighbour)).toThrow(unavailable);
  await expect(early.create(dock, tester)).rejects.toEqual(unavailable);
  const again = floor.leave(partition);
  connections[0]?.end();
  await Promise.all([leaving, again]);
  expect(connections.map(({ signal }) => signal.aborted)).toEqual([true]);
  expect(floor.all()).toEqual([]);
  expect(() => floor.openSite(neighbour)).toThrow(unavailable);
});

/** Holds a lock on the table of readers until it is freed, and tells when somebody waits for it. */
const lockReaders = async (ground: Ground, mode: "share" | "access exclusive") => {
  const freed = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const blocking = ground.store.sql.begin(async (blocker) => {
    await blocker.unsafe(`lock table reader in ${mode} mode`);
    locked.resolve();
    await freed.promise;
  });
  await locked.promise;
  return {
    isAwaited: () =>
      eventually("somebody waits for it", async () => {
        const [row] = await ground.store.sql<{ waiting: number }[]>`
          select count(*)::int as waiting from pg_locks where not granted`;
        return (row?.waiting ?? 0) > 0;
      }),
    free: async () => {
      freed.resolve();
      await blocking;
    },
  };
};

test("a reader whose creation is under way when its partition is left is stopped with the rest", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  const lock = await lockReaders(ground, "share");
  const creating = floor.openSite(site).create(dock, tester);
  await lock.isAwaited();
  const leaving = floor.leave(partition);
  await lock.free();
  await Promise.all([creating, leaving]);
  expect(connections.map(({ signal }) => signal.aborted)).toEqual([true]);
  expect(floor.all()).toEqual([]);
});

test("a floor is ready when the readers of all its partitions run, and says so of none that it still loads", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const before = await ground.open(site, { drivers });
  await before.floor.openSite(site).create(dock, tester);
  await before.floor.stop();

  const floor = openFloor({ bus: ground.bus, sql: ground.store.sql, log: quietLog(), drivers });
  expect(floor.isLoaded()).toBe(false);
  await floor.take(partition + 1, 8);
  expect(floor.isLoaded()).toBe(true);

  const lock = await lockReaders(ground, "access exclusive");
  const taking = floor.take(partition, 9);
  await lock.isAwaited();
  expect(floor.isLoaded()).toBe(false);
  expect(floor.owns(site)).toBe(true);
  expect(() => floor.findSite(site)).toThrow(new Fault("unavailable", `readers of ${site}`));
  expect(connections).toHaveLength(1);
  await lock.free();
  await taking;
  expect(floor.isLoaded()).toBe(true);
  expect(connections).toHaveLength(2);
  expect(floor.list(site)).toMatchObject({ epoch: 9, readers: [{ id: "dock", status: "inventory" }] });
  await floor.stop();
});

test("a partition that is left while it loads starts nothing", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const before = await ground.open(site, { drivers });
  await before.floor.openSite(site).create(dock, tester);
  await before.floor.stop();

  const floor = openFloor({ bus: ground.bus, sql: ground.store.sql, log: quietLog(), drivers });
  const lock = await lockReaders(ground, "access exclusive");
  const taking = floor.take(partition, 9);
  await lock.isAwaited();
  await floor.leave(partition);
  await lock.free();
  await taking;
  expect(connections).toHaveLength(1);
  expect(floor.all()).toEqual([]);
  await floor.stop();
});

test("a reader that could not be deleted goes on as it was", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  const { create, remove, act, find } = floor.openSite(site);
  await create(dock, tester);
  await create({ ...dock, id: "idle" }, tester);
  await act("idle", "stop", tester);
  await ground.store.sql.unsafe(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
    create trigger refuse before update of deleted_at on reader for each row execute function refuse()`);
  await expect(remove("dock", tester)).rejects.toThrow("not now");
  await expect(remove("idle", tester)).rejects.toThrow("not now");
  expect(find("dock")).toMatchObject({ enabled: true, status: "inventory" });
  expect(find("idle")).toMatchObject({ enabled: false, status: "stopped" });
  expect(connections).toHaveLength(3);
  connections[2]?.host.frame([tagRead("AA01")]);
  expect(find("dock")?.counts.reads).toBe(1);

  await ground.store.sql`drop trigger refuse on reader`;
  expect(await remove("dock", tester)).toBe(true);
  expect(find("dock")).toBeUndefined();
  expect(connections[2]?.signal.aborted).toBe(true);
});
