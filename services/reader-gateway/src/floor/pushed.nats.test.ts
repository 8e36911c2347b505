import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { drivers } from "../drivers/catalogue.ts";
import { epcs, site } from "../spool/test-spool.ts";
import { tester } from "../store/test-note.ts";
import { hashOfKey } from "./reader-key.ts";
import { listen, type OpenFloor, testGround } from "./test-floor.ts";

const reader = { id: "push", driver: "zebra" as const, antennas: [{ port: 1, place: "gate" }] };
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
  const listener = await listen(ground.bus, () => "accepted");
  await eventually("all are taken", () => countsOf(second)?.accepted === 300);
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
