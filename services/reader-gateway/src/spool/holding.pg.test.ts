import { brokenSums, partitionOf } from "@tagwire/messages";
import { expect, test } from "vitest";
import { countFrame, countsOf, openLedger } from "../actors/ledger.ts";
import { takeUpHoldings } from "../store/holdings.ts";
import { ledgerOf } from "../store/ledgers.ts";
import { findReader } from "../store/readers.ts";
import type { Holding } from "./holding.ts";
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

const partition = partitionOf(site);
const enoughMs = 30_000;

const holds = (...reads: readonly (readonly [antenna: number, reads: number])[]): (() => Holding) => {
  const holding = { reads: new Map(reads), passed: 0, passing: () => [], hasUnsaid: false };
  return () => holding;
};

const stored = async (at: SpoolGround) => {
  const row = await findReader(at.sql, site, "dock");
  if (row === undefined) throw new Error("gone");
  return row;
};
/** The counts that a process would begin with that is started now. */
const counts = async (at: SpoolGround) => {
  const found = countsOf(openLedger(ledgerOf(await stored(at))), new Map());
  expect(brokenSums(found)).toEqual([]);
  return found;
};

/** A reader whose antennas 1 and 2 have heard ten reads that are in windows, which Postgres knows. */
const holding = async (keeper: Keeper, at: SpoolGround): Promise<KeptReader> => {
  const reader = keeper.open(await stored(at));
  reader.ledger = countFrame(reader.ledger, [tally(7), tally(3, {}, 2)]);
  reader.holding = holds([1, 7], [2, 3]);
  keeper.touch(reader);
  expect(await keeper.keptSoFar(reader, enoughMs)).toBe(true);
  return reader;
};
const takeUp = (at: SpoolGround, keeper: Keeper) =>
  takeUpHoldings(at.sql, { partition, keeper: keeper.name }, keeper.isWaiting);

test("what a killed process held is lost by antenna, once, however often it is looked for", async () => {
  await using at = await spoolGround();
  const [gone, next, last] = [testKeeper(at.sql), testKeeper(at.sql), testKeeper(at.sql)];
  await holding(gone.keeper, at);
  expect(await counts(at)).toMatchObject({ frames: 1, reads: 0 });
  expect((await takeUp(at, next.keeper)).get(at.stored.number)).toEqual({ lost: 10, passing: [] });
  for (const { keeper } of [next, last]) expect(await takeUp(at, keeper)).toEqual(new Map());
  expect(await counts(at)).toMatchObject({
    ...{ frames: 1, reads: 10, filtered: 10, filteredBy: { lost: 10 } },
    antennas: { 1: { filteredBy: { lost: 7 } }, 2: { filteredBy: { lost: 3 } } },
  });
  for (const { keeper } of [gone, next, last]) await keeper.close();
});

test("one that was only late takes back what was said to be lost, and says what it has", async () => {
  await using at = await spoolGround();
  const [late, next] = [testKeeper(losingAnswers(at.sql, (nth) => nth === 2)), testKeeper(at.sql)];
  const reader = await holding(late.keeper, at);
  await takeUp(at, next.keeper);
  expect(await counts(at)).toMatchObject({ reads: 10, filtered: 10 });
  reader.holding = holds([1, 1]);
  late.keeper.add(reader, [
    heard(
      "A",
      9,
      new Map([
        [1, 6],
        [2, 3],
      ]),
    ),
  ]);
  expect(await late.keeper.keptSoFar(reader, enoughMs)).toBe(true);
  expect(await counts(at)).toMatchObject({ reads: 9, filtered: 0, observed: 9, observations: 1 });
  reader.holding = holds();
  late.keeper.add(reader, [heard("A", 1)]);
  expect(await late.keeper.keptSoFar(reader, enoughMs)).toBe(true);
  expect(await counts(at)).toMatchObject({ reads: 10, filtered: 0, observed: 10, observations: 2 });
  expect(await takeUp(at, next.keeper)).toEqual(new Map());
  for (const { keeper } of [late, next]) await keeper.close();
});

test("what a process still has to save itself it does not take for lost", async () => {
  await using at = await spoolGround();
  const { keeper } = testKeeper(at.sql);
  const reader = await holding(keeper, at);
  await at.sql`alter table observation rename to observation_away`;
  reader.holding = holds();
  keeper.add(reader, [
    heard(
      "A",
      10,
      new Map([
        [1, 7],
        [2, 3],
      ]),
    ),
  ]);
  expect(await takeUp(at, keeper)).toEqual(new Map());
  await at.sql`alter table observation_away rename to observation`;
  expect(await keeper.settled([reader], enoughMs)).toBe(true);
  expect(await counts(at)).toMatchObject({ reads: 10, filtered: 0, observed: 10 });
  await keeper.close();
});
