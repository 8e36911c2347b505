import { type RecordedLine, type RecordedRead, ReplayedEvent, replayedReadsMax } from "@tagwire/messages";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { newRun, play, pushLimits } from "./player.ts";

const isEvent = Compile(ReplayedEvent);

const read = (heardMs: number): RecordedRead => ({
  ...{ epc: "30395DFA8109A98000000001", antenna: 1, rssiDbm: null, count: 1 },
  heardMs,
});
const frameAt = (atMs: number, reads = 1): RecordedLine => ({
  atMs,
  reads: Array.from({ length: reads }, () => read(atMs - 100)),
});

/** Plays with a clock of its own, which goes on by what is waited, and by `pushMs` with each push. */
const played = async (lines: readonly RecordedLine[], speed: number, pushMs = 0, pushesKept = 1_000) => {
  const pushes: { atMs: number; events: readonly ReplayedEvent[] }[] = [];
  let nowMs = 5_000;
  const run = newRun("run");
  const behindMs = await play(lines, {
    speed,
    run,
    push: async (events) => {
      pushes.push({ atMs: nowMs - 5_000, events });
      nowMs += pushMs;
      return pushes.length <= pushesKept;
    },
    nowMs: () => nowMs,
    wait: async (ms) => {
      nowMs += ms;
    },
    isStopped: () => pushes.length > pushesKept,
  });
  const events = pushes.flatMap(({ events }) => events);
  expect(events.every((event) => isEvent.Check(event))).toBe(true);
  expect(new Set(events.map(({ n }) => n)).size).toBe(events.length);
  return { pushes, events, behindMs, run };
};

test.each([
  { speed: 1, atMs: [0, 1_000, 3_000], ageMs: 100 },
  { speed: 10, atMs: [0, 100, 300], ageMs: 10 },
  { speed: 0.1, atMs: [0, 10_000, 30_000], ageMs: 1_000 },
])(
  "at speed $speed each frame comes when it is due, and its reads are as old as the speed makes them",
  async ({ speed, atMs, ageMs }) => {
    const { pushes, events, behindMs } = await played([frameAt(0), frameAt(1_000), frameAt(3_000)], speed);
    expect(pushes.map((push) => push.atMs)).toEqual(atMs);
    expect(events.map((event) => "reads" in event && event.reads[0]?.ageMs)).toEqual([ageMs, ageMs, ageMs]);
    expect(behindMs).toBe(0);
  },
);

test("as fast as it is taken, everything comes at once and in order, in pushes that have a bound", async () => {
  const lines = Array.from({ length: 1_000 }, (_, index) => frameAt(index * 1_000));
  const { pushes, events, behindMs } = await played(lines, Number.POSITIVE_INFINITY, 50);
  expect(pushes.map(({ events }) => events.length)).toEqual([
    pushLimits.eventsMax,
    pushLimits.eventsMax,
    200,
  ]);
  expect(events.map(({ n }) => n)).toEqual(lines.map((_, index) => index + 1));
  expect(events.every((event) => "reads" in event && event.reads[0]?.ageMs === 0)).toBe(true);
  expect(behindMs).toBe(0);
});

test("where pushes take long nothing is left out, and how far it fell behind is told", async () => {
  const lines = Array.from({ length: 10 }, (_, index) => frameAt(index * 100));
  const { events, behindMs, pushes } = await played(lines, 1, 1_000);
  expect(events).toHaveLength(10);
  expect(pushes).toHaveLength(2);
  expect(behindMs).toBe(900);
  expect(events.map((event) => "reads" in event && event.reads[0]?.ageMs)).toEqual([
    ...[100, 1_000, 900, 800, 700, 600, 500, 400, 300, 200],
  ]);
});

test("a frame of many reads is pushed in parts, and garbage and light barriers go along", async () => {
  const { events } = await played(
    [
      frameAt(0, replayedReadsMax * 2 + 1),
      { atMs: 1, malformed: "x".repeat(600), bytes: "00".repeat(2_000) },
      { atMs: 2, input: { port: 1, brokenMs: 1 } },
    ],
    1,
  );
  expect(events.map((event) => ("reads" in event ? event.reads.length : Object.keys(event)[2]))).toEqual([
    ...[replayedReadsMax, replayedReadsMax, 1],
    ...["malformed", "input"],
  ]);
});

test("what was stopped half way tells what was kept of it", async () => {
  const lines = [
    frameAt(0, replayedReadsMax + 1),
    { atMs: 10, malformed: "x", bytes: "00" },
    ...[frameAt(1_000, 3), frameAt(2_000, 5), frameAt(3_000)],
  ];
  const { run, pushes } = await played(lines, 1, 0, 3);
  expect(pushes).toHaveLength(4);
  // The last push was under way when it was stopped.
  expect(run).toMatchObject({ frames: 3, reads: replayedReadsMax + 1 + 3 });
});

const readsIn = (events: readonly ReplayedEvent[]): number =>
  events.reduce((sum, event) => sum + ("reads" in event ? event.reads.length : 0), 0);

test.each([
  { what: "of many reads", reads: Array.from({ length: 10_000 }, () => read(0)) },
  {
    what: "of long tags",
    reads: Array.from({ length: 1_500 }, () => ({
      ...read(0),
      epc: "AB".repeat(512),
      tid: "E2".repeat(512),
    })),
  },
])("a frame $what goes in several pushes, none larger than one body may be", async ({ reads }) => {
  const frame = { atMs: 0, reads };
  const { pushes, events } = await played([frameAt(0), frame, frameAt(1_000)], Number.POSITIVE_INFINITY);
  expect(readsIn(events)).toBe(reads.length + 2);
  for (const push of pushes) {
    expect(readsIn(push.events)).toBeLessThanOrEqual(pushLimits.readsMax);
    expect(Buffer.byteLength(JSON.stringify(push.events))).toBeLessThan(2 ** 20);
  }
  const numbers = events.map(({ n }) => n);
  expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
});
