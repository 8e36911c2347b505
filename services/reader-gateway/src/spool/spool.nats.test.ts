import { randomBytes } from "node:crypto";
import { hear } from "@tagwire/bus";
import { Observation, ObservationBatch, Observations, type Outcome, outcomes } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { scriptedDrivers, tagRead } from "../floor/scripted-driver.ts";
import { addsUp, type HeardBatch, listen, testGround } from "../floor/test-floor.ts";
import { repeatDelayMs } from "./outbox.ts";

const site = "north";
const dock = {
  id: "dock",
  driver: "llrp" as const,
  address: "127.0.0.1",
  antennas: [{ port: 1, place: "gate" }],
};
const epcs = (count: number) =>
  Array.from({ length: count }, () => randomBytes(12).toString("hex").toUpperCase());
const frameOf = (tags: readonly string[]) => tags.map((epc) => tagRead(epc));
const tagsOf = (batches: readonly HeardBatch[]) =>
  batches.flatMap((one) => one.observations.map(({ tag }) => tag));

test("an observation is kept, said, taken and gone, and the ledger says what became of each", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock);
  const tags = epcs(8);
  const outcomeOf = new Map(tags.map((tag, index) => [tag, outcomes[index % 4] as Outcome]));
  const listener = await listen(ground.bus, ({ tag }) => outcomeOf.get(tag));

  connections[0]?.host.frame([...frameOf(tags), tagRead("", { count: 3 })]);
  connections[0]?.host.frame(frameOf(tags.slice(0, 2)));

  const { counts } = await eventually("all taken", () => {
    const reader = floor.findSite(site)?.find("dock");
    return reader !== undefined && reader.counts.accepted === 2 && reader.counts.pending === 0 && reader;
  });
  expect(counts).toEqual({
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
  await floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
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

test("after kill -9 and a restart nothing kept is lost, and the sums of the last save add up", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const first = await ground.open(site, { drivers });
  await first.floor.openSite(site).create(dock);
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
  await first.kill();

  const second = await ground.open(site, { drivers });
  const loaded = second.floor.findSite(site)?.find("dock");
  // Five reads were held in memory and in no observation: they were never durable, and are not counted either.
  expect(loaded?.counts).toMatchObject({ reads: 60, held: 0, observed: 60, accepted: 10, pending: 50 });
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
  await first.floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
  const listener = await listen(ground.bus, () => "accepted");
  connections[0]?.host.frame([tagRead("AA01"), tagRead("BAD", { count: 3 }), tagRead("AA02")]);
  await eventually("taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 2);
  const counts = floor.findSite(site)?.find("dock")?.counts;
  expect(counts).toMatchObject({ reads: 5, filtered: 0, held: 0, observed: 5, rejected: 1, pending: 0 });
  expect(counts !== undefined && addsUp(counts)).toBe(true);
  await listener.stop();
});

test("a deleted reader is gone at once, and its observations go when they are taken", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock);
  connections[0]?.host.frame(frameOf(["AA01", "AA02"]));
  expect(await floor.findSite(site)?.remove("dock")).toBe(true);
  expect(await floor.findSite(site)?.remove("dock")).toBe(false);
  expect(floor.findSite(site)?.find("dock")).toBeUndefined();
  await floor.openSite(site).create(dock);
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
  await floor.openSite(site).create(dock);
  ground.bus.connection.publish("taken.north.dock", "not json");
  ground.bus.connection.publish("taken.north.dock", '{"taken":[{"id":1}]}');
  ground.bus.connection.publish("taken.north.dock", '{"taken":[{"id":"not a uuid","outcome":"accepted"}]}');
  const listener = await listen(ground.bus, () => "accepted");
  connections[0]?.host.frame(frameOf(["AA01"]));
  await eventually("taken", () => floor.findSite(site)?.find("dock")?.counts.accepted === 1);
  await listener.stop();
});

test("the live view says each change of phase at once, with dense positions and rising versions", async () => {
  await using ground = await testGround();
  const { drivers, connections } = scriptedDrivers();
  type Said = {
    epoch: number;
    prev: number;
    pos: number;
    changes: {
      key: string;
      version: number;
      put?: { status: string; counts: { reads: number } };
      del?: true;
    }[];
  };
  const said: Said[] = [];
  const heard = hear(ground.bus, "live.north.readers", (message) => void said.push(message.json<Said>()));
  await ground.bus.connection.flush();
  const { floor } = await ground.open(site, { drivers });
  await floor.openSite(site).create(dock);
  connections[0]?.host.frame(frameOf(["AA01"]));
  await eventually("counts shown", () => said.some(({ changes }) => changes[0]?.put?.counts.reads === 1));
  await floor.findSite(site)?.remove("dock");
  await eventually("deletion shown", () => said.at(-1)?.changes[0]?.del);
  const phases = said.map(({ changes }) => changes[0]?.put?.status ?? "gone");
  expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([
    "connecting",
    "configuring",
    "inventory",
    "stopped",
    "gone",
  ]);
  expect(said.map(({ prev, pos }) => pos - prev)).toEqual(said.map(() => 1));
  expect(said.map(({ pos }) => pos)).toEqual(said.map((_, index) => index + 1));
  const versions = said.map(({ changes }) => changes[0]?.version ?? 0);
  expect(versions).toEqual([...versions].sort((left, right) => left - right));
  expect(floor.list(site)).toMatchObject({ epoch: said[0]?.epoch, pos: said.length });
  await heard.stop();
});
