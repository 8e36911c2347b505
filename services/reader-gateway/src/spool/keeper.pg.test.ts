import { randomUUID } from "node:crypto";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { countFrame, countMalformed } from "../actors/ledger.ts";
import { findAfter, removeTaken } from "../store/observations.ts";
import { findReader } from "../store/readers.ts";
import { saveObservations } from "../store/saves.ts";
import {
  deltaOf,
  heard,
  losingAnswers,
  observation,
  site,
  spoolGround,
  tally,
  testKeeper,
} from "./test-spool.ts";

test("what is kept comes back as it was, in the order in which it was added", async () => {
  await using at = await spoolGround();
  const { number } = at.stored;
  const all = ["CC", "AA", "BB"].map((tag, index) => ({
    ...observation(tag, index + 1),
    ...(tag === "AA" ? { isIso: true as const } : {}),
  }));
  const delta = deltaOf(number, { frames: 2, malformed: 1, filtered: 4, observed: 6, observations: 3 });
  const saved = await saveObservations(
    at.sql,
    { keeper: randomUUID(), save: 1 },
    [delta],
    all.map((one) => ({ reader: number, observation: one })),
  );
  expect(saved.isFirst).toBe(true);
  const rows = await findAfter(at.sql, site, { afterSeq: 0, limit: 10 });
  expect(rows.map((row) => row.observation)).toEqual(all);
  expect(rows.map(({ seq }) => seq)).toEqual(all.map(({ id }) => saved.seqs.get(id)));
  const stored = { reads: 10, filtered: 4, observed: 6, frames: 2, malformed: 1, observations: 3 };
  expect(await findReader(at.sql, site, "dock")).toMatchObject(stored);
  expect(saved.ledgers.get(number)).toMatchObject({ version: 1, ...stored });
});

test("the same save a second time does nothing, also when the first is still under way or a later one was made", async () => {
  await using at = await spoolGround();
  const { number } = at.stored;
  const keeper = randomUUID();
  const delta = deltaOf(number, { frames: 1, observed: 1, observations: 1 });
  const [one, other] = [observation("AA"), observation("BB")];
  const first = await at.sql.reserve();
  await first`begin`;
  await saveObservations(first, { keeper, save: 1 }, [delta], [{ reader: number, observation: one }]);
  const repeat = saveObservations(
    at.sql,
    { keeper, save: 1 },
    [delta],
    [{ reader: number, observation: one }],
  );
  await eventually("the repeat waits", async () => {
    const waiting = await at.sql`select from pg_stat_activity where wait_event_type = 'Lock'
      and datname = current_database()`;
    return waiting.length === 1;
  });
  await first`commit`;
  first.release();
  const nothingDone = { isFirst: false, ledgers: new Map(), seqs: new Map() };
  expect(await repeat).toEqual(nothingDone);
  await saveObservations(at.sql, { keeper, save: 2 }, [delta], [{ reader: number, observation: other }]);
  const late = { reader: number, observation: observation("LATE") };
  expect(await saveObservations(at.sql, { keeper, save: 1 }, [delta], [late])).toEqual(nothingDone);
  expect(await findReader(at.sql, site, "dock")).toMatchObject({ reads: 2, observations: 2 });
  expect(await at.sql`select from observation`).toHaveLength(2);
});

test("a save whose answers are lost counts once, and is looked up in Postgres to be sent", async () => {
  await using at = await spoolGround();
  // Of the first save, of looking it up, and of looking it up once more.
  const lost = [1, 3, 5];
  const { keeper, tags, unseen } = testKeeper(losingAnswers(at.sql, (nth) => lost.includes(nth)));
  const dock = keeper.open(at.stored);
  dock.ledger = countFrame(dock.ledger, [tally(3)]);
  keeper.add(dock, [heard("AA"), heard("BB", 2)]);
  await eventually("kept", () => dock.ledger.waitingReads === 0);
  expect({ unseen, tags }).toEqual({ unseen: [site], tags: [] });
  const counts = { frames: 1, reads: 3, observed: 3, observations: 2 };
  expect(dock.ledger.saved).toMatchObject(counts);
  expect(await findReader(at.sql, site, "dock")).toMatchObject(counts);
  expect(await at.sql`select from observation`).toHaveLength(2);
  await keeper.close();
});

test("what operations has taken before the answer of the save comes is not counted before it", async () => {
  await using at = await spoolGround();
  const { keeper } = testKeeper(losingAnswers(at.sql, (nth) => nth <= 2));
  const dock = keeper.open(at.stored);
  const one = heard("AA");
  dock.ledger = countFrame(dock.ledger, [tally(1)]);
  keeper.add(dock, [one]);
  await eventually("in Postgres", async () => (await at.sql`select from observation`).length === 1);
  await removeTaken(at.sql, site, [{ id: one.observation.id, outcome: "accepted" }]);
  await eventually("settled", () => keeper.settled([dock], 1_000));
  expect(dock.ledger.saved).toMatchObject({ reads: 1, observations: 1, accepted: 1 });
  await keeper.close();
});

test("counters that no observation carries are saved at the end", async () => {
  await using at = await spoolGround();
  const { keeper } = testKeeper(at.sql);
  const dock = keeper.open(at.stored);
  dock.ledger = countMalformed(countMalformed(countFrame(dock.ledger, [tally(3, { unwanted: 3 })])));
  keeper.touch(dock);
  await keeper.close();
  expect(await findReader(at.sql, site, "dock")).toMatchObject({
    frames: 1,
    malformed: 2,
    reads: 3,
    filtered: 3,
  });
});

test("saving and letting go of the same readers do not block each other", async () => {
  await using at = await spoolGround();
  const numbers = [at.stored.number, (await at.insert("gate")).number];
  const [early, late] = numbers as [number, number];
  const keeper = randomUUID();
  const all = numbers.map((reader) => ({ reader, observation: observation("AA") }));
  const deltas = numbers.map((number) => deltaOf(number, { observed: 1, observations: 1 }));
  await saveObservations(at.sql, { keeper, save: 1 }, deltas, all);

  // A scan of the table meets the reader with the higher number first from here on.
  await at.sql`update reader set station = 'moved' where number = ${early}`;

  // Whoever comes first waits for the reader with the lower number, and holds nothing that the other needs meanwhile.
  const holder = await at.sql.reserve();
  await holder`begin`;
  await holder`select from reader where number = ${early} for update`;
  const more = [late, early].map((reader) => ({ reader, observation: observation("BB") }));
  const saving = saveObservations(at.sql, { keeper, save: 2 }, [...deltas].reverse(), more);
  const letting = removeTaken(
    at.sql,
    site,
    all.toReversed().map(({ observation: { id } }) => ({ id, outcome: "accepted" as const })),
  );
  await eventually("both wait", async () => {
    const waiting = await at.sql`select from pg_stat_activity where wait_event_type = 'Lock'
      and datname = current_database()`;
    return waiting.length === 2;
  });
  expect(await at.sql`select from reader where number = ${late} for update skip locked`).toHaveLength(1);
  await holder`commit`;
  holder.release();
  await Promise.all([saving, letting]);
  expect(await at.sql`select observations, accepted from reader`).toEqual([
    { observations: 2, accepted: 1 },
    { observations: 2, accepted: 1 },
  ]);
});
