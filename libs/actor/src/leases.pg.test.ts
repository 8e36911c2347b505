import { setTimeout as wait } from "node:timers/promises";
import { partitionCount } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { eventually, quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { claimLeases, everyPartitionHasAnOwner, type Leases, leaseTables } from "./leases.ts";

/** What happened to a partition at a process, and when, in ms of this process's monotonic clock. */
type Change = { readonly what: "gained" | "lost"; readonly partition: number; readonly atMs: number };
type Member = {
  readonly leases: Leases;
  readonly changes: Change[];
  readonly sql: Sql;
  readonly cut: () => Promise<void>;
};

const all = Array.from({ length: partitionCount }, (_, partition) => partition);

const testLeases = async () => {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase((url) => migrate(url, "leases", [leaseTables])));
  const log = quietLog();
  const opened = stack.move();
  const members: Member[] = [];
  const overlaps: number[] = [];
  // Every moment, each process is asked whether it may act: never may two for one partition.
  const watching = setInterval(() => {
    for (const partition of all)
      if (members.filter(({ leases }) => leases.epochOf(partition) !== undefined).length > 1)
        overlaps.push(partition);
  }, 1);
  opened.defer(() => clearInterval(watching));

  const join = async (
    owner: string,
    options: { ttlMs: number; gained?: (partition: number) => Promise<void> },
  ): Promise<Member> => {
    const store = await openStore({ url: database.url, schema: "leases", name: owner, log });
    opened.defer(store.close);
    const changes: Change[] = [];
    const note = (what: Change["what"], partition: number) =>
      void changes.push({ what, partition, atMs: performance.now() });
    const leases = await claimLeases({
      sql: store.sql,
      owner,
      log,
      ttlMs: options.ttlMs,
      gained: async (partition) => {
        await options.gained?.(partition);
        note("gained", partition);
      },
      lost: (partition) => note("lost", partition),
    });
    opened.defer(() => leases.stop().catch(() => {}));
    const member = { leases, changes, sql: store.sql, cut: store.close };
    members.push(member);
    return member;
  };
  return { join, overlaps, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};

const of = ({ changes }: Member, what: Change["what"]) => changes.filter((change) => change.what === what);
const partitionsOf = ({ leases }: Member) => leases.owned().toSorted((a, b) => a - b);

test("one process takes all, two share, and when one stops the other has all at once", async () => {
  await using site = await testLeases();
  const first = await site.join("first", { ttlMs: 900 });
  expect(partitionsOf(first)).toEqual(all);
  expect(await everyPartitionHasAnOwner(first.sql)).toBe(true);

  // Its lease is so long that only a hand-over, never running out, can pass its partitions on within this test.
  const second = await site.join("second", { ttlMs: 600_000 });
  await eventually("half given up", () => first.leases.owned().length === partitionCount / 2);
  const third = await site.join("third", { ttlMs: 900 });
  await eventually("a third each, rounded up", () =>
    [first, third].every(({ leases }) => leases.owned().length <= 6 && leases.owned().length > 0),
  );
  await second.leases.stop();
  await eventually(
    "the others have all",
    () => first.leases.owned().length + third.leases.owned().length === partitionCount,
  );
  expect([...partitionsOf(first), ...partitionsOf(third)].toSorted((a, b) => a - b)).toEqual(all);
  expect(second.leases.owned()).toEqual([]);
  await first.leases.stop();
  await eventually("the last one has all", () => third.leases.owned().length === partitionCount);
  expect(site.overlaps).toEqual([]);
});

test("a process that cannot renew gives up before another one takes over", async () => {
  await using site = await testLeases();
  const first = await site.join("first", { ttlMs: 900 });
  const second = await site.join("second", { ttlMs: 900 });
  await eventually("shared", () => second.leases.owned().length === 8 && first.leases.owned().length === 8);
  const epochs = new Map(all.map((partition) => [partition, first.leases.epochOf(partition)]));
  const orphans = partitionsOf(first);

  await first.cut();
  await eventually("taken over", () => second.leases.owned().length === partitionCount);
  for (const partition of orphans) {
    const lost = of(first, "lost").findLast((change) => change.partition === partition);
    const gained = of(second, "gained").findLast((change) => change.partition === partition);
    expect(lost?.atMs).toBeLessThanOrEqual(gained?.atMs ?? 0);
    expect(second.leases.epochOf(partition)).toBe((epochs.get(partition) ?? 0) + 1);
  }
  expect(first.leases.owned()).toEqual([]);
  expect(site.overlaps).toEqual([]);
});

test("a process that never came to renew what it claimed gives it up in time", async () => {
  await using site = await testLeases();
  const first = await site.join("first", { ttlMs: 600 });
  await first.cut();
  const second = await site.join("second", { ttlMs: 600 });
  await eventually("taken over", () => second.leases.owned().length === partitionCount);
  expect(first.leases.owned()).toEqual([]);
  expect(site.overlaps).toEqual([]);
});

test("a renewal that hangs does not keep a process in office", async () => {
  await using site = await testLeases();
  const member = await site.join("first", { ttlMs: 900 });
  await member.sql.begin(async (blocker) => {
    await blocker`lock table member in exclusive mode`;
    await eventually(
      "given up",
      () => member.leases.owned().length === 0 && of(member, "lost").length === partitionCount,
    );
  });
  await eventually("in office again", () => member.leases.owned().length === partitionCount);
  expect(of(member, "gained")).toHaveLength(2 * partitionCount);
});

test("a partition that could not be taken up is taken up again", async () => {
  await using site = await testLeases();
  let failures = 0;
  const joining = site.join("first", {
    ttlMs: 600,
    gained: async (partition) => {
      if (partition !== 5 || failures >= 2) return;
      failures += 1;
      throw new Error("the store was away");
    },
  });
  await expect(joining).rejects.toMatchObject({ code: "store.unreachable" });

  const second = await site.join("second", { ttlMs: 600 }).catch(() => site.join("third", { ttlMs: 600 }));
  await eventually("all served", () => of(second, "gained").length === partitionCount);
});

test("a partition that is lost and gained is first left, then entered", async () => {
  await using site = await testLeases();
  const running = new Set<number>();
  const broken: number[] = [];
  const member = await site.join("first", {
    ttlMs: 600,
    gained: async (partition) => {
      if (running.has(partition)) broken.push(partition);
      running.add(partition);
      await wait(5);
      running.delete(partition);
    },
  });
  for (let round = 0; round < 3; round += 1) {
    for (const partition of all) member.leases.lose(partition);
    expect(member.leases.owned()).toEqual([]);
    await eventually("back", () => member.leases.owned().length === partitionCount);
  }
  await eventually(
    "each entered as often as left",
    () => of(member, "gained").length === of(member, "lost").length + partitionCount,
  );
  expect(broken).toEqual([]);
});
