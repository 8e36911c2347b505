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
    options: {
      ttlMs: number;
      gained?: (partition: number) => Promise<void>;
      lost?: (partition: number) => Promise<void>;
    },
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
      lost: async (partition) => {
        note("lost", partition);
        await options.lost?.(partition);
      },
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

test("a partition that is slow to leave delays only its next owner: the others are handed over, and what is kept is renewed", async () => {
  await using site = await testLeases();
  const gate = Promise.withResolvers<void>();
  const slow = partitionCount - 1;
  const first = await site.join("first", {
    ttlMs: 6_000,
    lost: (partition) => (partition === slow ? gate.promise : Promise.resolve()),
  });
  const epoch = first.leases.epochOf(slow) ?? 0;
  const untilOf = async (partition: number) => {
    const [row] = await first.sql<
      [{ until: Date }]
    >`select until from partition where partition = ${partition}`;
    return row.until.getTime();
  };
  const second = await site.join("second", { ttlMs: 6_000 });
  await eventually("all but one handed over", () => second.leases.owned().length === partitionCount / 2 - 1);
  const before = await Promise.all([0, slow].map(untilOf));
  await eventually("the kept ones and the one that leaves are renewed", async () => {
    const now = await Promise.all([0, slow].map(untilOf));
    return now.every((until, index) => until > (before[index] ?? 0));
  });
  expect(of(first, "lost").map(({ partition }) => partition)).toEqual(all.slice(partitionCount / 2));
  expect(partitionsOf(first)).toEqual(all.slice(0, partitionCount / 2));
  expect(second.leases.owned()).not.toContain(slow);

  gate.resolve();
  await eventually("handed over", () => second.leases.owned().includes(slow));
  expect(second.leases.epochOf(slow)).toBe(epoch + 1);
  expect(of(first, "lost")).toHaveLength(partitionCount / 2);
  expect(site.overlaps).toEqual([]);
});

test("a process that stops keeps what it serves until its work has ended", async () => {
  await using site = await testLeases();
  const gate = Promise.withResolvers<void>();
  const first = await site.join("first", { ttlMs: 6_000, lost: () => gate.promise });
  const stopping = first.leases.stop();
  const second = await site.join("second", { ttlMs: 6_000 });
  const untilOf = async () =>
    (await first.sql<{ until: Date }[]>`select until from partition where partition = 0`)[0]?.until ??
    new Date(0);
  const before = await untilOf();
  await eventually("renewed", async () => (await untilOf()) > before);
  expect(second.leases.owned()).toEqual([]);
  expect(of(first, "lost")).toHaveLength(partitionCount);
  gate.resolve();
  await stopping;
  await eventually("taken over", () => second.leases.owned().length === partitionCount);
});
