import { inTransaction, migrate, openStore, type Sql } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addLines, holdSite } from "../store/lines.ts";
import { migrations, schema } from "../store/migrations.ts";
import { checkOwnLog } from "./check-own-log.ts";

const stack = new AsyncDisposableStack();
let sql: Sql;

beforeAll(async () => {
  const { url } = stack.use(await testDatabase());
  await migrate(url, schema, migrations);
  const store = await openStore({ url, schema, name: "test", log: quietLog() });
  stack.defer(store.close);
  ({ sql } = store);
});
afterAll(() => stack.disposeAsync());

const audited = { what: "audited", at: "2026-05-04T09:00:00.000Z", by: "tagwire", why: null, data: {} };

const add = (site: string, lines: Parameters<typeof addLines>[3]) =>
  inTransaction(sql, async (transaction) =>
    addLines(transaction, site, await holdSite(transaction, site), lines),
  );

/** What so many audits in a row say of the log, each from where the one before ended. */
const turns = async (site: string, count: number): Promise<string[][]> => {
  const all: string[][] = [];
  let [from, findingsFrom]: [number, string | null] = [0, null];
  for (let at = 0; at < count; at += 1) {
    const turn = { from, findingsFrom, share: 0, silencedBefore: [] };
    const { found, until, findingsUntil } = await checkOwnLog(sql, site, turn);
    all.push(found.map(({ code, entity, key }) => `${code} ${entity} ${key}`));
    [from, findingsFrom] = [until, findingsUntil];
  }
  return all;
};

test("a line is found to be changed however long ago it was written, and for as long as it is", async () => {
  const site = "old";
  await add(
    site,
    Array.from({ length: 3_200 }, () => audited),
  );
  expect((await turns(site, 4)).flat()).toEqual([]);
  await sql`update line set by = 'mallory' where site = ${site} and seq = 1500`;
  // The first turn is of the lines before it.
  expect(await turns(site, 4)).toEqual([
    [],
    ["findings_changed line 1500"],
    ["findings_changed line 1500"],
    ["findings_changed line 1500"],
  ]);
  await sql`update line set by = 'tagwire' where site = ${site} and seq = 1500`;
  expect((await turns(site, 4)).flat()).toEqual([]);
});

test.each([
  {
    what: "the last line is gone",
    hurt: () => sql`delete from line where site = 'short' and seq = 30`,
    key: 30,
  },
  { what: "a line is gone", hurt: () => sql`delete from line where site = 'short' and seq = 7`, key: 7 },
  {
    what: "the first line is gone",
    hurt: () => sql`delete from line where site = 'short' and seq = 1`,
    key: 1,
  },
  {
    what: "a line says another time",
    hurt: () => sql`update line set at = at + interval '1 second' where site = 'short' and seq = 12`,
    key: 12,
  },
])("of a log of which $what, that line is told", async ({ hurt, key }) => {
  await sql`delete from line where site = 'short'`;
  await sql`delete from audited_site where site = 'short'`;
  await add(
    "short",
    Array.from({ length: 30 }, () => audited),
  );
  expect(await turns("short", 1)).toEqual([[]]);
  await hurt();
  expect(await turns("short", 1)).toEqual([[`findings_changed line ${key}`]]);
});

test("a finding that somebody closes past the log is told", async () => {
  const site = "silenced";
  const id = "01890000-0000-7000-8000-000000000001";
  const open = { state: "open", resolution: null };
  await add(site, [{ ...audited, what: "opened", finding: id, data: open }]);
  await sql`
    insert into finding (site, id, fingerprint, state, code, last_seen_at, missed, finding)
    values (${site}, ${id}, 'f', 'open', 'field_diff', now(), 0, ${JSON.stringify(open)}::text::jsonb)`;
  expect(await turns(site, 1)).toEqual([[]]);
  await sql`update finding set state = 'closed' where id = ${id}`;
  expect(await turns(site, 1)).toEqual([[`findings_changed finding ${id}`]]);
  await sql`update finding set state = 'open', finding = finding || '{"resolution": "accepted_difference"}' where id = ${id}`;
  expect(await turns(site, 1)).toEqual([[`findings_changed finding ${id}`]]);
  await sql`update finding set state = 'open', finding = '{"state": "open", "resolution": null, "severity": "medium"}' where id = ${id}`;
  const { found } = await checkOwnLog(sql, site, {
    ...{ from: 0, findingsFrom: null, share: 0, silencedBefore: [] },
  });
  expect(found.map(({ evidence }) => evidence.detail)).toEqual([
    "its severity is medium, and the log says nothing: nobody did that through Tagwire",
  ]);
});

const idOf = (at: number): string => `01890000-0000-7000-8000-${String(at).padStart(12, "0")}`;

test("a finding that somebody deletes is told, and one that nobody found through Tagwire", async () => {
  const site = "deleted";
  const closed = { state: "closed" };
  await add(site, [{ ...audited, what: "closed", finding: idOf(7), data: closed }]);
  const put = (id: string) => sql`
    insert into finding (site, id, fingerprint, state, code, last_seen_at, missed, finding)
    values (${site}, ${id}, ${id}, 'closed', 'field_diff', now(), 0, ${JSON.stringify(closed)}::text::jsonb)`;
  await put(idOf(7));
  expect(await turns(site, 1)).toEqual([[]]);
  await sql`delete from finding where site = ${site}`;
  expect(await turns(site, 2)).toEqual(
    Array.from({ length: 2 }, () => [`findings_changed finding ${idOf(7)}`]),
  );
  await put(idOf(7));
  await put(idOf(8));
  expect(await turns(site, 1)).toEqual([[`findings_changed finding ${idOf(8)}`]]);
});

test("of however many findings all are held against the log by turns, and one that was not as it tells until it is", async () => {
  const site = "many";
  const closed = { state: "closed" };
  const all = Array.from({ length: 3_500 }, (_, at) => idOf(at + 1));
  await add(
    site,
    all.map((finding) => ({ ...audited, what: "closed", finding, data: closed })),
  );
  // Later ones were seen later, and their lines are the newest: nothing but its turn comes to an early one.
  await sql`
    insert into finding (site, id, fingerprint, state, code, last_seen_at, missed, finding)
    select ${site}, id::uuid, id, 'closed', 'field_diff', now() + at * interval '1 ms', 0, ${JSON.stringify(closed)}::text::jsonb
    from unnest(${all}::text[]) with ordinality as given (id, at)`;
  expect((await turns(site, 4)).flat()).toEqual([]);
  const [gone, wrong] = [idOf(1_200), idOf(300)];
  await sql`delete from finding where site = ${site} and id = ${gone}`;
  await sql`update finding set state = 'open' where site = ${site} and id = ${wrong}`;
  expect(await turns(site, 4)).toEqual([
    [`findings_changed finding ${wrong}`],
    [`findings_changed finding ${gone}`],
    [],
    [],
  ]);
  const turn = { from: 0, findingsFrom: idOf(2_000), share: 0, silencedBefore: [gone] };
  const { found, findingsUntil } = await checkOwnLog(sql, site, turn);
  expect(found.map(({ key }) => key)).toEqual([gone]);
  expect(findingsUntil).toBe(idOf(3_000));
});
