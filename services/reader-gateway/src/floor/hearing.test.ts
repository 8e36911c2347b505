import { brokenSums, type ReadRules, type Station } from "@tagwire/messages";
import { quietLog } from "@tagwire/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bindings, bindingsOf } from "../actors/binding.ts";
import { heardAgoMsMax } from "../actors/heard-at.ts";
import { newLateness } from "../actors/lateness.ts";
import { awaitSave, openLedger, type SavedLedger } from "../actors/ledger.ts";
import { defaultRule } from "../actors/read-rule.ts";
import { goOnAt, newWhereabouts } from "../actors/whereabouts.ts";
import type { TagRead } from "../drivers/driver.ts";
import type { KeptReader } from "../spool/kept-reader.ts";
import type { HeardObservation } from "../spool/save.ts";
import { begin, cancel, type Entry, type Part, partsOf, settle } from "../spool/save.ts";
import { createHearing } from "./hearing.ts";

const empty: SavedLedger = {
  ...{ version: 0, frames: 0, malformed: 0, reads: 0, filtered: 0, observed: 0, observations: 0 },
  ...{ accepted: 0, alreadyApplied: 0, rejected: 0, quarantined: 0, antennas: {} },
};

const gatePortal: Station = {
  id: "gate",
  mode: "portal",
  portal: { inside: "hall", outside: "yard", by: "antennas" },
  rules: {},
};
const wanted = "3039";

/** Antennas 1 and 2 are one place, 3 another, 4 and 5 the sides of a portal; all others are nowhere. */
const bound = (rules: ReadRules): Bindings =>
  bindingsOf(
    {
      antennas: [
        { port: 1, place: "dock" },
        { port: 2, place: "dock" },
        { port: 3, place: "wash" },
        { port: 4, station: "gate", side: "inside" },
        { port: 5, station: "gate", side: "outside" },
      ],
      station: null,
      rules,
    },
    new Map([["gate", gatePortal]]),
    { ...defaultRule, reReportMs: 1 },
  );
const ruleSets: readonly ReadRules[] = [
  {},
  { minReads: 3, minRssiDbm: -60 },
  { tags: [wanted] },
  { identity: "tid" },
  { identity: "both", tags: [wanted] },
];

const impossible = ["", "3".repeat(65)];
const possible = [`${wanted}01`, `${wanted}02`, `${wanted}03`, "E28001", "E28002"];
const chip = "E2801160600002";

const read: fc.Arbitrary<TagRead> = fc
  .record({
    epc: fc.constantFrom(...possible, ...impossible),
    antenna: fc.constantFrom(1, 2, 3, 4, 5, 9, 0, 70),
    rssiDbm: fc.constantFrom(null, -75, -55, -40),
    count: fc.integer({ min: 1, max: 9 }),
    hasChip: fc.boolean(),
  })
  .map(({ hasChip, ...one }) => ({ ...one, heardAtMs: Date.now(), ...(hasChip ? { tid: chip } : {}) }));

const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("frame" as const), reads: fc.array(read, { maxLength: 12 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "malformed" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "tick" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "release" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("bind" as const), rules: fc.constantFrom(...ruleSets) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("room" as const), room: fc.constantFrom(0, 1, 100) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("send" as const), most: fc.constantFrom(1, 100) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("answered" as const),
      how: fc.constantFrom("kept" as const, "kept twice" as const, "refused" as const),
    }),
  },
);

/** Why a read is filtered whatever room there is, told apart from the code that does it. */
const ruledOut = ({ epc, tid }: TagRead, { identity = "epc", tags = [] }: ReadRules): string | undefined => {
  if (identity === "tid" && tid === undefined) return "no_tid";
  const name = identity === "tid" ? (tid ?? "") : epc;
  if (impossible.includes(name)) return "impossible";
  return tags.length > 0 && !name.startsWith(wanted) ? "unwanted" : undefined;
};

/** A hearing whose observations wait for a Postgres that answers when the test says so. */
const createWorld = () => {
  const kept: KeptReader = { number: 1, site: "north", id: "dock", ledger: openLedger(empty) };
  let rules: ReadRules = {};
  let room = 100;
  let queue: Entry[] = [];
  let sent: readonly Part[] = [];
  let row = empty;
  const reads = new Map<string, number>();
  const ruled = new Map<string, number>();
  const count = (counts: Map<string, number>, of: string, by: number) =>
    void counts.set(of, (counts.get(of) ?? 0) + by);
  const hearing = createHearing({
    kept,
    bindings: bound(rules),
    log: quietLog(),
    windowsMax: 6,
    room: () => room,
    // As the keeper does.
    keep: (reader, heard) => {
      for (const one of heard) {
        reader.ledger = awaitSave(reader.ledger, one.readsBy);
        queue.push({ reader, ...one });
      }
    },
    counted: () => {},
  });

  const send = (most: number) => {
    if (sent.length > 0) return;
    sent = partsOf(queue.splice(0, most), [kept]);
    begin(sent);
  };
  const answered = (how: "kept" | "kept twice" | "refused") => {
    const parts = sent;
    sent = [];
    if (how === "refused") {
      cancel(parts);
      queue = [...parts.flatMap(({ entries }) => entries), ...queue];
      return;
    }
    for (const { save } of parts) {
      const sums = structuredClone(row.antennas) as Record<string, Record<string, number>>;
      for (const [port, counts] of Object.entries(save.antennas)) {
        sums[port] ??= {};
        for (const [name, n] of Object.entries(counts)) sums[port][name] = (sums[port][name] ?? 0) + n;
      }
      row = {
        ...row,
        version: row.version + 1,
        frames: row.frames + save.frames,
        malformed: row.malformed + save.malformed,
        reads: row.reads + save.filtered + save.observed,
        filtered: row.filtered + save.filtered,
        observed: row.observed + save.observed,
        observations: row.observations + save.observations,
        antennas: sums,
      };
    }
    // Of a save whose first answer was lost, the repeat says that it was made, and the row is looked up.
    const made = { isFirst: how === "kept", ledgers: new Map([[1, row]]), seqs: new Map() };
    settle(parts, made, made.ledgers);
  };

  return {
    counts: hearing.counts,
    reads,
    ruled,
    act: (one: typeof act extends fc.Arbitrary<infer Act> ? Act : never) => {
      if (one.kind === "frame") {
        for (const { antenna, count: times, ...told } of one.reads) {
          const port = antenna >= 1 && antenna <= 64 ? String(antenna) : "unattributed";
          count(reads, port, times);
          const why = ruledOut({ ...told, antenna, count: times }, rules);
          if (why !== undefined) count(ruled, `${port} ${why}`, times);
        }
        hearing.frame(one.reads, "llrp");
      } else if (one.kind === "malformed") hearing.malformed();
      else if (one.kind === "tick") hearing.tick();
      else if (one.kind === "release") hearing.release();
      else if (one.kind === "bind") {
        rules = one.rules;
        hearing.bind(bound(rules));
      } else if (one.kind === "room") room = one.room;
      else if (one.kind === "send") send(one.most);
      else answered(one.how);
    },
    /** The reader is stopped, and Postgres has all of it. */
    end: () => {
      hearing.drain();
      answered("refused");
      send(Number.POSITIVE_INFINITY);
      answered("kept");
    },
  };
};

test("whatever reads come, however they are held and saved, every read of every antenna is in one column", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const world = createWorld();
      for (const one of acts) {
        world.act(one);
        expect(brokenSums(world.counts())).toEqual([]);
      }
      world.end();
      const { antennas = {}, held, frames, malformed } = world.counts();
      expect(brokenSums(world.counts())).toEqual([]);
      expect({ held, frames, malformed }).toEqual({
        held: 0,
        frames: acts.filter(({ kind }) => kind === "frame").length,
        malformed: acts.filter(({ kind }) => kind === "malformed").length,
      });
      expect(new Map(Object.entries(antennas).map(([port, { reads }]) => [port, reads]))).toEqual(
        world.reads,
      );
      for (const [port, { filtered, filteredBy, observed, reads }] of Object.entries(antennas)) {
        const { no_room: noRoom = 0, ...ruled } = filteredBy;
        for (const rule of ["impossible", "unwanted", "no_tid"] as const)
          expect(ruled[rule] ?? 0).toBe(world.ruled.get(`${port} ${rule}`) ?? 0);
        expect(observed).toBe(reads - filtered);
        expect(noRoom).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 300 },
  );
});

/** A hearing of its own, what it keeps, and a way to say that a tag is heard just now. */
const listening = (more: Partial<Parameters<typeof createHearing>[0]>) => {
  const keptAll: HeardObservation[] = [];
  const hearing = createHearing({
    kept: { number: 1, site: "north", id: "dock", ledger: openLedger(empty) },
    bindings: bound({}),
    log: quietLog(),
    windowsMax: 6,
    room: () => 100,
    keep: (_reader, heard) => void keptAll.push(...heard),
    counted: () => {},
    ...more,
  });
  /** In the future is now, whichever of the two clocks was asked first. */
  const hear = (epc: string, antenna: number, rssiDbm: number) =>
    hearing.frame([{ epc, antenna, rssiDbm, count: 1, heardAtMs: Date.now() + 1_000 }], "llrp");
  return { hearing, keptAll, hear };
};

test("where a tag is by a clock that was ahead of ours holds it nowhere, and what is said here is said later", () => {
  const aheadMs = 60_000;
  const atMs = Date.now() + aheadMs;
  const [at, elsewhere] = ["AA01", "AA02"].map((name, index) => ({
    ...{ name, place: index === 0 ? "dock" : "nowhere any more", meanDbm: -55 },
    ...{ sinceAtMs: atMs, saidAtMs: atMs + index, untilAtMs: atMs + 700_000 },
  }));
  if (at === undefined || elsewhere === undefined) throw new Error("there are two");
  const { hear, keptAll } = listening({ whereaboutsKept: [at, elsewhere] });
  for (const epc of ["AA01", "AA01", "AA02"]) hear(epc, 3, -40);
  const facts = keptAll.flatMap(({ whereabout }) => whereabout ?? []);
  expect(facts.map(({ name, place }) => [name, place])).toEqual([
    ["AA01", "wash"],
    ["AA02", "wash"],
  ]);
  for (const { sinceAtMs, saidAtMs, untilAtMs } of facts) {
    expect(saidAtMs).toBeGreaterThanOrEqual(elsewhere.saidAtMs);
    expect(sinceAtMs).toBeLessThan(atMs);
    expect(untilAtMs).toBeLessThan(elsewhere.untilAtMs);
  }
});

test("tags that were silent for very long are forgotten as time passes", () => {
  const whereabouts = newWhereabouts(10);
  const { hearing, hear } = listening({ whereabouts });
  const longAgoMs = performance.now() - 2 * (defaultRule.departMs + heardAgoMsMax);
  goOnAt(
    whereabouts,
    { tag: "AA01", place: "dock", meanDbm: -55, sinceMs: longAgoMs },
    { nowMs: longAgoMs, lateness: newLateness() },
  );
  hear("AA02", 1, -55);
  hearing.tick();
  expect([...whereabouts.tracks.keys()]).toEqual(["AA02"]);
});
