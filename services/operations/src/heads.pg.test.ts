import { expect, test } from "vitest";
import { findHeads } from "./store/heads.ts";
import type { TestOperations } from "./test-operations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* Where the log of a site is on its way, as the store itself says it; each test on a site of its own. */

let operations: TestOperations;
let site: string;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, site, told } = ground);
});

test("a site tells its owner, and since when its events have waited to leave", async () => {
  await told.stock(["x1", "x2"]);
  const { sql } = operations;
  const [first] = await sql<{ recorded_at: Date }[]>`
    select recorded_at from event where site = ${site} order by pos limit 1`;
  const { heads } = await findHeads(sql, site);
  expect(heads?.relayed).toBe(0);
  expect(heads?.owner).toEqual(expect.any(String));
  expect(heads?.unrelayedSince).toBe(first?.recorded_at.toISOString());

  await sql`insert into relay_mark (site, epoch, pos) select site, epoch, pos from site where site = ${site}`;
  expect((await findHeads(sql, site)).heads).toMatchObject({ relayed: heads?.pos, unrelayedSince: null });
});

test("a transaction that somebody leaves open is told by when it began", async () => {
  await told.stock(["x1"]);
  const { sql } = operations;
  const held = await sql.reserve();
  const [begun] = await held<{ at: Date }[]>`begin; select now() as at`
    .simple()
    .then((all) => all.flat() as { at: Date }[]);
  const [{ pid } = { pid: 0 }] = await held<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const { heads } = await findHeads(sql, site);
  const oldest = heads?.oldestTransactionAt ?? null;
  await held`rollback`;
  held.release();
  expect(oldest).not.toBeNull();
  expect(Date.parse(oldest ?? "")).toBeLessThanOrEqual(begun?.at.getTime() ?? 0);
  // On a machine that does much else somebody may have begun before.
  if (oldest === begun?.at.toISOString())
    expect(heads?.oldestTransactionBy).toMatch(new RegExp(`, process ${pid}$`));
  expect(heads?.hiddenSessions).toBe(0);
});

test("sessions that the database does not show to whoever asks are counted, since one of them may be open", async () => {
  await told.stock(["x1"]);
  const plain = `plain_${Math.random().toString(36).slice(2)}`;
  const heads = await operations.sql.begin(async (transaction) => {
    await transaction.unsafe(`create role ${plain}; grant usage on schema operations to ${plain};
        grant select on all tables in schema operations to ${plain}; set local role ${plain}`);
    const { heads: seen } = await findHeads(transaction as unknown as typeof operations.sql, site);
    await transaction`reset role`;
    await transaction.unsafe(`drop owned by ${plain}; drop role ${plain}`);
    return seen;
  });
  expect(heads?.hiddenSessions).toBeGreaterThan(0);
});

test("of a site that there is not there is nothing to tell", async () => {
  expect((await findHeads(operations.sql, "nowhere")).heads).toBeNull();
});
