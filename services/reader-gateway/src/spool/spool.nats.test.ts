import {
  brokenSums,
  Observation,
  ObservationBatch,
  Observations,
  type Outcome,
  outcomes,
} from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { scriptedDrivers, tagRead } from "../floor/scripted-driver.ts";
import { listen, testGround } from "../floor/test-floor.ts";
import { tester } from "../store/test-note.ts";
import { repeatDelayMs } from "./outbox.ts";
import { dock, epcs, frameOf, site, tagsOf } from "./test-spool.ts";

test("an observation is kept, said, taken and gone, and the ledger says what became of each", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const tags = epcs(8);
  const outcomeOf = new Map(tags.map((tag, index) => [tag, outcomes[index % 4] as Outcome]));
  const listener = await listen(ground.bus, ({ tag }) => outcomeOf.get(tag));

  connections[0]?.host.frame([...frameOf(tags), tagRead("", { count: 3 })]);
  connections[0]?.host.frame(frameOf(tags.slice(0, 2)));

  const { counts } = await eventually("all taken", () => {
    const reader = floor.findSite(site)?.find("dock");
    return reader !== undefined && reader.counts.accepted === 2 && reader.counts.pending === 0 && reader;
  });
  expect(brokenSums(counts)).toEqual([]);
  expect(counts).toMatchObject({
    frames: 2,
    malformed: 0,
    reads: 13,
    filtered: 3,
    held: 2,
    observed: 8,
    observations: 8,
    accepted: 2,
    alreadyApplied: 2,
    rejected: 2,
    quarantined: 2,
    pending: 0,
    strays: {},
    antennas: {
      1: { observations: 8, accepted: 2, alreadyApplied: 2, rejected: 2, quarantined: 2, pending: 0 },
    },
  });
  expect(await ground.store.sql`select from observation`).toHaveLength(0);
  const [first] = listener.batches;
  expect(first?.subject).toMatch(/^observations\.\d+\.north\.dock$/);
  expect(first?.traceparent).toMatch(/^00-/);
  expect(Compile(ObservationBatch).Check({ observations: first?.observations })).toBe(true);
  expect(first?.observations.every((one) => Compile(Observation).Check(one))).toBe(true);
  expect(tagsOf(listener.batches)).toEqual(tags);
  await listener.stop();
});

test("a thousand tags at once arrive in order, at most 500 in a message", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const listener = await listen(ground.bus, () => "accepted");
  const tags = epcs(1_200);
  connections[0]?.host.frame(frameOf(tags.slice(0, 1_100)));
  connections[0]?.host.frame(frameOf(tags.slice(1_100)));
  await eventually("all taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 1_200);
  expect(tagsOf(listener.batches)).toEqual(tags);
  expect(Math.max(...listener.batches.map(({ observations }) => observations.length))).toBeLessThanOrEqual(
    500,
  );
  await listener.stop();
});

test("what nobody takes is said again, with the same identity", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const asked = new Map<string, number>();
  const listener = await listen(ground.bus, ({ id }) => {
    asked.set(id, (asked.get(id) ?? 0) + 1);
    return asked.get(id) === 2 ? "accepted" : undefined;
  });
  connections[0]?.host.frame(frameOf(epcs(3)));
  await eventually(
    "taken at the second time",
    () => floor.findSite(site)?.find("dock")?.counts.accepted === 3,
  );
  expect([...asked.values()]).toEqual([2, 2, 2]);
  await listener.stop();
});

test("repeats come after two seconds, doubling to thirty", () => {
  expect([1, 2, 3, 4, 5, 6, 60].map(repeatDelayMs)).toEqual([
    2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test("saying twice that an observation was taken counts once", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const listener = await listen(ground.bus, () => "accepted");
  const again = await listen(ground.bus, () => "rejected");
  connections[0]?.host.frame(frameOf(epcs(50)));
  await eventually("taken", () => {
    const counts = floor.findSite(site)?.find("dock")?.counts;
    return counts?.observations === 50 && counts.pending === 0;
  });
  const { counts } = floor.findSite(site)?.find("dock") ?? {};
  expect((counts?.accepted ?? 0) + (counts?.rejected ?? 0)).toBe(50);
  await listener.stop();
  await again.stop();
});

test("more than may be unconfirmed waits in Postgres, and all of it arrives in order", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers, unconfirmedMax: 20 });
  await floor.openSite(site).create(dock, tester);
  const tags = epcs(105);
  const before = await listen(ground.bus, () => undefined);
  for (let start = 0; start < tags.length; start += 7)
    connections[0]?.host.frame(frameOf(tags.slice(start, start + 7)));
  await eventually("all kept", () => floor.findSite(site)?.find("dock")?.counts.observations === 105);
  await eventually("the first said", () => tagsOf(before.batches).length >= 14);
  expect(new Set(tagsOf(before.batches)).size).toBeLessThanOrEqual(20);
  await before.stop();
  const listener = await listen(ground.bus, () => "accepted");
  await eventually("all taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 105);
  expect([...new Set(tagsOf(listener.batches))]).toEqual(tags);
  await listener.stop();
});

test("a lost stream is made again and what was in it is said again", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  const tags = epcs(40);
  const before = await listen(ground.bus, () => undefined);
  connections[0]?.host.frame(frameOf(tags.slice(0, 30)));
  await eventually("said", () => tagsOf(before.batches).length >= 30);
  await before.stop();
  await ground.bus.manager.streams.delete(Observations.name);
  connections[0]?.host.frame(frameOf(tags.slice(30)));
  await eventually("made again", () => ground.bus.manager.streams.info(Observations.name).then(() => true));
  const listener = await listen(ground.bus, () => "accepted");
  await eventually("all taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 40);
  expect(new Set(tagsOf(listener.batches))).toEqual(new Set(tags));
  await listener.stop();
});

test("a deleted reader is gone at once, and its observations go when they are taken", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  connections[0]?.host.frame(frameOf(["AA01", "AA02"]));
  expect(await floor.findSite(site)?.remove("dock", tester)).toBe(true);
  expect(await floor.findSite(site)?.remove("dock", tester)).toBe(false);
  expect(floor.findSite(site)?.find("dock")).toBeUndefined();
  await floor.openSite(site).create(dock, tester);
  connections[1]?.host.frame(frameOf(["AA03"]));
  const listener = await listen(ground.bus, () => "accepted");
  await eventually("all taken", async () => (await ground.store.sql`select from observation`).length === 0);
  await eventually(
    "the former row is gone",
    async () => (await ground.store.sql`select from reader`).length === 1,
  );
  expect(new Set(tagsOf(listener.batches))).toEqual(new Set(["AA01", "AA02", "AA03"]));
  await eventually("counted", () => floor.findSite(site)?.find("dock")?.counts.accepted === 1);
  expect(floor.findSite(site)?.find("dock")?.counts).toMatchObject({ reads: 1, observations: 1, pending: 0 });
  await listener.stop();
});

test("a confirmation that cannot be read does no harm", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock, tester);
  ground.bus.connection.publish("taken.north.dock", "not json");
  ground.bus.connection.publish("taken.north.dock", '{"taken":[{"id":1}]}');
  ground.bus.connection.publish("taken.north.dock", '{"taken":[{"id":"not a uuid","outcome":"accepted"}]}');
  const listener = await listen(ground.bus, () => "accepted");
  connections[0]?.host.frame(frameOf(["AA01"]));
  await eventually("taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 1);
  await listener.stop();
});
