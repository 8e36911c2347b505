import { setTimeout } from "node:timers/promises";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { drivers } from "../drivers/catalogue.ts";
import { saveLimits } from "../spool/keeper.ts";
import { epcs, site } from "../spool/test-spool.ts";
import { tester } from "../store/test-note.ts";
import { hashOfKey } from "./reader-key.ts";
import { addsUp, listen, type OpenFloor, testGround } from "./test-floor.ts";

const reader = { id: "push", driver: "zebra" as const, antennas: [{ port: 1, place: "gate" }] };
const retryMs = 50;
const timestamp = new Date().toISOString();
const pushed = (tags: readonly string[]) => ({
  key: null,
  events: tags.map((idHex, eventNum) => ({ type: "SIMPLE", timestamp, data: { idHex, eventNum } })),
});
const countsOf = ({ floor }: OpenFloor) => floor.findSite(site)?.find(reader.id)?.counts;

test("what was answered outlives kill -9", async () => {
  await using ground = await testGround();
  const first = await ground.open(site, { drivers });
  const there = first.floor.openSite(site);
  await there.create(reader, tester);
  const tags = epcs(300);
  expect(await there.take(reader.id, pushed(tags))).toEqual({ taken: 300, malformed: 0, repeated: 0 });
  await first.kill();
  const second = await ground.open(site, { drivers });
  expect(countsOf(second)).toMatchObject({ reads: 300, observed: 300, observations: 300 });
  // The answer may have been lost on its way: whoever sends it again is known.
  const again = await second.floor.openSite(site).take(reader.id, pushed([...tags, "AA"]));
  expect(again).toEqual({ taken: 1, malformed: 0, repeated: 300 });
  expect(countsOf(second)).toMatchObject({ reads: 301, observed: 301, observations: 301 });
  const listener = await listen(ground.bus, () => "accepted");
  await eventually("all are taken", () => countsOf(second)?.accepted === 301);
  await listener.stop();
});

test("of what was answered every read is in the ledger after kill -9, also of tags that were known to be there", async () => {
  await using ground = await testGround();
  const first = await ground.open(site, { drivers });
  const there = first.floor.openSite(site);
  await there.create(reader, tester);
  const tags = epcs(300);
  await there.take(reader.id, pushed(tags));
  const again = { ...pushed([...tags, "", "0".repeat(65)]), key: null };
  const later = again.events.map((event) => ({ ...event, data: { ...event.data, eventNum: 1_000 } }));
  expect(await there.take(reader.id, { key: null, events: later })).toMatchObject({ repeated: 0 });
  const before = countsOf(first);
  expect(before).toMatchObject({ observed: 300, held: 300 });
  await first.kill();
  const second = await ground.open(site, { drivers });
  const counts = countsOf(second);
  const { filtered = 0, filteredBy } = before ?? {};
  expect(counts).toMatchObject({
    ...{ reads: before?.reads, held: 0, observed: 300, frames: before?.frames },
    ...{ filtered: filtered + 300, filteredBy: { ...filteredBy, lost: 300 } },
  });
  expect(counts !== undefined && addsUp(counts)).toBe(true);
  const repeat = await second.floor.openSite(site).take(reader.id, { key: null, events: later });
  expect(repeat).toEqual({ taken: 0, malformed: 1, repeated: 301 });
  expect(countsOf(second)).toMatchObject({ reads: before?.reads, held: 0 });
  expect(second.floor.findSite(site)?.find(reader.id)?.faults).toMatchObject([
    { kind: "warning", code: "reads_lost", message: expect.stringContaining("300 reads") },
  ]);
});

test("a tag that was passing a portal when kill -9 came has passed it, and nothing of what was answered is lost", async () => {
  await using ground = await testGround();
  const first = await ground.open(site, { drivers });
  const there = first.floor.openSite(site);
  const portal = { inside: "hall", outside: "yard", by: "antennas" as const };
  await there.putStation("gate", { mode: "portal", portal, rules: {} }, tester);
  const antennas = [
    { port: 1, side: "outside" as const },
    { port: 2, side: "inside" as const },
  ];
  await there.create({ ...reader, antennas, station: "gate" }, tester);
  const tags = epcs(50);
  const event = (idHex: string, antenna: number, agoMs: number) => ({
    type: "SIMPLE",
    timestamp: new Date(Date.now() - agoMs).toISOString(),
    data: { idHex, antenna },
  });
  // The reader's clock is believed once two messages agree on it.
  for (const agoMs of [1, 0]) await there.take(reader.id, { key: null, events: [event("AA", 1, agoMs)] });
  const events = [1, 1, 2, 2].flatMap((antenna, index) =>
    tags.map((idHex) => event(idHex, antenna, 750 - index * 250)),
  );
  expect(await there.take(reader.id, { key: null, events })).toMatchObject({ taken: 200 });
  expect(countsOf(first)).toMatchObject({ reads: 202, filtered: 0 });
  await first.kill();
  const second = await ground.open(site, { drivers });
  const loaded = countsOf(second);
  expect(loaded).toMatchObject({ reads: 202, filtered: 0 });
  expect(loaded !== undefined && addsUp(loaded)).toBe(true);
  const listener = await listen(ground.bus, () => "accepted");
  await eventually("all have passed", () => countsOf(second)?.accepted === 51);
  expect(countsOf(second)).toMatchObject({ reads: 202, held: 0, filtered: 0, observed: 202 });
  const said = listener.batches.flatMap((one) => one.observations.filter(({ tag }) => tag !== "AA"));
  expect(new Set(said.map(({ tag }) => tag))).toEqual(new Set(tags));
  expect(new Set(said.map(({ place, reads }) => `${place} ${reads}`))).toEqual(new Set(["hall 4"]));
  await listener.stop();
});

test("while Postgres takes nothing, nothing is answered, and what is pushed again counts once", async () => {
  await using ground = await testGround();
  const open = await ground.open(site, { drivers });
  const there = open.floor.openSite(site);
  await there.create(reader, tester);
  await ground.store.sql`alter table observation rename to observation_away`;
  const tags = epcs(20);
  await expect(there.take(reader.id, pushed(tags))).rejects.toMatchObject({ code: "store.unreachable" });
  await expect(there.take(reader.id, pushed(tags))).rejects.toMatchObject({ code: "store.unreachable" });
  await ground.store.sql`alter table observation_away rename to observation`;
  await eventually("kept", () => countsOf(open)?.observed === 20);
  expect(await there.take(reader.id, pushed(tags))).toEqual({ taken: 0, malformed: 0, repeated: 20 });
  expect(countsOf(open)).toMatchObject({ reads: 20, observed: 20, observations: 20 });
});

test("what found no room in memory is in Postgres too before it is answered", async () => {
  await using ground = await testGround();
  const open = await ground.open(site, { drivers });
  const there = open.floor.openSite(site);
  await there.create(reader, tester);
  const tags = epcs(saveLimits.waitingMax + 2_000);
  const shares = [tags.slice(0, 6_000), tags.slice(6_000)];
  /** Sends a share until it is answered, as readers do. */
  const send = async (share: readonly string[]): Promise<void> => {
    const body = pushed(share);
    for (;;) {
      const isTaken = await there.take(reader.id, body).then(
        () => true,
        () => false,
      );
      if (isTaken) return;
      await setTimeout(retryMs);
    }
  };
  await ground.store.sql`alter table observation rename to observation_away`;
  const sending = shares.map(send);
  await eventually("all are read", () => countsOf(open)?.reads === tags.length);
  await ground.store.sql`alter table observation_away rename to observation`;
  await Promise.all(sending);
  await open.kill();
  const [kept] = await ground.store.sql`select count(*)::int as count from observation`;
  expect(kept?.count).toBe(tags.length);
});

test("a key is known after a restart, and only its hash is kept", async () => {
  await using ground = await testGround();
  const first = await ground.open(site, { drivers });
  const there = first.floor.openSite(site);
  await there.create(reader, tester);
  const { key } = await there.makeKey(reader.id, tester);
  expect(JSON.stringify(await ground.store.sql`select * from reader`)).not.toContain(key);
  await first.floor.stop();
  await first.kill();
  const second = (await ground.open(site, { drivers })).floor.openSite(site);
  const hash = hashOfKey(key);
  expect(second.isKey(reader.id, hash)).toBe(true);
  expect(second.isKey(reader.id, hashOfKey("another"))).toBe(false);
  expect(second.isKey("nobody", hash)).toBe(false);
  expect(second.isKey("nobody", "00".repeat(32))).toBe(false);
  await expect(second.take(reader.id, { ...pushed([]), key: hash })).resolves.toMatchObject({ taken: 0 });
  for (const id of [reader.id, "nobody"])
    await expect(second.take(id, { ...pushed([]), key: "00".repeat(32) })).rejects.toMatchObject({
      code: "unauthenticated",
    });
});

test("a reader that pushes nonsense costs those beside it nothing", async () => {
  await using ground = await testGround();
  const open = await ground.open(site, { drivers });
  const there = open.floor.openSite(site);
  await there.create(reader, tester);
  await there.create({ ...reader, id: "bad" }, tester);
  const nonsense = {
    key: null,
    events: Array.from({ length: 2_000 }, (_, index) => ({ type: index, data: [] })),
  };
  const bad = Array.from({ length: 20 }, () => there.take("bad", nonsense));
  expect(await there.take(reader.id, pushed(epcs(5)))).toEqual({ taken: 5, malformed: 0, repeated: 0 });
  expect((await Promise.all(bad)).map(({ malformed }) => malformed)).toEqual(Array(20).fill(2_000));
  expect(there.find("bad")).toMatchObject({ status: "inventory", counts: { malformed: 40_000, reads: 0 } });
  expect(there.find(reader.id)).toMatchObject({ counts: { malformed: 0, reads: 5 } });
});
