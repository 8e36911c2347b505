import { randomUUID } from "node:crypto";
import { brokenSums, type Outcome, outcomes } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { countsOf, openLedger } from "../actors/ledger.ts";
import { deltaOf, observation, site, spoolGround } from "../spool/test-spool.ts";
import { type LedgerRows, ledgerOf } from "./ledgers.ts";
import { removeTaken } from "./observations.ts";
import { findReader } from "./readers.ts";
import { saveObservations } from "./saves.ts";

const countsIn = (ledgers: LedgerRows) =>
  [...ledgers.values()].map((row) => countsOf(openLedger(row), new Map()));

/** A save of one observation at one antenna, with three reads and one more that was filtered. */
const saveAt = (antenna: number, number: number) => {
  const one = { ...observation(`AT${antenna}`, 3), id: observation("").id, antenna };
  const { antennas, ...delta } = deltaOf(number, { frames: 1, filtered: 1, observed: 3, observations: 1 });
  return {
    id: one.id,
    delta: { ...delta, antennas: { [antenna]: antennas[1] ?? {} } },
    new: { reader: number, observation: one },
  };
};

test("each answer adds up, also of statements that waited for one another at different antennas", async () => {
  await using at = await spoolGround();
  const { number } = at.stored;
  const first = saveAt(1, number);
  await saveObservations(at.sql, { keeper: randomUUID(), save: 1 }, [first.delta], [first.new]);

  // Holds the row, and puts antenna 2 into it for the first time, while others have begun to wait.
  const holder = await at.sql.reserve();
  await holder`begin`;
  const second = saveAt(2, number);
  await saveObservations(holder, { keeper: randomUUID(), save: 1 }, [second.delta], [second.new]);
  const third = saveAt(3, number);
  const saving = saveObservations(at.sql, { keeper: randomUUID(), save: 1 }, [third.delta], [third.new]);
  const taking = removeTaken(at.sql, site, [{ id: first.id, outcome: "accepted" }]);
  await eventually("both wait", async () => {
    const waiting = await at.sql`select from pg_stat_activity where wait_event_type = 'Lock'
      and datname = current_database()`;
    return waiting.length === 2;
  });
  await holder`commit`;
  holder.release();
  const answers = [...countsIn((await saving).ledgers), ...countsIn(await taking)];
  expect(answers).toHaveLength(2);
  for (const counts of answers) {
    expect(brokenSums(counts)).toEqual([]);
    expect(counts.antennas).toMatchObject({ 1: { observed: 3 }, 2: { observed: 3 } });
    expect(counts.antennas).not.toHaveProperty("unattributed");
  }
  const stored = await findReader(at.sql, site, "dock");
  expect(stored?.antennaCounts).toEqual(
    Object.fromEntries(
      [1, 2, 3].map((port) => [
        port,
        {
          ...{ reads: 4, filtered: 1, "filtered.impossible": 1, observed: 3, observations: 1, rejected: 0 },
          ...(port === 1 ? { accepted: 1 } : {}),
        },
      ]),
    ),
  );
});

test("what was kept before antennas were counted is taken out of what is unattributed", async () => {
  await using at = await spoolGround();
  const { number } = at.stored;
  const saves = outcomes.map((_, index) => saveAt(1 + (index % 2), number));
  for (const [index, one] of saves.entries())
    await saveObservations(at.sql, { keeper: randomUUID(), save: 1 + index }, [one.delta], [one.new]);
  // As a version leaves it that knows no antennas.
  await at.sql`update reader set antenna_counts = '{}'`;
  await at.sql`update observation set port = null`;
  const fresh = saveAt(2, number);
  await saveObservations(at.sql, { keeper: randomUUID(), save: 1 }, [fresh.delta], [fresh.new]);
  const decided = saves.map(({ id }, index) => ({ id, outcome: outcomes[index] as Outcome }));
  const [counts] = countsIn(await removeTaken(at.sql, site, decided));
  expect(counts === undefined ? ["none"] : brokenSums(counts)).toEqual([]);
  const each = { accepted: 1, alreadyApplied: 1, rejected: 1, quarantined: 1 };
  expect(counts?.antennas).toMatchObject({
    2: { reads: 4, observations: 1, accepted: 0, pending: 1 },
    unattributed: {
      reads: 16,
      filtered: 4,
      filteredBy: { unattributed: 4 },
      observations: 4,
      ...each,
      pending: 0,
    },
  });
  expect(Object.keys(counts?.antennas ?? {})).toHaveLength(2);
});

test("an older version that saves and takes beside a newer one is not refused, and what it did is unattributed", async () => {
  await using at = await spoolGround();
  const { number } = at.stored;
  const one = saveAt(1, number);
  await saveObservations(at.sql, { keeper: randomUUID(), save: 1 }, [one.delta], [one.new]);
  await at.sql`update reader set reads = reads + 5, observed = observed + 5, observations = observations + 2`;
  await at.sql`delete from observation where id = ${one.id}`;
  await at.sql`update reader set accepted = accepted + 1`;
  const other = saveAt(1, number);
  const { ledgers } = await saveObservations(
    at.sql,
    { keeper: randomUUID(), save: 1 },
    [other.delta],
    [other.new],
  );
  const [counts] = countsIn(ledgers);
  expect(counts === undefined ? ["none"] : brokenSums(counts)).toEqual([]);
  expect(counts).toMatchObject({ observations: 4, accepted: 1, pending: 3 });
  expect(counts?.antennas).toMatchObject({
    1: { observations: 2, accepted: 0, pending: 2 },
    unattributed: { reads: 5, observations: 2, accepted: 1, pending: 1 },
  });
});

test.each([
  { what: "a read in no column", antennas: { 1: { reads: 2, observed: 1 } } },
  { what: "a filtered read without a rule", antennas: { 1: { reads: 1, filtered: 1 } } },
  { what: "more outcomes than observations", antennas: { 1: { observations: 1, accepted: 1, rejected: 1 } } },
  { what: "more strays than observations", antennas: { 1: { observations: 1, "stray.weak": 2 } } },
  { what: "less than none", antennas: { 1: { reads: -1, observed: -1 }, 2: { reads: 1, observed: 1 } } },
  {
    what: "more than the reader has, over its antennas",
    antennas: { 1: { reads: 2, observed: 2 }, 2: { reads: 2, observed: 2 } },
  },
])("Postgres refuses $what", async ({ antennas }) => {
  await using at = await spoolGround();
  await at.sql`update reader set reads = 3, observed = 3, observations = 3, accepted = 1, rejected = 1`;
  const put = (counts: unknown) =>
    at.sql`update reader set antenna_counts = ${JSON.stringify(counts)}::text::jsonb`;
  await put({
    1: { reads: 2, observed: 2, observations: 2, "stray.weak": 1, accepted: 1 },
    2: { reads: 1, observed: 1 },
  });
  await expect(put(antennas)).rejects.toMatchObject({ code: "23514", constraint_name: "antennas_add_up" });
});

test("an antenna that no reader can have is counted as none, and the row does not grow", async () => {
  await using at = await spoolGround();
  const stored = await findReader(at.sql, site, "dock");
  if (stored === undefined) throw new Error("gone");
  const far = { ...observation("FAR"), antenna: 65_000 };
  const delta = deltaOf(stored.number, { observed: 1, observations: 1 });
  const none = { ...delta, antennas: { 0: delta.antennas[1] ?? {} } };
  await saveObservations(
    at.sql,
    { keeper: randomUUID(), save: 1 },
    [none],
    [{ reader: stored.number, observation: far }],
  );
  const [counts] = countsIn(await removeTaken(at.sql, site, [{ id: far.id, outcome: "rejected" }]));
  expect(counts?.antennas).toMatchObject({ unattributed: { observations: 1, rejected: 1, pending: 0 } });
  const after = await findReader(at.sql, site, "dock");
  expect(after === undefined ? undefined : ledgerOf(after).antennas).toHaveProperty("0");
});
