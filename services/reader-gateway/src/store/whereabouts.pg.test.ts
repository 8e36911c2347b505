import { randomUUID } from "node:crypto";
import { partitionOf } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  deltaOf,
  losingAnswers,
  observation,
  type SpoolGround,
  site,
  spoolGround,
} from "../spool/test-spool.ts";
import { saveObservations } from "./saves.ts";
import { findWhereabouts, forgetWhereabouts, type KeptWhereabout } from "./whereabouts.ts";

const anHourMs = 3_600_000;
const nowMs = Date.now();

let at: SpoolGround;
beforeAll(async () => {
  at = await spoolGround();
});
afterAll(() => at[Symbol.asyncDispose]());

const where = (name: string, place: string, more: Partial<KeptWhereabout> = {}): KeptWhereabout => ({
  ...{ name, place, meanDbm: -60.5, sinceAtMs: nowMs - 5_000, saidAtMs: nowMs, untilAtMs: nowMs + anHourMs },
  ...more,
});
/** Saves an observation for each of these, in one save of a keeper of its own. */
const save = (reader: number, all: readonly KeptWhereabout[], { sql } = at) =>
  saveObservations(
    sql,
    { keeper: randomUUID(), save: 1 },
    [deltaOf(reader, { observed: all.length, observations: all.length })],
    all.map((whereabout) => ({ reader, observation: observation(whereabout.name), whereabout })),
  );
const found = async (eachMax = 100) =>
  [...(await findWhereabouts(at.sql, partitionOf(site), eachMax))].map(([reader, own]) => ({ reader, own }));

test("where a tag was said to be last is known, whichever reader says it and however late a save comes", async () => {
  const { number } = at.stored;
  const other = (await at.insert("wash")).number;
  await save(number, [
    where("AA", "gate"),
    where("BB", "gate", { saidAtMs: nowMs + 2 }),
    where("AA", "hall", { saidAtMs: nowMs + 1 }),
  ]);
  const hall = where("AA", "hall", { saidAtMs: nowMs + 1 });
  expect(await found()).toEqual([
    {
      reader: number,
      own: [
        { reader: number, ...hall },
        { reader: number, ...where("BB", "gate", { saidAtMs: nowMs + 2 }) },
      ],
    },
  ]);
  const washed = where("AA", "wash", { saidAtMs: nowMs + 3 });
  await save(other, [washed]);
  // A former owner that was held up.
  await save(number, [hall]);
  expect((await found()).find(({ reader }) => reader === other)?.own).toEqual([{ reader: other, ...washed }]);
  expect((await found()).flatMap(({ own }) => own)).toHaveLength(2);
});

test("a save that is made again, because its answer was lost, keeps nothing twice", async () => {
  const lossy = { ...at, sql: losingAnswers(at.sql, (nth) => nth === 1) };
  const { number } = await at.insert("lossy");
  await expect(save(number, [where("CC", "gate")], lossy)).rejects.toThrow("lost");
  await save(number, [where("CC", "gate")]);
  expect((await found()).find(({ reader }) => reader === number)?.own).toHaveLength(1);
});

test("what nobody believes any more is not found, and goes with what is beyond the bound", async () => {
  const { number } = await at.insert("many");
  const many = ["A1", "A2", "A3", "A4"].map((name, index) =>
    where(name, "gate", { saidAtMs: nowMs + index }),
  );
  await save(number, [...many, where("OLD", "gate", { untilAtMs: nowMs - 1 })]);
  const own = async (eachMax?: number) =>
    (await found(eachMax)).find(({ reader }) => reader === number)?.own.map(({ name }) => name);
  expect(await own()).toEqual(["A1", "A2", "A3", "A4"]);
  expect(await own(3)).toEqual(["A2", "A3", "A4"]);
  await forgetWhereabouts(at.sql, 3);
  const rows = await at.sql<
    { name: string }[]
  >`select name from whereabout where reader = ${number} order by name`;
  expect(rows.map(({ name }) => name)).toEqual(["A2", "A3", "A4"]);
});

test("what a save is writing is forgotten without waiting for it, the next time", async () => {
  const { number } = await at.insert("busy");
  const old = { untilAtMs: nowMs - 1 };
  await save(
    number,
    ["B1", "B2", "B3"].map((name) => where(name, "gate", old)),
  );
  const names = async () => {
    const rows = await at.sql<{ name: string }[]>`select name from whereabout where reader = ${number}`;
    return rows.map(({ name }) => name).toSorted();
  };
  await at.sql.begin(async (writing) => {
    await writing`update whereabout set mean_dbm = -40 where reader = ${number} and name = 'B2'`;
    await forgetWhereabouts(at.sql, 3);
    expect(await names()).toEqual(["B2"]);
  });
  await forgetWhereabouts(at.sql, 3);
  expect(await names()).toEqual([]);
});
