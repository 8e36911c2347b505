import { Fault, type Observation } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { epcs } from "../spool/test-spool.ts";
import { tester } from "../store/test-note.ts";
import { type Connection, scriptedDrivers, tagRead } from "./scripted-driver.ts";
import { type Ground, listen, type OpenFloor, testGround } from "./test-floor.ts";

/* A tag lies in the store. After a restart the reader at the dock is back first, and hears it faintly. */

const site = "north";
const readerAt = (id: string) => ({
  id,
  driver: "llrp" as const,
  address: id,
  antennas: [{ port: 1, place: id }],
});
const [loud, faint] = [-55, -75];

let ground: Ground;
const observations: Observation[] = [];
beforeAll(async () => {
  ground = await testGround();
  await listen(ground.bus, (observation) => {
    observations.push(observation);
    return "accepted";
  });
});
afterAll(() => ground[Symbol.asyncDispose]());

/** Opens the floor; `hear` is what the reader of a place hears. */
const open = async () => {
  const { drivers, connections } = scriptedDrivers();
  const opened = await ground.open(site, { drivers });
  for (const id of ["store", "dock"]) await opened.floor.openSite(site).create(readerAt(id), tester);
  const at = (place: string): Connection => {
    const connection = connections.findLast(({ settings }) => settings.address === place);
    if (connection === undefined) throw new Error(`no reader at ${place}`);
    return connection;
  };
  return {
    ...opened,
    hear: (place: string, tag: string, rssiDbm: number) => at(place).host.frame([tagRead(tag, { rssiDbm })]),
  };
};
/** Where operations hears that a tag is, of all that was said of it, in order. */
const placesOf = (tag: string) =>
  observations.flatMap((one) => (one.tag === tag && one.stray === undefined ? [one.place] : []));
const lies = async (opened: Awaited<ReturnType<typeof open>>, tag: string) => {
  opened.hear("store", tag, loud);
  await eventually("it is known to be there", () => placesOf(tag).length > 0);
};
const ends: readonly { what: string; end: (one: OpenFloor) => Promise<void> }[] = [
  { what: "kill -9", end: (one) => one.kill() },
  {
    what: "a hand-over",
    end: async (one) => {
      await one.floor.stop();
      await one.kill();
    },
  },
];

test.each(ends)("after $what it stays where it is, and moves when it is clearly nearer", async ({ end }) => {
  const [stays = "", moves = ""] = epcs(2);
  const first = await open();
  await lies(first, stays);
  await lies(first, moves);
  await end(first);
  const second = await open();
  for (let round = 0; round < 5; round += 1) second.hear("dock", stays, faint);
  for (let round = 0; round < 2; round += 1) second.hear("dock", moves, loud + 20);
  await eventually("what is clear is said", () => placesOf(moves).includes("dock"));
  second.hear("store", stays, loud);
  await eventually("it is said again", () => placesOf(stays).length === 2);
  expect(placesOf(stays)).toEqual(["store", "store"]);
  await end(second);
});

/** Readers that stay in back-off for as long as they are `away`, and those that read. Strengths differ little, so that a short silence decides. */
const openFlapping = async (away: ReadonlySet<string>) => {
  const reading = new Map<string, Connection>();
  const { drivers } = scriptedDrivers({
    begin: (connection) => {
      const { address } = connection.settings;
      if (away.has(address)) return connection.fail(new Fault("reader.unreachable", address));
      reading.set(address, connection);
      connection.host.phase("inventory");
    },
  });
  const opened = await ground.open("south", {
    drivers,
    backoff: { firstMs: 5, maxMs: 20, resetAfterMs: 10_000 },
  });
  const rules = { moveThresholdDb: 3, moveHoldOffMs: 0 };
  for (const id of ["store", "yard", "dock"])
    await opened.floor.openSite("south").create({ ...readerAt(id), rules }, tester);
  const hear = (place: string, tag: string, rssiDbm: number) =>
    reading.get(place)?.host.frame([tagRead(tag, { rssiDbm })]);
  /** Hears these at the dock, a little fainter than where they are, until the `last` has moved there; the yard goes on hearing its own. */
  const hearFaintly = (tags: readonly string[], last: string, other: string) =>
    eventually("the silent one moves", () => {
      hear("yard", other, loud);
      for (const tag of tags) hear("dock", tag, loud - 2);
      return placesOf(last).includes("dock");
    });
  /** The connection of a reader fails, and there is none until it is not `away` any more. */
  const lose = (place: string) => {
    const lost = reading.get(place);
    reading.delete(place);
    lost?.fail(new Fault("reader.closed", place));
  };
  return { ...opened, reading, hear, hearFaintly, lose };
};

test("what a reader heard last stays where it is while that reader is in back-off, however silent, and another one does not", async () => {
  const [stays = "", silent = "", second = "", other = ""] = epcs(4);
  const first = await openFlapping(new Set());
  for (const [place, tag] of [
    ["store", stays],
    ["yard", silent],
    ["yard", other],
  ] as const) {
    first.hear(place, tag, loud);
    await eventually("it is known to be there", () => placesOf(tag).includes(place));
  }
  await first.kill();

  const away = new Set(["store"]);
  const { reading, hear, hearFaintly, lose, kill } = await openFlapping(away);
  await hearFaintly([stays, silent], silent, other);
  expect(placesOf(stays)).toEqual(["store"]);

  away.clear();
  await eventually("the store is back", () => reading.has("store"));
  hear("store", stays, loud);
  await eventually("it is said again", () => placesOf(stays).length === 2);
  away.add("store");
  hear("store", stays, loud);
  hear("yard", second, loud);
  lose("store");
  await hearFaintly([stays, second], second, other);
  expect(placesOf(stays)).toEqual(["store", "store"]);

  away.clear();
  await eventually("the store is back", () => reading.has("store"));
  hear("store", other, loud - 10);
  await hearFaintly([stays], stays, other);
  await kill();
});

test("after kill -9 it is news wherever it is heard when its place was named otherwise meanwhile", async () => {
  const [tag = ""] = epcs(1);
  const first = await open();
  await lies(first, tag);
  await first.floor.openSite(site).patch("store", { antennas: [{ port: 1, place: "yard" }] }, tester);
  await first.kill();
  const { drivers, connections } = scriptedDrivers();
  const second = await ground.open(site, { drivers });
  await eventually("they read", () => connections.length === 2);
  const dock = connections.find(({ settings }) => settings.address === "dock");
  dock?.host.frame([tagRead(tag, { rssiDbm: faint })]);
  await eventually("it came there", () => placesOf(tag).includes("dock"));
  await second.kill();
});
