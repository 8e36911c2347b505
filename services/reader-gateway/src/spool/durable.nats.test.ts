import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { scriptedDrivers, tagRead } from "../floor/scripted-driver.ts";
import { addsUp, listen, testGround } from "../floor/test-floor.ts";
import { tester } from "../store/test-note.ts";
import { dock, epcs, frameOf, site, tagsOf } from "./test-spool.ts";

test("after kill -9 and a restart nothing kept is lost, and the sums of the last save add up", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const first = await ground.open(site, { drivers });
  await first.floor.openSite(site).create(dock, tester);
  const tags = epcs(60);
  const before = await listen(ground.bus, ({ tag }) => (tags.indexOf(tag) < 10 ? "accepted" : undefined));
  connections[0]?.host.frame(frameOf(tags));
  connections[0]?.host.frame(frameOf(tags.slice(0, 5)));
  await eventually("some taken", () => first.floor.findSite(site)?.find("dock")?.counts.accepted === 10);
  expect(first.floor.findSite(site)?.find("dock")?.counts).toMatchObject({
    reads: 65,
    held: 5,
    observed: 60,
    pending: 50,
  });
  await before.stop();
  await eventually("it is known what is held", async () => {
    const [row] = await ground.store.sql`select from reader where holding::text like '%{"1": 5}%'`;
    return row !== undefined;
  });
  await first.kill();

  const second = await ground.open(site, { drivers });
  const loaded = second.floor.findSite(site)?.find("dock");
  // Five reads were held in memory and in no observation: they are gone, and the ledger says so.
  expect(loaded?.counts).toMatchObject({ reads: 65, held: 0, observed: 60, accepted: 10, pending: 50 });
  expect(loaded?.counts).toMatchObject({ frames: 2, filtered: 5, filteredBy: { lost: 5 } });
  expect(loaded?.enabled).toBe(true);
  const listener = await listen(ground.bus, () => "accepted");
  await eventually("all taken", () => second.floor.findSite(site)?.find("dock")?.counts.pending === 0);
  const counts = second.floor.findSite(site)?.find("dock")?.counts;
  expect(counts).toMatchObject({ accepted: 60, observations: 60 });
  expect(counts !== undefined && addsUp(counts)).toBe(true);
  expect(new Set(tagsOf(listener.batches))).toEqual(new Set(tags));
  await listener.stop();
});

test("an orderly stop says what windows hold, and the next process sends it", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const first = await ground.open(site, { drivers });
  await first.floor.openSite(site).create(dock, tester);
  connections[0]?.host.frame(frameOf(["AA01"]));
  connections[0]?.host.frame([tagRead("AA01", { count: 6 })]);
  await first.floor.stop();
  await first.kill();
  const second = await ground.open(site, { drivers });
  const counts = second.floor.findSite(site)?.find("dock")?.counts;
  expect(counts).toMatchObject({ frames: 2, reads: 7, held: 0, observed: 7, observations: 2, pending: 2 });
  const listener = await listen(ground.bus, () => "already_applied");
  await eventually("taken", () => second.floor.findSite(site)?.find("dock")?.counts.alreadyApplied === 2);
  expect(listener.batches.flatMap((one) => one.observations.map(({ reads }) => reads)).slice(0, 2)).toEqual([
    1, 6,
  ]);
  await listener.stop();
});

test("while Postgres refuses, reads are held and counted, and nothing is lost when it is back", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const listener = await listen(ground.bus, () => "accepted");
  await ground.store.sql`alter table observation rename to observation_away`;
  const tags = epcs(12_000);
  for (let start = 0; start < tags.length; start += 400)
    connections[0]?.host.frame(frameOf(tags.slice(start, start + 400)));
  const during = floor.findSite(site)?.find("dock")?.counts;
  expect(during).toMatchObject({ reads: 12_000, held: 12_000, observed: 0 });
  await ground.store.sql`alter table observation_away rename to observation`;
  await eventually("all taken", () => {
    const counts = floor.findSite(site)?.find("dock")?.counts;
    expect(counts !== undefined && addsUp(counts)).toBe(true);
    return counts?.accepted === 12_000;
  });
  expect(new Set(tagsOf(listener.batches)).size).toBe(12_000);
  await listener.stop();
});

test("a save whose answer was lost is not made twice", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const listener = await listen(ground.bus, () => "accepted");
  const victims = async () => {
    await ground.store.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'test' and pid <> pg_backend_pid() and datname = current_database()`;
  };
  const tags = epcs(400);
  for (const [index, tag] of tags.entries()) {
    connections[0]?.host.frame([tagRead(tag)]);
    if (index % 40 === 0) await victims();
    else if (index % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually("all taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 400);
  const counts = floor.findSite(site)?.find("dock")?.counts;
  expect(counts).toMatchObject({ reads: 400, observed: 400, observations: 400, held: 0, pending: 0 });
  const [stored] = await ground.store.sql`select reads, observed, observations, accepted from reader`;
  expect(stored).toEqual({ reads: 400, observed: 400, observations: 400, accepted: 400 });
  await listener.stop();
});

test("an observation that Postgres refuses is parked and counted as rejected, and the others pass", async () => {
  await using ground = await testGround();
  await ground.store.sql`alter table observation add check (tag <> 'BAD')`;
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const listener = await listen(ground.bus, () => "accepted");
  connections[0]?.host.frame([tagRead("AA01"), tagRead("BAD", { count: 3 }), tagRead("AA02")]);
  await eventually("taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 2);
  const counts = floor.findSite(site)?.find("dock")?.counts;
  expect(counts).toMatchObject({ reads: 5, filtered: 0, held: 0, observed: 5, rejected: 1, pending: 0 });
  expect(counts !== undefined && addsUp(counts)).toBe(true);
  await listener.stop();
});
