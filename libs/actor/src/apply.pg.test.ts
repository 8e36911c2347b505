import { Fault, type LoggedEvent } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { type ApplierOptions, createApplier } from "./apply.ts";
import { createPositions } from "./positions.ts";
import { projectionTables } from "./projection.ts";
import { chainOf, extend } from "./test-chain.ts";

// No key: an event applied twice would stand there twice.
const diary = {
  name: "diary-1",
  sql: "create table diary (site text, pos bigint check (pos < 1000), said text)",
};

const opened = async (overrides: Partial<ApplierOptions> = {}) => {
  const database = await testDatabase();
  await migrate(database.url, "test", [projectionTables, diary]);
  const store = await openStore({ url: database.url, schema: "test", name: "test", log: quietLog() });
  const committed: LoggedEvent[][] = [];
  const positions = createPositions();
  const applier = createApplier({
    name: "diary",
    sql: store.sql,
    positions,
    apply: async (transaction, events) => {
      for (const { data } of events) if ("poison" in data) throw new Error(String(data.poison));
      const rows = events.map(({ site, pos, data }) => ({ site, pos, said: data.said ?? null }));
      await transaction`
        insert into diary select site, pos, said
        from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, pos bigint, said text)`;
    },
    reset: async (transaction, site) => {
      await transaction`delete from diary where site = ${site}`;
    },
    fence: async () => {},
    committed: (events) => void committed.push([...events]),
    log: quietLog(),
    ...overrides,
  });
  await applier.load();
  return {
    sql: store.sql,
    applier,
    positions,
    committed,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
};

const diaryOf = async (sql: Sql): Promise<string[]> => {
  const rows = await sql<{ site: string; pos: number }[]>`select site, pos from diary order by site, pos`;
  return rows.map(({ site, pos }) => `${site}${pos}`);
};
const parkedOf = async (sql: Sql) =>
  sql<{ pos: number; key: string; error: string; event: LoggedEvent }[]>`select * from parked order by pos`;

test("rows, positions and checkpoint move together, and a repeat changes nothing", async () => {
  await using it = await opened();
  const { events } = chainOf("a", 5);
  await it.applier.startEpoch("a", 1);
  await it.applier.applyDense(events.slice(0, 3), 17);
  await it.applier.applyDense(events, 19);
  expect(await diaryOf(it.sql)).toEqual(["a1", "a2", "a3", "a4", "a5"]);
  expect(it.committed.map((run) => run.map(({ pos }) => pos))).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(await it.applier.resumeFrom()).toBe(19);
  it.positions.replace([]);
  await it.applier.load();
  expect(it.positions.of("a")).toEqual({ epoch: 1, pos: 5, hash: events[4]?.hash });
});

test.each([
  { what: "the fence holds", error: new Fault("lease.lost", "") },
  { what: "the connection breaks", error: Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" }) },
])("when $what nothing is written, parked or said", async ({ error }) => {
  let held = false;
  await using it = await opened({
    fence: async () => {
      if (held) throw error;
    },
  });
  const { events } = chainOf("a", 3);
  await it.applier.startEpoch("a", 1);
  held = true;
  await expect(it.applier.applyDense(events, 9)).rejects.toBe(error);
  await expect(it.applier.startEpoch("a", 2)).rejects.toBe(error);
  expect(await diaryOf(it.sql)).toEqual([]);
  expect(await parkedOf(it.sql)).toHaveLength(0);
  expect(it.committed).toEqual([]);
  expect(it.positions.of("a").pos).toBe(0);
  held = false;
  await it.applier.applyDense(events, 9);
  expect(await diaryOf(it.sql)).toEqual(["a1", "a2", "a3"]);
});

test.each([
  { what: "our own code refuses", data: { poison: "no" }, error: /no/ },
  { what: "the database refuses", data: { said: "nul \u0000 byte" }, error: /unicode|0000/i },
])(
  "an event that $what is parked; its key waits behind it, across restarts, and others flow",
  async ({ data, error }) => {
    await using it = await opened();
    await it.applier.startEpoch("a", 1);
    const chain = chainOf("a", 0);
    extend(chain, 2, (pos) => ({ tag: pos === 1 ? "BAD" : "GOOD" }));
    extend(chain, 1, () => ({ tag: "BAD", data }));
    extend(chain, 2, (pos) => ({ tag: pos === 4 ? "BAD" : "GOOD" }));
    await it.applier.applyDense(chain.events, 5);
    expect(await diaryOf(it.sql)).toEqual(["a1", "a2", "a5"]);
    expect(it.committed.map((run) => run.map(({ pos }) => pos))).toEqual([[1, 2], [5]]);

    await it.applier.load();
    await it.applier.applyDense(
      extend(chain, 2, (pos) => ({ tag: pos === 6 ? "BAD" : "GOOD" })),
      7,
    );
    expect(await diaryOf(it.sql)).toEqual(["a1", "a2", "a5", "a7"]);
    const parked = await parkedOf(it.sql);
    expect(parked.map(({ pos, key }) => [pos, key])).toEqual([
      [3, "BAD"],
      [4, "BAD"],
      [6, "BAD"],
    ]);
    expect(parked[0]?.error).toMatch(error);
    expect(parked[0]?.event).toEqual(chain.events[2]);
    expect(it.positions.of("a").pos).toBe(7);
  },
);

test("an event without a tag keeps back what is about the same contract or session, and nothing else of its kind", async () => {
  await using it = await opened();
  await it.applier.startEpoch("a", 1);
  const chain = chainOf("a", 0);
  const type = "contract.closed.v1";
  extend(chain, 1, () => ({ type, contract: "1001", data: { poison: "no" } }));
  for (const contract of ["1002", "1001", "1003"]) extend(chain, 1, () => ({ type, contract }));
  await it.applier.applyDense(chain.events, 4);
  expect(await diaryOf(it.sql)).toEqual(["a2", "a4"]);
  expect((await parkedOf(it.sql)).map(({ pos, key }) => [pos, key])).toEqual([
    [1, "1001"],
    [3, "1001"],
  ]);
});

test("one bad event among many is found in a few attempts, each a transaction of its own", async () => {
  let attempts = 0;
  const transactions = new Set<string>();
  const applied: number[] = [];
  await using it = await opened({
    apply: async (transaction, events) => {
      attempts += 1;
      const [row] = await transaction<{ id: string }[]>`select pg_current_xact_id()::text as id`;
      transactions.add(row?.id ?? "");
      if (events.some(({ data }) => "poison" in data)) throw new Error("no");
      applied.push(...events.map(({ pos }) => pos));
    },
  });
  await it.applier.startEpoch("a", 1);
  const chain = chainOf("a", 0);
  extend(chain, 1_000, (pos) => ({ tag: `T${pos}`, data: pos === 700 ? { poison: "no" } : {} }));
  await it.applier.applyDense(chain.events, 5);
  const others = chain.events.map(({ pos }) => pos).filter((pos) => pos !== 700);
  expect(applied).toEqual(others);
  expect((await parkedOf(it.sql)).map(({ pos }) => pos)).toEqual([700]);
  // Once as they are, then two for each halving; none shares its time with another.
  expect(attempts).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(1_000)));
  expect(transactions.size).toBe(attempts);
  expect(await it.applier.resumeFrom()).toBe(5);
});

test("even an event that Postgres cannot hold as text is put aside", async () => {
  await using it = await opened();
  await it.applier.startEpoch("a", 1);
  const chain = chainOf("a", 0);
  extend(chain, 1, () => ({ tag: "B\u0000D", data: { poison: "p\u0000ison" } }));
  extend(chain, 1, () => ({ tag: "GOOD" }));
  await it.applier.applyDense(chain.events, 2);
  expect(await diaryOf(it.sql)).toEqual(["a2"]);
  expect((await parkedOf(it.sql))[0]?.event.data).toEqual({ poison: "p\u0000ison" });
  await it.applier.load();
  await it.applier.applyDense(
    extend(chain, 1, () => ({ tag: "B\u0000D" })),
    3,
  );
  expect(await parkedOf(it.sql)).toHaveLength(2);
});

test("a later epoch begins with nothing of the earlier one, parked keys included; other sites stay", async () => {
  await using it = await opened();
  await it.applier.startEpoch("a", 1);
  await it.applier.startEpoch("b", 1);
  const first = chainOf("a", 0);
  extend(first, 2, (pos) => ({ tag: "X", data: pos === 2 ? { poison: "no" } : {} }));
  await it.applier.applyDense([...first.events, ...chainOf("b", 1).events], 3);
  await it.applier.startEpoch("a", 2);
  expect(it.positions.of("a")).toEqual({ epoch: 2, pos: 0, hash: "" });
  const second = chainOf("a", 0, 2);
  await it.applier.applyDense(
    extend(second, 2, () => ({ tag: "X" })),
    4,
  );
  expect(await diaryOf(it.sql)).toEqual(["a1", "a2", "b1"]);
  expect(await parkedOf(it.sql)).toHaveLength(0);
});
