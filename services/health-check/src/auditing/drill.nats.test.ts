import { answer, type Bus, openBus } from "@tagwire/bus";
import { bucketOf, keptBuckets } from "@tagwire/digest";
import {
  AskManagerAudit,
  AskOperationsAudit,
  AskRefold,
  AskVerifyLog,
  eventBlockPositions,
  formsVersion,
} from "@tagwire/messages";
import { quietLog, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { fingerprintOf } from "../actors/sighting.ts";
import { nothingBefore, type Standing } from "../actors/storm.ts";
import { openTurns } from "../actors/turns.ts";
import { drillDown } from "./drill.ts";
import { drillEvents } from "./drill-events.ts";

/* What stands behind buckets that differ: each of them is told of by itself, whatever is wrong in others. */

const stack = new AsyncDisposableStack();
const site = "north";
const head = 4 * eventBlockPositions;
const at = { epoch: 1, pos: head };
const bucketAt = (key: string | number): number => bucketOf(String(key), keptBuckets);
/** Many of one bucket. */
const crowded = "CROWDED";
const many = Array.from({ length: 120 }, (_, at) => `MANY-${at}`);
/** Tags that the manager has otherwise, buckets of which a side keeps other sums, and positions of which the hash is wrong. */
let [flipped, drifting, broken]: [string[], Record<string, number[]>, number[]] = [[], {}, []];
let bus: Bus;

beforeAll(async () => {
  const { url } = stack.use(await testNats());
  bus = await openBus({ url, name: "test", log: quietLog() });
  stack.defer(bus.close);
  for (const [side, { barrier, rows, recount }] of [
    ["operations", AskOperationsAudit],
    ["manager", AskManagerAudit],
  ] as const) {
    answer(bus, barrier, async () => ({ ...at, forms: formsVersion, digests: null }));
    answer(bus, rows, async ({ buckets }) => ({
      ...{ ...at, next: null },
      rows: ["A", "B", "C", ...many]
        .map((key) => ({
          key,
          bucket: bucketAt(many.includes(key) ? crowded : key),
          weight: 1,
          form: JSON.stringify([key]),
        }))
        .filter(({ bucket }) => buckets.includes(bucket))
        .map((row) =>
          side === "manager" && flipped.includes(row.key) ? { ...row, form: '["other"]' } : row,
        ),
    }));
    answer(bus, recount, async ({ buckets }) => ({
      ...{ ...at, rows: 1 },
      differ: (drifting[side] ?? [])
        .filter((bucket) => buckets.includes(bucket))
        .map((bucket) => ({ bucket, kept: "1:1:0:0:0", counted: "1:0:0:0:0" })),
    }));
  }
  // It is the record of these that is not what its events come to.
  answer(bus, AskRefold, async ({ key }) => ({
    ...{
      isSame: !many.includes(key),
      fields: [],
      row: null,
      folded: null,
      events: [],
      reads: [],
      clocks: {},
    },
  }));
  answer(bus, AskVerifyLog, async ({ after, limit }) => ({
    ...{ checked: limit, next: after + limit },
    broken: broken
      .filter((pos) => pos > after && pos <= after + limit)
      .map((pos) => ({ pos, why: "hash" as const })),
  }));
  await bus.connection.flush();
});
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  [flipped, drifting, broken] = [[], {}, []];
});

const drill = () => ({
  ...{ bus, site, standing: nothingBefore, appliedWithinMs: 5_000, read: () => {} },
  ...{ signal: new AbortController().signal, turns: openTurns({}) },
});
const told = (found: readonly { code: string; key: string }[]) =>
  found.map(({ code, key }) => `${code} ${key}`);

test("a row that differs hides neither sums that are wrong beside it nor those that have been put right", async () => {
  flipped = ["A"];
  drifting = { manager: [bucketAt("B")] };
  const found = await drillDown(drill(), { entity: "item", buckets: ["A", "B", "C"].map(bucketAt), rows: 3 });
  expect(told(found)).toEqual([
    "field_diff A",
    `digest_drift manager ${bucketAt("B")}`,
    `bucket_diff ${bucketAt("C")}`,
  ]);
});

test("in one bucket a row and its sums can both be wrong", async () => {
  flipped = ["A"];
  drifting = { operations: [bucketAt("A")] };
  const found = await drillDown(drill(), { entity: "item", buckets: [bucketAt("A")], rows: 1 });
  expect(told(found)).toEqual(["field_diff A", `digest_drift operations ${bucketAt("A")}`]);
});

test("an event that was changed, sums of others, events that lack there and sums of none are told beside each other", async () => {
  broken = [5];
  drifting = { operations: [bucketAt(1)] };
  const nowhere = [0, 1, 2].find((bucket) => ![0, 1, 2, 3].map(bucketAt).includes(bucket)) ?? 0;
  const barrier = { ...at, pos: head + 1 };
  const found = await drillEvents(drill(), barrier, [...[0, 1, 2].map(bucketAt), nowhere]);
  expect(told(found)).toEqual([
    "event_changed 1:5",
    `digest_drift operations ${bucketAt(1)}`,
    "events_not_applied block 2",
    `digest_drift manager ${nowhere}`,
  ]);
});

test("of very many blocks that differ each has its turn", async () => {
  const buckets = Array.from({ length: 130 }, (_, bucket) => bucket);
  const [seen, barrier] = [new Set<string>(), { ...at, pos: 1 }];
  let from = {};
  for (let audits = 0; audits < 3; audits += 1) {
    const turns = openTurns(from);
    for (const { key } of await drillEvents({ ...drill(), turns }, barrier, buckets)) seen.add(key);
    from = turns.from();
  }
  expect(seen.size).toBe(130);
});

test("where more rows differ than an audit may fold again, each is called by its right name within as many audits as that takes, and keeps it", async () => {
  flipped = many;
  let known: Standing["known"] = new Map();
  const unexplained: number[] = [];
  for (let audits = 0; audits < 4; audits += 1) {
    const found = await drillDown(
      { ...drill(), standing: { known, stormed: new Set() } },
      { entity: "item", buckets: [bucketAt(crowded)], rows: 3 },
    );
    // Among them the bucket, in which no row stands by its own name.
    expect(found.filter(({ code }) => code !== "bucket_diff")).toHaveLength(many.length);
    unexplained.push(found.filter(({ code }) => code === "state_unexplained").length);
    known = new Map(
      found.map((one) => [
        fingerprintOf(one),
        {
          ...one,
          remedy: one.remedy ?? "replay",
          state: "open" as const,
          firstSeenAt: "2026-05-04T08:00:00.000Z",
        },
      ]),
    );
  }
  expect(unexplained).toEqual([50, 100, 120, 120]);
});
