import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { countFrame } from "../actors/ledger.ts";
import { findReader } from "../store/readers.ts";
import type { Keeper } from "./keeper.ts";
import type { KeptReader } from "./kept-reader.ts";
import {
  heard,
  losingAnswers,
  type SpoolGround,
  site,
  spoolGround,
  tally,
  testKeeper,
} from "./test-spool.ts";

/** A reader that hears `count` tags, each for the first time. */
const hear = (keeper: Keeper, reader: KeptReader, count: number, name: string) => {
  reader.ledger = countFrame(reader.ledger, [tally(count)]);
  keeper.touch(reader);
  keeper.add(
    reader,
    Array.from({ length: count }, (_, index) => heard(`${name}${index}`)),
  );
};

const storedDock = async (at: SpoolGround) => {
  const stored = await findReader(at.sql, site, "dock");
  if (stored === undefined) throw new Error("gone");
  return stored;
};

const tagsOf = async (at: SpoolGround) =>
  (await at.sql<{ tag: string }[]>`select tag from observation`).map(({ tag }) => tag).sort();
const named = (...all: readonly [name: string, count: number][]) =>
  all.flatMap(([name, count]) => Array.from({ length: count }, (_, index) => `${name}${index}`)).sort();

test("a life that begins while a former one waits for Postgres takes its ledger up: nothing is lost or counted twice", async () => {
  await using at = await spoolGround();
  const { keeper } = testKeeper(at.sql);
  const former = keeper.open(at.stored);
  await at.sql`alter table observation rename to observation_away`;
  hear(keeper, former, 700, "former");
  await eventually("a save is under way", () => former.ledger.underWay !== undefined);
  const dock = keeper.open(await storedDock(at));
  hear(keeper, dock, 5, "dock");
  await at.sql`alter table observation_away rename to observation`;
  await eventually("all kept", () => keeper.settled([dock], 1_000));
  const counts = { frames: 2, reads: 705, observed: 705, observations: 705 };
  expect(await storedDock(at)).toMatchObject(counts);
  expect(dock.ledger.saved).toMatchObject(counts);
  expect(await tagsOf(at)).toEqual(named(["former", 700], ["dock", 5]));
  await keeper.close();
});

test("a life that begins when nothing waits begins with what Postgres has", async () => {
  await using at = await spoolGround();
  const { keeper } = testKeeper(at.sql);
  const former = keeper.open(at.stored);
  hear(keeper, former, 3, "former");
  await eventually("kept", () => keeper.settled([former], 1_000));
  const dock = keeper.open(await storedDock(at));
  expect(dock).not.toBe(former);
  expect(dock.ledger).toEqual(former.ledger);
  await keeper.close();
});

test("what a process saves for a reader that another one runs by now is added to it, and the other one hears of it", async () => {
  await using at = await spoolGround();
  const first = testKeeper(at.sql);
  const former = first.keeper.open(at.stored);
  await at.sql`alter table observation rename to observation_away`;
  hear(first.keeper, former, 5, "former");
  await eventually("a save is under way", () => former.ledger.underWay !== undefined);
  const second = testKeeper(at.sql);
  const dock = second.keeper.open(await storedDock(at));
  hear(second.keeper, dock, 7, "dock");
  await at.sql`alter table observation_away rename to observation`;
  await eventually("the former owner's are kept", () => first.keeper.settled([former], 1_000));
  hear(second.keeper, dock, 1, "last");
  await eventually("all kept", () => second.keeper.settled([dock], 1_000));
  const counts = { frames: 3, reads: 13, observed: 13, observations: 13 };
  expect(await storedDock(at)).toMatchObject(counts);
  expect(dock.ledger.saved).toMatchObject(counts);
  expect(await tagsOf(at)).toEqual(named(["former", 5], ["dock", 7], ["last", 1]));
  await Promise.all([first.keeper.close(), second.keeper.close()]);
});

test("two processes save for one reader while answers are lost on both sides, and each observation is kept once", async () => {
  await using at = await spoolGround();
  const names = ["former", "dock"];
  const both = names.map((name, index) => {
    const { keeper } = testKeeper(losingAnswers(at.sql, (nth) => (nth + index) % 3 === 0));
    return { name, keeper, reader: keeper.open(at.stored) };
  });
  for (let round = 0; round < 8; round += 1) {
    for (const { name, keeper, reader } of both) hear(keeper, reader, 3, `${name}${round}.`);
    await Promise.all(both.map(({ keeper, reader }) => keeper.settled([reader], 5_000)));
  }
  expect(await storedDock(at)).toMatchObject({ frames: 16, reads: 48, observed: 48, observations: 48 });
  const rounds = names.flatMap((name) => Array.from({ length: 8 }, (_, round) => `${name}${round}.`));
  expect(await tagsOf(at)).toEqual(named(...rounds.map((name): [string, number] => [name, 3])));
  await Promise.all(both.map(({ keeper }) => keeper.close()));
});
