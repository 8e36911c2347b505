import {
  type AntennaCounts,
  brokenSums,
  filterRules,
  type Outcome,
  outcomes,
  type ReaderCounts,
  strayReasons,
} from "@tagwire/messages";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AntennaColumn, AntennaTallies } from "./antenna-ledger.ts";
import {
  awaitSave,
  beginSave,
  type Carried,
  cancelSave,
  countFrame,
  countMalformed,
  countsOf,
  endSave,
  type FrameTally,
  isSettled,
  type LedgerSave,
  learn,
  openLedger,
  pendingOf,
  type SavedLedger,
  saveOf,
} from "./ledger.ts";

const empty: SavedLedger = {
  version: 0,
  frames: 0,
  malformed: 0,
  reads: 0,
  filtered: 0,
  observed: 0,
  observations: 0,
  accepted: 0,
  alreadyApplied: 0,
  rejected: 0,
  quarantined: 0,
  antennas: {},
};

/** A row of before antennas were counted. */
const earlier: SavedLedger = {
  ...empty,
  ...{ frames: 9, reads: 30, filtered: 10, observed: 20, observations: 12, accepted: 4, quarantined: 1 },
};

/** What `antenna_sum` does. */
const antennaSum = (left: AntennaTallies, right: AntennaTallies): AntennaTallies => {
  const sum = structuredClone(left) as Record<string, Partial<Record<AntennaColumn, number>>>;
  for (const [port, counts] of Object.entries(right))
    for (const [column, count] of Object.entries(counts) as [AntennaColumn, number][]) {
      sum[port] ??= {};
      sum[port][column] = (sum[port][column] ?? 0) + count;
    }
  return sum;
};

/** What the statement of a save does to the row. */
const saved = (row: SavedLedger, save: LedgerSave): SavedLedger => ({
  ...row,
  version: row.version + 1,
  frames: row.frames + save.frames,
  malformed: row.malformed + save.malformed,
  reads: row.reads + save.filtered + save.observed,
  filtered: row.filtered + save.filtered,
  observed: row.observed + save.observed,
  observations: row.observations + save.observations,
  rejected: row.rejected + save.rejected,
  antennas: antennaSum(row.antennas, save.antennas),
});

/** The ports that have something pending; undefined is what was saved before observations had a port. */
const pendingPorts = (row: SavedLedger): (string | undefined)[] => {
  const pendingOfPort = ({
    observations = 0,
    accepted = 0,
    alreadyApplied = 0,
    rejected = 0,
    quarantined = 0,
  }: AntennaTallies[string]) => observations - accepted - alreadyApplied - rejected - quarantined;
  const ports = Object.entries(row.antennas).filter(([, counts]) => pendingOfPort(counts) > 0);
  const attributed = ports.reduce((sum, [, counts]) => sum + pendingOfPort(counts), 0);
  return [...ports.map(([port]) => port), ...(pendingOf({ saved: row }) > attributed ? [undefined] : [])];
};

/** What the statement of a confirmation does to the row. */
const taken = (row: SavedLedger, outcome: Outcome, which: number): SavedLedger => {
  const ports = pendingPorts(row);
  if (ports.length === 0) return row;
  const port = ports[which % ports.length];
  const column = outcome === "already_applied" ? "alreadyApplied" : outcome;
  return {
    ...row,
    version: row.version + 1,
    [column]: row[column] + 1,
    antennas: port === undefined ? row.antennas : antennaSum(row.antennas, { [port]: { [column]: 1 } }),
  };
};

/** Ports that readers have, and some that none has. */
const antenna = fc.constantFrom(1, 2, 3, 64, 0, 65, 40_000, 1.5);
const filteredBy = fc.dictionary(fc.constantFrom(...filterRules), fc.nat(4), { noNullPrototype: true });
const tally = fc
  .record({ antenna, held: fc.nat(9), filtered: filteredBy })
  .map(({ antenna: of, held, filtered }): FrameTally & { held: number } => ({
    antenna: of,
    held,
    reads: held + Object.values(filtered).reduce((sum, count) => sum + count, 0),
    filtered,
  }));
const stray = fc.option(fc.constantFrom(...strayReasons), { nil: undefined });
const which = fc.nat();

const act = fc.oneof(
  fc.record({ kind: fc.constant("frame" as const), tallies: fc.array(tally, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("malformed" as const) }),
  fc.record({ kind: fc.constant("observe" as const), antenna, stray, upTo: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("begin" as const), isRejected: fc.boolean() }),
  fc.record({ kind: fc.constant("commit" as const) }),
  fc.record({ kind: fc.constant("answer" as const) }),
  fc.record({ kind: fc.constant("refuse" as const) }),
  fc.record({ kind: fc.constant("stranger" as const), reads: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("taken" as const), outcome: fc.constantFrom<Outcome>(...outcomes), which }),
  fc.record({ kind: fc.constant("hear" as const), which }),
  fc.record({ kind: fc.constant("kill" as const), isCommittedLater: fc.boolean() }),
);
type Act = typeof act extends fc.Arbitrary<infer Some> ? Some : never;

const shownPort = (of: number): string =>
  Number.isInteger(of) && of >= 1 && of <= 64 ? String(of) : "unattributed";

/** A reader, what its windows hold, and a Postgres that answers when the test says so. */
const createWorld = (start: SavedLedger) => {
  let ledger = openLedger(start);
  /** Every state of the row that an answer may still tell. */
  const rows = [start];
  const row = () => rows.at(-1) ?? start;
  let heldBy = new Map<number, number>();
  let waiting: Carried[] = [];
  let sent: { save: LedgerSave; carries: Carried[]; committed: SavedLedger | undefined } | undefined;
  /** What was heard by whom, as far as it is not lost; strangers hear at antenna 1. */
  let heard = new Map<string, number>();
  let heardByStrangers = 0;
  const hearing = (port: string, reads: number) => void heard.set(port, (heard.get(port) ?? 0) + reads);

  const observe = ({ antenna: named, stray: why, upTo }: Act & { kind: "observe" }) => {
    const readsBy = new Map<number, number>();
    for (const [of, held] of heldBy) {
      const reads = Math.min(held, upTo);
      readsBy.set(of, reads);
      if (held === reads) heldBy.delete(of);
      else heldBy.set(of, held - reads);
    }
    if (readsBy.size === 0) return;
    waiting.push({ antenna: named, readsBy, stray: why });
    ledger = awaitSave(ledger, readsBy);
  };
  const begin = (isRejected: boolean) => {
    if (sent !== undefined) return;
    const save = saveOf(ledger, waiting, { isRejected });
    ledger = beginSave(ledger, save);
    sent = { save, carries: waiting, committed: undefined };
    waiting = [];
  };
  const commit = () => {
    if (sent === undefined || sent.committed !== undefined) return;
    rows.push(saved(row(), sent.save));
    sent.committed = row();
  };
  const answer = () => {
    if (sent?.committed === undefined) return;
    ledger = endSave(ledger, sent.committed);
    sent = undefined;
  };
  const refuse = () => {
    if (sent === undefined || sent.committed !== undefined) return;
    ledger = cancelSave(ledger);
    waiting = [...sent.carries, ...waiting];
    sent = undefined;
  };
  const stranger = (reads: number) => {
    const other = countFrame(openLedger(row()), [{ antenna: 1, reads, filtered: {} }]);
    rows.push(saved(row(), saveOf(other, [{ antenna: 1, readsBy: new Map([[1, reads]]) }])));
    hearing("1", reads);
    heardByStrangers += reads;
  };
  /** Everything in memory is gone; the save that was on its way is in Postgres, or never will be. */
  const kill = (isCommittedLater: boolean) => {
    if (isCommittedLater) commit();
    sent = undefined;
    waiting = [];
    heldBy = new Map();
    ledger = openLedger(row());
    heardByStrangers = 0;
    const { antennas = {} } = countsOf(ledger, new Map());
    heard = new Map(Object.entries(antennas).map(([port, { reads }]) => [port, reads]));
  };

  kill(false);
  return {
    act: (one: Act) => {
      if (one.kind === "frame") {
        ledger = countFrame(ledger, one.tallies);
        for (const { antenna: of, held, reads } of one.tallies) {
          hearing(shownPort(of), reads);
          if (held > 0) heldBy.set(of, (heldBy.get(of) ?? 0) + held);
        }
      } else if (one.kind === "malformed") ledger = countMalformed(ledger);
      else if (one.kind === "observe") observe(one);
      else if (one.kind === "begin") begin(one.isRejected);
      else if (one.kind === "commit") commit();
      else if (one.kind === "answer") answer();
      else if (one.kind === "refuse") refuse();
      else if (one.kind === "stranger") stranger(one.reads);
      else if (one.kind === "taken") rows.push(taken(row(), one.outcome, one.which));
      else if (one.kind === "hear") ledger = learn(ledger, rows[one.which % rows.length] ?? start);
      else kill(one.isCommittedLater);
    },
    counts: () => countsOf(ledger, heldBy),
    saved: () => ledger.saved,
    row,
    hasSent: () => sent !== undefined,
    heard: () => ({
      all: [...heard.values()].reduce((sum, reads) => sum + reads, 0),
      heardByStrangers,
      by: heard,
    }),
    /** The last answer of Postgres comes in. */
    settle: () => {
      ledger = learn(ledger, row());
    },
  };
};

const rising = ["frames", "malformed", "reads", "filtered", "observed", "observations"] as const;
const fallen = (before: ReaderCounts, after: ReaderCounts): string[] => [
  ...rising.filter((column) => after[column] < before[column]),
  ...Object.entries(after.antennas ?? {}).flatMap(([port, counts]) => {
    const was: Partial<AntennaCounts> = before.antennas?.[port] ?? {};
    return rising
      .filter((column) => column !== "frames" && column !== "malformed")
      .filter((column) => counts[column] < (was[column] ?? 0))
      .map((column) => `${port}: ${column}`);
  }),
];

describe.each([
  { what: "of a new reader", start: empty },
  { what: "that was kept before antennas were counted", start: earlier },
])("a ledger $what", ({ start }) => {
  test("adds up and never falls, whenever and in whatever order Postgres's answers come in, and over kills", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
        const world = createWorld(start);
        let before = world.counts();
        for (const one of acts) {
          world.act(one);
          const counts = world.counts();
          expect(brokenSums(counts)).toEqual([]);
          const { unattributed: rest } = counts.antennas ?? {};
          expect(rest?.pending ?? 0).toBeGreaterThanOrEqual(0);
          const { all, heardByStrangers } = world.heard();
          expect(counts.reads).toBeLessThanOrEqual(all);
          expect(counts.reads).toBeGreaterThanOrEqual(all - heardByStrangers);
          // What a killed process held was never said to be kept.
          if (one.kind !== "kill") expect(fallen(before, counts)).toEqual([]);
          else expect(counts.observed).toBeGreaterThanOrEqual(before.observed);
          before = counts;
        }
        if (world.hasSent()) return;
        world.settle();
        expect(world.saved()).toEqual(world.row());
        const { antennas = {} } = world.counts();
        for (const [port, reads] of world.heard().by) expect(antennas[port]?.reads ?? 0).toBe(reads);
      }),
      { numRuns: 500 },
    );
  });
});

test("reads are their antenna's, by rule; the observation is the antenna's that it names, by reason and outcome", () => {
  let ledger = countFrame(openLedger(empty), [
    { antenna: 1, reads: 7, filtered: { impossible: 1, no_room: 2 } },
    { antenna: 2, reads: 5, filtered: {} },
    { antenna: 70, reads: 3, filtered: { unwanted: 3 } },
  ]);
  const one: Carried = {
    antenna: 1,
    readsBy: new Map([
      [1, 3],
      [2, 4],
    ]),
  };
  const other: Carried = { antenna: 2, readsBy: new Map([[2, 1]]), stray: "weak" };
  for (const { readsBy } of [one, other]) ledger = awaitSave(ledger, readsBy);
  const before = countsOf(ledger, new Map([[1, 1]]));
  expect(before.antennas).toMatchObject({
    1: { reads: 7, filtered: 3, filteredBy: { impossible: 1, no_room: 2 }, held: 4, observed: 0 },
    2: { reads: 5, filtered: 0, filteredBy: {}, held: 5, observed: 0 },
    unattributed: { reads: 3, filtered: 3, filteredBy: { unwanted: 3 }, held: 0, observations: 0 },
  });
  const save = saveOf(ledger, [one, other]);
  ledger = endSave(beginSave(ledger, save), taken(saved(empty, save), "quarantined", 1));
  const after = countsOf(ledger, new Map([[1, 1]]));
  expect(after.antennas).toMatchObject({
    1: { reads: 7, held: 1, observed: 3, observations: 1, pending: 1, strays: {} },
    2: { reads: 5, held: 0, observed: 5, observations: 1, pending: 0, quarantined: 1, strays: { weak: 1 } },
  });
  expect(after).toMatchObject({
    ...{ reads: 15, filtered: 6, held: 1, observed: 8, observations: 2, quarantined: 1, pending: 1 },
    filteredBy: { impossible: 1, no_room: 2, unwanted: 3 },
    strays: { weak: 1 },
  });
  expect([before, after].flatMap(brokenSums)).toEqual([]);
});

test("what was counted before antennas were is told as unattributed", () => {
  const counts = countsOf(
    countFrame(openLedger(earlier), [{ antenna: 4, reads: 2, filtered: {} }]),
    new Map([[4, 2]]),
  );
  expect(counts.filteredBy).toEqual({ unattributed: 10 });
  const { unattributed: rest, ...ports } = counts.antennas ?? {};
  expect(Object.keys(ports)).toEqual(["4"]);
  expect(rest).toEqual({
    ...{ reads: 30, filtered: 10, held: 0, observed: 20 },
    ...{ observations: 12, accepted: 4, alreadyApplied: 0, rejected: 0, quarantined: 1, pending: 7 },
    filteredBy: { unattributed: 10 },
    strays: {},
  });
});

test("a reader that is gone from Postgres takes along what a save would have counted", () => {
  const carried: Carried = { antenna: 1, readsBy: new Map([[1, 3]]) };
  let ledger = countFrame(openLedger(empty), [{ antenna: 1, reads: 5, filtered: { impossible: 2 } }]);
  ledger = awaitSave(ledger, carried.readsBy);
  ledger = beginSave(ledger, saveOf(ledger, [carried]));
  expect(isSettled(ledger)).toBe(false);
  ledger = endSave(ledger, undefined);
  expect(isSettled(ledger)).toBe(true);
  expect(countsOf(ledger, new Map())).toMatchObject({
    reads: 0,
    held: 0,
    observed: 0,
    pending: 0,
    antennas: {},
  });
});
