import { newId } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { migrations, schema } from "./migrations.ts";
import { forgetOldComparisons } from "./old-comparisons.ts";

const days = 90;
const stack = new AsyncDisposableStack();
let sql: Sql;
beforeAll(async () => {
  const { url } = stack.use(await testDatabase());
  await migrate(url, schema, migrations);
  const store = await openStore({ url, schema, name: "test", log: quietLog() });
  stack.defer(() => store.close());
  sql = store.sql;
});
beforeEach(async () => {
  await sql`truncate run, comparison, signature, run_difference, difference, difference_line, import, import_known`;
});
afterAll(() => stack.disposeAsync());

const compared = async (site: string, ageDays: number, saw = 1): Promise<string> => {
  const run = newId();
  await sql`insert into comparison values (${run}, ${site}, now() - ${ageDays} * interval '1 day', '{}')`;
  await sql`
    insert into run_difference (run, id, class, state, key, difference)
    select ${run}, gen_random_uuid(), 'duplicate', 'open', 'E' || number, '{}' from generate_series(1, ${saw}) as number`;
  return run;
};
const runsOf = async (table: "comparison" | "run_difference") =>
  (await sql<{ run: string }[]>`select distinct run from ${sql(table)} order by run`).map(({ run }) => run);

test("what old runs saw is forgotten, in however many parts; what was signed and the newest of each site stay", async () => {
  const old = await compared("north", days + 2, 5_001);
  const signed = await compared("north", days + 1);
  await sql`insert into signature values (${signed}, 'hash', 'ann', 'Ann', now(), '{}')`;
  const young = await compared("north", days - 1);
  const onlyOne = await compared("south", days * 4);
  await forgetOldComparisons(sql, days);
  const stay = [signed, young, onlyOne].toSorted();
  expect(await runsOf("comparison")).toEqual(stay);
  expect(await runsOf("run_difference")).toEqual(stay);
  expect(stay).not.toContain(old);
});

test("a difference that was settled and is seen no more is forgotten with its history, and no other is", async () => {
  const add = async (key: string, state: string, ageDays: number) => {
    const id = newId();
    await sql`
      insert into difference (site, id, fingerprint, class, state, key, last_run, last_seen_at, difference)
      values ('north', ${id}, ${key}, 'duplicate', ${state}, ${key}, ${newId()}, now() - ${ageDays} * interval '1 day', '{}')`;
    await sql`
      insert into difference_line (site, id, seq, at, what, by, difference) values ('north', ${id}, 1, now(), 'opened', 'tagwire', '{}')`;
  };
  for (const state of ["pending", "open", "acknowledged", "resolved", "false_positive", "gone"]) {
    await add(`old ${state}`, state, days + 1);
    await add(`young ${state}`, state, days - 1);
  }
  await forgetOldComparisons(sql, days);
  const left = await sql<{ key: string }[]>`
    select key from difference join difference_line using (site, id) where key like 'old %' order by key`;
  expect(left.map(({ key }) => key)).toEqual(["old acknowledged", "old open", "old pending"]);
  const [lines] = await sql<[{ count: number }]>`select count(*)::int as count from difference_line`;
  expect(lines.count).toBe(9);
});

test("what a site had when an import was previewed is kept for as long as that can be confirmed", async () => {
  const add = async (name: string, staged: boolean, state: string | null) => {
    const id = newId();
    await sql`
      insert into run (id, site, asked, state, started_at, staged, version, run) values (${id}, ${name}, '{}', 'done', now(), ${staged}, 1, '{}')`;
    await sql`insert into import_known values (${id}, 'item', ${name})`;
    if (state !== null) await sql`insert into import values (${id}, ${name}, now(), ${state}, '{}')`;
  };
  await add("previewed", true, null);
  await add("under way", true, "running");
  await add("ended early", true, "failed");
  await add("imported", true, "done");
  await add("not staged any more", false, null);
  await forgetOldComparisons(sql, days);
  const left = await sql<{ key: string }[]>`select key from import_known order by key`;
  expect(left.map(({ key }) => key)).toEqual(["ended early", "previewed", "under way"]);
});
