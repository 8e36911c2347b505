import type { Leases } from "@tagwire/actor";
import { Fault, futureToleranceMs, Instant, partitionOf, type Receipt } from "@tagwire/messages";
import { eventually, testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import { Compile } from "typebox/compile";
import { describe, expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { createAct, scanAct } from "./actors/test-acts.ts";
import { listSites } from "./store/sites.ts";
import {
  beginSite,
  createSiteCommand,
  expectSound,
  type Member,
  readLog,
  tellActs,
  testOperations,
} from "./test-operations.ts";

const site = "north";
const partition = partitionOf(site);

/** Leases of a process that does not doubt them, whatever the store says. */
const unshaken = (epoch: number): Leases & { readonly given: number[] } => {
  const given: number[] = [];
  return {
    epochOf: () => epoch,
    owned: () => [partition],
    lose: (one) => void given.push(one),
    stop: async () => {},
    given,
  };
};

const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "accepted",
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );

test("a process whose partition was taken commits nothing, forgets, and steps down", async () => {
  await using operations = await testOperations(await testDatabase());
  const { sql } = operations;
  const before = await operations.member();
  await beginSite(before, site);
  await tellActs(before, site, [createAct("a1"), createAct("b1")]);

  // Another process takes the partition; the first one has not heard of it.
  await sql`update partition set owner = 'successor', epoch = epoch + 1 where partition = ${partition}`;
  const [row] = await sql<[{ epoch: number }]>`select epoch from partition where partition = ${partition}`;
  const after = await operations.member({ owner: "successor", leases: unshaken(row.epoch) });
  expect(before.leases().epochOf(partition)).toBe(row.epoch - 1);

  const late = scanAct("a1", { type: "rental", contract: "C-1" });
  const outcomes = await Promise.all([
    refusal(tellActs(before, site, [late])),
    refusal(tellActs(after, site, [scanAct("b1", { place: "dock" })])),
  ]);
  expect(outcomes).toEqual(["lease.lost", "accepted"]);
  expect(before.turns.head(site)).toBeUndefined();
  expect(before.leases().owned()).not.toContain(partition);
  await eventually("stepped down", () => before.lost.includes(partition));
  expect(await refusal(tellActs(before, site, [late]))).toBe("unavailable");

  const { log } = await expectSound(sql, site);
  expect(log.map(({ type }) => type)).toEqual([
    "site.created.v1",
    "item.created.v1",
    "item.created.v1",
    "item.sighted.v1",
  ]);
  expect(await sql`select 1 from receipt where id = ${late.id}`).toHaveLength(0);
  // The same scan finds the new owner and is decided once.
  expect(await tellActs(after, site, [late])).toMatchObject([
    { receipt: { outcome: "accepted", event: { pos: 5 } } },
  ]);
});

test("a lease that ran out fences even when nobody else has come", async () => {
  await using operations = await testOperations(await testDatabase());
  // Renewed every third of that, which must not come between the loss and the turn that finds it, on a slow machine neither.
  const member = await operations.member({ ttlMs: 6_000 });
  await beginSite(member, site);
  await operations.sql`update partition set until = clock_timestamp() where partition = ${partition}`;
  expect(await refusal(tellActs(member, site, [createAct("a1")]))).toBe("lease.lost");
  expect((await readLog(operations.sql, site)).length).toBe(1);
  // Renewed, it is the owner again and goes on where the log ends.
  const create2 = createAct("a1");
  await eventually(
    "owner again",
    async () => (await refusal(tellActs(member, site, [create2]))) === "accepted",
  );
  await expectSound(operations.sql, site);
});

test("a turn begun under an earlier lease of the same process is void", async () => {
  await using operations = await testOperations(await testDatabase());
  const { sql } = operations;
  const before = await operations.member();
  await beginSite(before, site);
  // The process lost the partition and gained it again: same owner, same head, another lease.
  await sql`update partition set epoch = epoch + 1 where partition = ${partition}`;
  const [row] = await sql<[{ epoch: number }]>`select epoch from partition where partition = ${partition}`;
  const stale = await operations.member({ owner: before.owner, leases: unshaken(row.epoch - 1) });
  expect(await refusal(tellActs(stale, site, [createAct("a1")]))).toBe("lease.lost");
  expect((await readLog(sql, site)).length).toBe(1);
  const current = await operations.member({ owner: before.owner, leases: unshaken(row.epoch) });
  expect(await refusal(tellActs(current, site, [createAct("a1")]))).toBe("accepted");
});

test.each([1, 1_500])(
  "%d quarantined scans handed in twice are answered with what was kept",
  async (count) => {
    await using operations = await testOperations(await testDatabase());
    const member = await operations.member();
    await beginSite(member, site);
    const scans = Array.from({ length: count }, (_, index) => scanAct(`stray-${index}`));
    const first = await tellActs(member, site, scans);
    const again = await tellActs(member, site, scans);
    const receiptOf = (answer: (typeof first)[number]) =>
      answer instanceof Error ? answer.message : answer.receipt;
    expect(
      new Set(first.map((answer) => (answer instanceof Error ? answer.message : answer.receipt.outcome))),
    ).toEqual(new Set(["quarantined"]));
    expect(again.map(receiptOf)).toEqual(
      first.map((answer) => ({ ...(receiptOf(answer) as Receipt), replayed: true })),
    );
    expect((await readLog(operations.sql, site)).length).toBe(1 + count);
  },
);

test("any instant that may be said is kept as it was said, and the chain holds", async () => {
  await using operations = await testOperations(await testDatabase());
  const member = await operations.member();
  await beginSite(member, site);
  await tellActs(member, site, [createAct("a1")]);
  const isInstant = Compile(Instant);
  const instants = fc.sample(
    fc
      .date({
        min: new Date("1000-01-02T00:00:00Z"),
        max: new Date("9998-12-31T00:00:00Z"),
        noInvalidDate: true,
      })
      .map((date) => date.toISOString()),
    200,
  );
  instants.push(
    "1000-01-02T00:00:00+23:59",
    "1582-10-10T00:00:00Z",
    "1883-11-18T12:03:57Z",
    "2026-03-08T02:30:00-06:00",
  );
  expect(instants.filter((text) => !isInstant.Check(text))).toEqual([]);
  await tellActs(
    member,
    site,
    instants.map((scannedAt) => scanAct("a1", { scannedAt })),
  );

  const { log } = await expectSound(operations.sql, site);
  const kept = log
    .slice(2)
    .map(({ scannedAt, receivedAt }) => (scannedAt === receivedAt ? "received" : scannedAt));
  // What lies ahead of its receipt counts for when it came; everything else is the same instant.
  const expected = log.slice(2).map(({ receivedAt }, index) => {
    const said = Date.parse(instants[index] ?? "");
    return said > Date.parse(receivedAt) + futureToleranceMs ? "received" : new Date(said).toISOString();
  });
  expect(kept).toEqual(expected);
});

describe("two processes that both believe to own a site", () => {
  const tags = ["a1", "b1", "c1", "d1"];
  const rounds = 40;

  /** As a caller does: the same acts again until they are answered. */
  const insist = async (
    member: Member,
    acts: readonly Act[],
  ): Promise<{ receipts: Receipt[]; refused: number }> => {
    for (let refused = 0; refused < 200; refused += 1) {
      try {
        const answers = await tellActs(member, site, acts);
        return { refused, receipts: answers.flatMap((one) => (one instanceof Error ? [] : [one.receipt])) };
      } catch (error) {
        if (!(error instanceof Fault && error.code === "lease.lost")) throw error;
      }
    }
    throw new Error("never answered");
  };

  test("make one history: dense positions, one chain, each scan applied once", async () => {
    await using operations = await testOperations(await testDatabase());
    const { sql } = operations;
    // The very same owner and epoch, so that the lease lets both through: only the head is left to decide.
    await sql`update partition set owner = 'twin', epoch = 1, until = 'infinity'`;
    const believing = [unshaken(1), unshaken(1)];
    const twins = await Promise.all(believing.map((leases) => operations.member({ owner: "twin", leases })));
    const [left, right] = twins as [Member, Member];
    await beginSite(left, site);
    await tellActs(
      left,
      site,
      tags.map((tag) => createAct(tag)),
    );

    const types = ["rental", "return", "touch", "stage"] as const;
    const own = (side: number) =>
      Array.from({ length: rounds }, (_, round) => [
        scanAct(tags[(round + side) % tags.length] ?? "", {
          type: types[round % types.length] ?? "touch",
          contract: `C-${round % 3}`,
        }),
      ]);
    const both = Array.from({ length: rounds }, (_, round) => [
      scanAct(tags[round % tags.length] ?? "", { type: "rental", contract: `C-${round}` }),
    ]);
    const run = async (member: Member, requests: readonly (readonly Act[])[]) => {
      const results: Awaited<ReturnType<typeof insist>>[] = [];
      // Some at once, some one after the other: batches form on both sides.
      for (const request of requests) {
        results.push(...(await Promise.all([insist(member, request), insist(member, [scanAct("a1")])])));
      }
      return results;
    };
    const interleave = <T>(a: readonly T[], b: readonly T[]) =>
      a.flatMap((one, index) => [one, b[index] as T]);
    const [fromLeft, fromRight] = await Promise.all([
      run(left, interleave(own(0), both)),
      run(right, interleave(own(1), both)),
    ]);

    const { log } = await expectSound(sql, site);
    const byScan = Map.groupBy(
      log.filter(({ scanId }) => scanId !== undefined),
      ({ scanId }) => scanId,
    );
    expect([...byScan.values()].filter((events) => events.length > 1)).toEqual([]);
    const results = [...fromLeft, ...fromRight];
    for (const { receipts } of results) {
      for (const { id, event } of receipts) {
        if (event !== undefined) expect(log[event.pos - 1]?.scanId).toBe(id);
      }
    }
    // Scans told to both have one receipt, whoever was first.
    const stored = await sql<{ id: string; receipt: Receipt }[]>`select id::text, receipt from receipt`;
    expect(stored.length).toBe(tags.length + rounds * 2 * 2 + rounds * 3);
    // The fence was needed: without losers this test would prove nothing.
    expect(results.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
    expect(believing.flatMap(({ given }) => given).every((one) => one === partition)).toBe(true);
    // What each side offered to the stream is together the log, each event once.
    const offered = twins.flatMap(({ said }) => said.get(site) ?? []);
    expect(offered.map(({ pos }) => pos).toSorted((a, b) => a - b)).toEqual(log.map(({ pos }) => pos));
  });
});

test("a commit whose fate is not known is forgotten, and the events before it still find the stream", async () => {
  await using operations = await testOperations(await testDatabase());
  const { sql } = operations;
  const member = await operations.member();
  await beginSite(member, site);
  await tellActs(member, site, [createAct("a1")]);

  const first = scanAct("a1", { place: "dock" });
  const asked = await sql.begin(async (blocker) => {
    await blocker`select 1 from site where site = ${site} for update`;
    const told = refusal(tellActs(member, site, [first]));
    await eventually("the commit waits, and its connection is cut", async () => {
      const cut = await sql<{ cut: boolean }[]>`
        select pg_terminate_backend(pid) as cut from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`;
      return cut.length > 0;
    });
    return { told };
  });
  expect(await asked.told).not.toBe("accepted");
  expect(member.turns.head(site)).toBeUndefined();

  expect(await tellActs(member, site, [first])).toMatchObject([
    { receipt: { outcome: "accepted", replayed: false } },
  ]);
  // No mark says that any event is in the stream, so the road begins at the beginning.
  expect(member.adopted.at(-1)).toEqual({ site, mark: 0, head: 2 });
  await expectSound(sql, site);
});

describe("sites", () => {
  const begin = (member: Member, name: string) =>
    member.turns.tell(site, {
      kind: "create-site",
      command: { ...createSiteCommand(site), body: { id: site, name, timeZone: "Europe/Berlin" } },
    });

  test("are begun once, and a second site of that name is refused", async () => {
    await using operations = await testOperations(await testDatabase());
    const member = await operations.member();
    await beginSite(member, site);
    expect(await begin(member, site)).toMatchObject({ created: false, site: { pos: 1 } });
    expect(await begin(member, "elsewhere")).toMatchObject({ code: "site_exists" });
    expect(await tellActs(member, "south", [createAct("a1")])).toMatchObject([{ code: "site_unknown" }]);
  });

  test("that could not be begun leave their id free for whoever corrects the name", async () => {
    await using operations = await testOperations(await testDatabase());
    const { sql } = operations;
    // It believes in a lease that the store does not know, so its row is made and its commit is void.
    const mistaken = await operations.member({ leases: unshaken(99) });
    expect(await begin(mistaken, "Nroth")).toMatchObject({ code: "lease.lost" });
    expect(await sql`select pos from site`).toMatchObject([{ pos: 0 }]);

    const member = await operations.member();
    expect(await begin(member, "North")).toMatchObject({ created: true, site: { name: "North", pos: 1 } });
    expect(await listSites(sql)).toMatchObject([{ id: site, name: "North" }]);
    const { log } = await expectSound(sql, site);
    expect(log).toMatchObject([{ type: "site.created.v1", data: { name: "North" } }]);
    expect(await begin(member, "Nroth")).toMatchObject({ code: "site_exists" });
  });

  test("leave nothing behind where a process knows that it is not their owner", async () => {
    await using operations = await testOperations(await testDatabase());
    const nobody = await operations.member({ leases: { ...unshaken(1), epochOf: () => undefined } });
    expect(await begin(nobody, "North")).toMatchObject({ code: "unavailable" });
    expect(await operations.sql`select 1 from site`).toHaveLength(0);
  });
});
